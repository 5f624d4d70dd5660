import { Writable } from "node:stream";
import picocolors from "picocolors";
import { describe, expect, it, test } from "vitest";
import { Meter } from "../../src/cli/meter.ts";
import { ProgressBar, progressLine, type Progress } from "../../src/cli/progress.ts";
import { secondsLeft } from "../../src/cli/watch.ts";

const plain = picocolors.createColors(false);
const half: Progress = {
  epoch: 7,
  epochs: 30,
  step: 50,
  steps: 100,
  loss: 0.23451,
  samplesPerSecond: 48321,
  secondsLeft: 65,
};

describe("progressLine", () => {
  it("says everything in 80 columns", () => {
    const line = progressLine(half, 80, plain);
    expect(line).toMatch(
      /^epoch {2}7\/30 {2}━+─+ {2}loss 0.2345 {2}48.3k samples\/s {2}1:05 left$/,
    );
    expect(line.split("━").length).toBeCloseTo(line.split("─").length, -1);
  });

  it("keeps epoch, loss and time left in 40 columns", () => {
    expect(progressLine(half, 40, plain)).toMatch(/^ 7\/30 {2}━+─+ {2}loss 0.2345 {2}1:05 left$/);
  });

  it.each([200, 80, 60, 40, 30, 20, 10, 3, 1])("is shorter than %i columns", (columns) => {
    expect(progressLine(half, columns, plain).length).toBeLessThanOrEqual(columns - 1);
  });

  it("shows dashes until there is something to tell", () => {
    const before = { ...half, step: 0, loss: NaN, samplesPerSecond: NaN, secondsLeft: NaN };
    expect(progressLine(before, 80, plain)).toMatch(/loss – +– samples\/s +–:–– left$/);
  });
});

test("ProgressBar hides the cursor, draws rarely and leaves an empty line", () => {
  const written: string[] = [];
  const terminal = Object.assign(
    new Writable({
      write: (chunk, _encoding, done) => {
        written.push(String(chunk));
        done();
      },
    }),
    { isTTY: true, columns: 80 },
  );
  const bar = new ProgressBar(terminal, () => terminal.columns, plain);
  bar.start({ ...half, step: 0 });
  let asked = 0;
  const end = performance.now() + 200;
  for (let step = 1; performance.now() < end; step++) {
    bar.update(() => {
      asked++;
      return { ...half, step };
    });
  }
  bar.stop();
  const text = written.join("");
  expect(asked).toBeLessThanOrEqual(5);
  expect(text.match(/epoch/g)?.length).toBeLessThanOrEqual(6);
  expect(text.indexOf("\x1b[?25l")).toBeLessThan(text.indexOf("epoch"));
  expect(text.slice(text.lastIndexOf("left"))).toContain("\x1b[?25h");
  expect(text.endsWith("\x1b[2K")).toBe(true);
});

describe("Meter", () => {
  it("counts the time of training without that of validation", () => {
    let now = 1000;
    const meter = new Meter(() => now);
    now += 100;
    meter.batch({ loss: 3, size: 30 });
    now += 100;
    meter.batch({ loss: 1, size: 10 });
    expect(meter.loss).toBe(2.5);
    now += 5000;
    meter.epoch(0.2);
    now += 300;
    meter.batch({ loss: 1, size: 30 });
    expect(meter).toMatchObject({ steps: 3, samples: 70, loss: 1 });
    expect(meter.seconds).toBeCloseTo(0.5);
    expect(meter.samplesPerSecond).toBeCloseTo(140);
  });
});

test("secondsLeft", () => {
  expect(secondsLeft(2, 100, 400)).toBe(6);
  expect(secondsLeft(2, 400, 400)).toBe(0);
});
