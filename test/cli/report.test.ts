import picocolors from "picocolors";
import { describe, expect, it } from "vitest";
import { parseOptions } from "../../src/cli/options.ts";
import { hashOf, headerLines, reportLines, resultJson, type Result } from "../../src/cli/report.ts";
import type { Task } from "../../src/cli/task.ts";
import { epochLine, type EpochResult } from "../../src/training/progress-text.ts";
import { trainOptions } from "../../src/cli/train-options.ts";

const plain = picocolors.createColors(false);
const part = (count: number): Task["train"] => ({
  x: new Float32Array(count * 4),
  y: new Int32Array(count),
  count,
  shape: [4],
  classes: 2,
});
const task: Task = { name: "toy", train: part(8000), test: part(20), features: 4, classes: 2 };
const epochs: EpochResult[] = [
  { loss: 2, accuracy: 0.5, validationLoss: 2.2, validationAccuracy: 0.45, seconds: 1 },
  { loss: 1, accuracy: 0.75, validationLoss: 1.5, validationAccuracy: 0.7, seconds: 1 },
];
const result: Result = {
  accuracy: 0.9,
  loss: 0.25,
  epochs,
  steps: 500,
  seconds: 0.125,
  samplesPerSecond: 128000,
  verdicts: { truth: [0, 0, 1, 1], predicted: [0, 1, 1, 1], classes: 2 },
  weightsSha256: "ab".repeat(32),
};
const optionsOf = (...args: string[]) => parseOptions(trainOptions, args);
const reportOf = (changed: Partial<Result>, ...args: string[]): string =>
  reportLines({ ...result, ...changed }, task, optionsOf(...args), 80, plain).join("\n");

describe("headerLines", () => {
  it("tells what will be trained on what", () => {
    expect(headerLines(task, optionsOf(), "4-8-4-2 relu, 86 parameters", 80)).toEqual([
      "data      toy, 8,000 to train on, 20 to test on",
      "network   4-8-4-2 relu, 86 parameters",
      "training  adam lr 0.001, batch 32, seed 1",
    ]);
  });

  it("fits in a narrow terminal", () => {
    expect(headerLines(task, optionsOf(), "4-64-2 relu, 86 parameters", 40)).toEqual([
      "data      toy, 8,000 to train on,",
      "          20 to test on",
      "network   4-64-2 relu, 86 parameters",
      "training  adam lr 0.001, batch 32,",
      "          seed 1",
    ]);
  });
});

describe("epochLine", () => {
  it("gives both losses and accuracies", () => {
    expect(epochLine(3, 30, epochs[0]!, 80)).toBe(
      "epoch  3/30  loss 2.0000  accuracy 0.500  validation loss 2.2000  accuracy 0.450",
    );
  });

  it("leaves out what is needed least where it does not fit", () => {
    const at = (columns: number): string => epochLine(1000, 1000, epochs[0]!, columns);
    expect(at(80)).toBe("epoch 1000/1000  loss 2.0000  validation loss 2.2000  accuracy 0.450");
    expect(at(60)).toBe("epoch 1000/1000  loss 2.0000  validation loss 2.2000");
    expect(at(20)).toBe("epoch 1000/1000  loss 2.0000");
  });

  it("leaves out what was not measured", () => {
    expect(epochLine(1, 1, { loss: NaN, seconds: 1 }, 80)).toBe("epoch 1/1  loss NaN");
  });
});

describe("reportLines", () => {
  it("shows the curves, the matrix and the result", () => {
    const text = reportOf({}, "--epochs", "2");
    expect(text).toContain("loss  ─── training   ╌╌╌ validation");
    expect(text).toContain("predicted");
    expect(text).toContain("accuracy 0.9000  loss 0.2500  on 20 test examples");
    expect(text).toContain("500 steps  125 ms  128,000 samples/s");
    expect(text).not.toMatch(/stopped|saved|ran away/);
  });

  it("says what else there is to know", () => {
    expect(reportOf({}, "--epochs", "5")).toContain("stopped in epoch 3 of 5");
    expect(reportOf({}, "--epochs", "2", "--save", "a/b.safetensors")).toMatch(
      /\nsaved a\/b\.safetensors$/,
    );
    const lost = [epochs[0]!, { ...epochs[1]!, loss: NaN }];
    expect(reportOf({ epochs: lost })).toContain("the loss ran away in epoch 2: try a lower --lr");
  });
});

describe("resultJson", () => {
  it("has the documented fields", () => {
    expect(JSON.parse(resultJson(result))).toEqual({
      accuracy: 0.9,
      loss: 0.25,
      epochs: 2,
      steps: 500,
      samplesPerSecond: 128000,
      seconds: 0.125,
      weightsSha256: "ab".repeat(32),
    });
  });
});

describe("hashOf", () => {
  it("is that of all bytes in order, also of views into shared memory", () => {
    // SHA-256 of 00 00 80 3f 00 00 00 40, which is 1 and 2 in float32.
    const expected = "b9c80b5adeca450753a16950c3cc655d271f7bef7a485bc83f112b72fef21d37";
    const memory = new Float32Array(new SharedArrayBuffer(16));
    memory.set([9, 1, 2, 9]);
    const pieces = [{ data: memory.subarray(1, 2) }, { data: memory.subarray(2, 3) }];
    const whole = [{ data: new Float32Array([1, 2]) }];
    expect(hashOf(pieces)).toBe(hashOf(whole));
    expect(hashOf(whole)).toBe(expected);
  });
});
