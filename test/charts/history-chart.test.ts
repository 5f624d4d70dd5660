import { describe, expect, it } from "vitest";
import { type EpochEnd, createEngine, dense, historyChart, mse } from "../../src/index.ts";
import { sequential, sgd } from "../../src/index.ts";
import { floats, wrong } from "../engine/fixtures.ts";

/** Epochs with these losses, and more. */
const epochsOf = (losses: readonly number[], more: (i: number) => object = () => ({})) =>
  losses.map((loss, epoch): EpochEnd => ({ epoch, loss, seconds: 1, ...more(epoch) }));

const chartOf = (epochs: EpochEnd[]) => historyChart({ epochs });

/** Returns what stands behind each occurrence of a start, up to a quote or a tag. */
const all = (text: string, start: string) =>
  [...text.matchAll(new RegExp(`${start}([^"<]*)`, "g"))].map(([, found]) => found);

/** Returns the texts of the elements of a class. */
const texts = (chart: string, name: string) =>
  [...chart.matchAll(new RegExp(`<text class="${name}"[^>]*>([^<]*)<`, "g"))].map(([, t]) => t);

describe("historyChart", () => {
  it("draws the losses over epochs, on a scale from zero", () => {
    const chart = chartOf(epochsOf([4, 2, 1], (i) => ({ validationLoss: 3 - i })));
    expect(all(chart, 'class="training" d="')).toEqual(["M0 0L500 100L1000 150"]);
    expect(all(chart, 'class="validation" d="')).toEqual(["M0 50L500 100L1000 150"]);
    expect(texts(chart, "tick")).toEqual(["0", "1", "2", "3", "4", "1", "2", "3", "epoch"]);
    expect(texts(chart, "panel")).toEqual(["loss"]);
    expect(all(chart, '<tspan x="80.5%">')).toEqual(["training", "validation"]);
    expect(all(chart, 'dy="15">')).toEqual(["1.0000", "1.0000"]);
  });

  it("has a panel for accuracy where the model counts it", () => {
    const more = (i: number) => ({ accuracy: i / 4, validationAccuracy: i / 5 });
    const chart = chartOf(epochsOf([4, 2, 1], more));
    expect(texts(chart, "panel")).toEqual(["loss", "accuracy"]);
    expect(all(chart, 'class="training" d="').length).toBe(2);
    expect(all(chart, 'class="validation" d="').length).toBe(1);
    expect(all(chart, 'dy="15">')).toEqual(["1.0000", "0.5000", "0.4000"]);
  });

  it("looks closer at curves that are far from zero, or below it", () => {
    const ticks = (losses: number[]) => texts(chartOf(epochsOf(losses)), "tick").slice(0, -3);
    expect(ticks([100.4, 100])).toEqual(["100.0", "100.1", "100.2", "100.3", "100.4"]);
    expect(ticks([-4, 4])).toEqual(["-4", "-2", "0", "2", "4"]);
    expect(ticks([0, 0])[0]).toBe("0.00");
    expect(ticks([3e7, 1e6]).at(-1)).toBe("3.0e+7");
  });

  it("leaves a gap at values that are not finite, and marks those between gaps", () => {
    const chart = chartOf(epochsOf([3, 2, NaN, 1, Infinity, 2, 1]));
    const [path] = all(chart, 'class="training" d="');
    expect(path!.match(/[ML]/g)!.join("")).toBe("MLMML");
    expect(all(chart, 'class="training-label" cx="').length).toBe(1);
    expect(all(chartOf(epochsOf([2])), 'class="training-label" cx="')).toEqual(["46%"]);
    expect(chartOf(epochsOf([NaN]))).toContain("NaN");
    expect(chartOf(epochsOf([NaN, NaN])).replace(/>NaN</, "")).not.toContain("NaN");
  });

  it("names few epochs, the first and the last among them", () => {
    for (const count of [2, 3, 7, 10, 30, 99, 100, 1234]) {
      const chart = chartOf(epochsOf(Array.from({ length: count }, (_, i) => 1 / (i + 1))));
      const ticks = all(chart, 'text-anchor="middle">').slice(0, -1).map(Number);
      expect(ticks[0]).toBe(1);
      expect(ticks.at(-1)).toBe(count);
      expect(ticks.length).toBeLessThanOrEqual(7);
      expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b));
    }
  });

  it("moves labels apart that would cover each other, inside of the panel", () => {
    for (const [first, last] of [
      [1, 0],
      [1, 0.5],
      [0, 1],
    ] as const) {
      const chart = chartOf(epochsOf([first, last], () => ({ validationLoss: last })));
      const [one, other] = all(chart, '-label" y="').map(Number);
      expect(Math.abs(one! - other!)).toBeGreaterThanOrEqual(32);
      for (const y of [one!, other!]) {
        expect(y).toBeGreaterThanOrEqual(44 + 34);
        expect(y + 15).toBeLessThanOrEqual(44 + 34 + 200);
      }
    }
  });

  it("is a page by itself, with nothing that a title could add", () => {
    const title = '</svg><script>alert("&")</script>';
    const history = { epochs: epochsOf([2, 1]) };
    const page = historyChart(history, { format: "html", title });
    expect(page.startsWith("<!doctype html>")).toBe(true);
    expect(page).not.toContain("<script");
    expect(page).not.toMatch(/https?:(?!\/\/www\.w3\.org\/2000\/svg")/);
    expect(page).toContain("&lt;/svg>&lt;script>alert(&quot;&amp;&quot;)");
    expect(page).toContain("prefers-color-scheme: dark");
    expect(page).toContain(historyChart(history, { title }));
  });

  it("takes the history of a fit", async () => {
    const engine = await createEngine();
    const options = { inputShape: [2], loss: mse(), optimizer: sgd() };
    const model = engine.compile(sequential([dense(1)]), options);
    const data = { x: floats(8, 1), y: floats(4, 2) };
    const history = await model.fit(data, { epochs: 3, validation: data });
    expect(historyChart(history)).toContain("Training history: loss of 3 epochs");
    engine.dispose();
  });

  it.each([
    [
      undefined,
      TypeError,
      "expected history to be a result of fit, with at least 1 epoch, got undef",
    ],
    [{ epochs: [{}] }, TypeError, "expected history to be a result of fit, with at least 1 epoch"],
    [{ epochs: [] }, RangeError, "with at least 1 epoch, got 0 epochs"],
  ])("refuses %j", (history, type, text) => {
    expect(() => historyChart(wrong(history))).toThrow(type);
    expect(() => historyChart(wrong(history))).toThrow(text);
  });

  it("refuses wrong options", () => {
    const chart = (options: object) => () => historyChart({ epochs: epochsOf([1]) }, options);
    expect(chart({ format: "png" })).toThrow(
      new RangeError('historyChart: expected format to be "svg" or "html", got "png"'),
    );
    expect(chart({ title: 3 })).toThrow(TypeError);
    expect(chart({ width: 3 })).toThrow(RangeError);
  });
});
