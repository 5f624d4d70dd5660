import { afterEach, describe, expect, it, vi } from "vitest";
import { createEngine, dense, mse, sequential, sgd } from "../../src/index.ts";
import { progressLine } from "../../src/training/progress-line.ts";
import { epochLine } from "../../src/training/progress-text.ts";
import { floats } from "../engine/fixtures.ts";
import { noSaving } from "../callbacks/no-saving.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

const context = {
  ...noSaving,
  model: { parameters: [], learningRate: 1 },
  stop: () => undefined,
};

/** A line that writes to a list, by a clock that the test sets. */
function lineOf(epochs: number, terminal: { isTTY?: boolean; columns?: number }) {
  const written: string[] = [];
  const clock = { time: 0 };
  const output = { ...terminal, write: (text: string) => written.push(text) };
  const line = progressLine(epochs, output, () => clock.time)!;
  line.onTrainBegin!(context);
  const step = (batch: number, loss: number, more = {}): void => {
    const end = { epoch: 0, batch, batches: 100, step: batch + 1, loss, size: 32, ...more };
    line.onBatchEnd!(end, context);
  };
  return { line, written, clock, step };
}

/** Returns what a terminal shows: an erased line has nothing of the one before. */
const shownOf = (written: readonly string[]) => written.map((text) => text.replace("\r\x1b[K", ""));

const end = { epoch: 2, loss: 0.5, accuracy: 0.75, validationLoss: 0.625, seconds: 2 };

describe("progressLine on a terminal", () => {
  it("shows the epoch, a bar, the mean loss, steps per second and the time left", () => {
    const { written, clock, step } = lineOf(10, { isTTY: true, columns: 120 });
    clock.time = 500;
    step(0, 3);
    clock.time = 1000;
    step(1, 1);
    expect(written.every((text) => text.startsWith("\r\x1b[K"))).toBe(true);
    const [, second] = shownOf(written);
    expect(second).toMatch(/^epoch {2}1\/10 {2}━─+ {2}loss 2.0000 {2}2 steps\/s {2}8:19 left$/);
    expect(second!.length).toBe(79);
  });

  it("shows the accuracy of the epoch so far where fit gives it", () => {
    const { written, clock, step } = lineOf(1, { isTTY: true, columns: 80 });
    clock.time = 10;
    step(49, 1, { accuracy: 0.75 });
    expect(shownOf(written)[0]).toMatch(/━+─+ {2}loss 1.0000 {2}accuracy 0.750 {2}5k steps\/s/);
  });

  it("is redrawn at most ten times a second", () => {
    const { written, clock, step } = lineOf(1, { isTTY: true });
    for (let i = 0; i < 1000; i++) {
      clock.time = i;
      step(i, 1, { batches: 1000 });
    }
    expect(written.length).toBe(10);
  });

  it("weighs batches by their examples, and starts anew with each epoch", () => {
    const { line, written, clock, step } = lineOf(2, { isTTY: true });
    step(0, 1);
    clock.time = 100;
    step(1, 4, { size: 64 });
    line.onEpochEnd!({ ...end, epoch: 0 }, context);
    clock.time = 200;
    step(0, 7, { epoch: 1, step: 101 });
    const shown = shownOf(written);
    expect(shown[1]).toContain("loss 3.0000");
    expect(shown.at(-1)).toContain("epoch 2/2");
    expect(shown.at(-1)).toContain("loss 7.0000");
    expect(shown.at(-1)).toContain("10 steps/s");
  });

  it.each([200, 80, 60, 40, 30, 20, 10, 3, 1])("is shorter than %i columns", (columns) => {
    const { written, clock, step } = lineOf(30, { isTTY: true, columns });
    clock.time = 7;
    step(1, 0.5, { accuracy: 0.5 });
    clock.time = 200;
    step(2, 0.5, { batches: Infinity });
    for (const text of shownOf(written)) {
      expect(text.length).toBeLessThanOrEqual(Math.min(80, columns) - 1);
    }
    expect(written.length).toBe(2);
  });

  it("counts the steps of an epoch whose length nobody knows", () => {
    const { written, clock, step } = lineOf(3, { isTTY: true, columns: 80 });
    clock.time = 1000;
    step(9, 0.5, { batches: Infinity });
    expect(shownOf(written)).toEqual(["epoch 1/3  loss 0.5000  10 steps/s  step 10"]);
  });

  it("ends an epoch as one line, and leaves nothing of one that does not end", () => {
    const { line, written, step } = lineOf(10, { isTTY: true });
    step(0, 1);
    line.onEpochEnd!(end, context);
    expect(written.slice(1)).toEqual([
      "\r\x1b[K",
      "epoch  3/10  loss 0.5000  accuracy 0.750  validation loss 0.6250\n",
    ]);
    line.close();
    expect(written.length).toBe(3);
    line.onTrainBegin!(context);
    step(1, 1);
    line.close();
    expect(written.at(-1)).toBe("\r\x1b[K");
  });

  it("takes 80 columns where a terminal reports none", () => {
    const { written, step } = lineOf(10, { isTTY: true, columns: 0 });
    step(0, 1);
    expect(shownOf(written)[0]!.length).toBe(79);
  });
});

describe("progressLine elsewhere", () => {
  it("writes a line for each epoch, and wants no steps", async () => {
    const { line, written } = lineOf(2, {});
    expect(line).not.toHaveProperty("onBatchEnd");
    const engine = await createEngine();
    const options = { inputShape: [2], loss: mse(), optimizer: sgd() };
    const model = engine.compile(sequential([dense(1)]), options);
    const data = { x: floats(8, 1), y: floats(4, 2) };
    const { epochs } = await model.fit(data, { epochs: 2, validation: data, callbacks: [line] });
    const [first, second] = epochs.map((epoch) => {
      const losses = [epoch.loss, epoch.validationLoss!].map((loss) => loss.toFixed(4));
      return `loss ${losses[0]}  validation loss ${losses[1]}\n`;
    });
    expect(written).toEqual([`epoch 1/2  ${first}`, `epoch 2/2  ${second}`]);
    engine.dispose();
  });

  it("is nothing in browsers", () => {
    vi.stubGlobal("process", undefined);
    expect(progressLine(1)).toBeUndefined();
    vi.stubGlobal("process", { env: {} });
    expect(progressLine(1)).toBeUndefined();
  });

  it("draws nothing on a terminal that cannot go back", () => {
    const stderr = { isTTY: true, write: () => true };
    vi.stubGlobal("process", { stderr, env: { TERM: "dumb" } });
    expect(progressLine(1)).not.toHaveProperty("onBatchEnd");
    vi.stubGlobal("process", { stderr, env: { TERM: "xterm" } });
    expect(progressLine(1)).toHaveProperty("onBatchEnd");
  });
});

it("epochLine has other metrics of the validation where there is room", () => {
  const result = { ...end, validationAccuracy: 0.5, validationF1: 0.51234, validationR2: 0.25 };
  const whole =
    "epoch 3/9  loss 0.5000  accuracy 0.750  validation loss 0.6250  accuracy 0.500  f1 0.5123";
  expect(epochLine(3, 9, result, 100)).toBe(`${whole}  r2 0.2500`);
  expect(epochLine(3, 9, result, whole.length)).toBe(whole);
  expect(epochLine(3, 9, result, whole.length - 1)).toBe(
    whole.slice(0, -"  f1 0.5123".length) + "",
  );
});
