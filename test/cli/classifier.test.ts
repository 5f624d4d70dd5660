import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { classifierFor, sizeText } from "../../src/cli/classifier.ts";
import { parseOptions, UsageError } from "../../src/cli/options.ts";
import type { Task } from "../../src/cli/task.ts";
import { trainOptions } from "../../src/cli/train-options.ts";
import { createEngine, crossEntropy, sgd, type Engine } from "../../src/index.ts";

const part: Task["train"] = {
  x: new Float32Array(0),
  y: new Int32Array(0),
  count: 0,
  shape: [0],
  classes: 10,
};

function taskOf(image: readonly number[]): Task {
  const features = image.reduce((size, axis) => size * axis, 1);
  return { name: "toy", train: part, test: part, features, classes: 10, image };
}

const classifier = (image: readonly number[], ...args: string[]) =>
  classifierFor(taskOf(image), parseOptions(trainOptions, args));

let engine: Engine;
beforeAll(async () => (engine = await createEngine()));
afterAll(() => {
  engine.dispose();
});

/** Returns the sums of parameters and of multiply-adds in a network's summary. */
function totals({ network, inputShape }: ReturnType<typeof classifier>): number[] {
  const options = { inputShape, loss: crossEntropy(), optimizer: sgd(), batchSize: 1 };
  const model = engine.compile(network, options);
  const [, ...sums] = /^total +([\d,]+) +([\d,]+)$/m.exec(model.summary())!;
  model.dispose();
  return sums.map((sum) => Number(sum.replaceAll(",", "")));
}

describe("mlp", () => {
  it.each([
    [[], "16-64-10 relu, 99 parameters"],
    [["--layers", "8,4", "--activation", "tanh"], "16-8-4-10 tanh, 99 parameters"],
    [["--layers", ""], "16-10, 99 parameters"],
  ])("after %j is described by its sizes", (args, text) => {
    const made = classifier([4, 4, 1], ...args);
    expect(sizeText(made, 99)).toBe(text);
    expect(made.inputShape).toEqual([16]);
  });
});

describe("cnn", () => {
  const cnn = (image: readonly number[], ...args: string[]) =>
    classifier(image, "--network", "cnn", ...args);

  it("is Keras's network where images are as large as MNIST's", () => {
    const made = cnn([28, 28, 1]);
    expect(sizeText(made, 1_199_882)).toBe(
      "28x28x1, conv 3x3x32, conv 3x3x64, max pool 2, dropout 0.25, dense 128, dropout 0.5, " +
        "dense 10, relu, 1,199,882 parameters, 11,992,448 multiply-adds",
    );
    expect(totals(made)).toEqual([1_199_882, 11_992_448]);
  });

  it("is smaller where images are", () => {
    expect(cnn([8, 8, 1]).text).toBe(
      "8x8x1, conv 3x3x16, conv 3x3x32, max pool 2, dropout 0.25, dense 64, dropout 0.5, dense 10, " +
        "relu",
    );
  });

  it("has more convolutions where images are larger, and no more than they have pixels for", () => {
    const count = (image: readonly number[]) => cnn(image).text.match(/conv/g)!.length;
    expect(
      [
        [32, 32, 3],
        [64, 64, 3],
        [96, 96, 1],
        [400, 16, 1],
      ].map(count),
    ).toEqual([2, 3, 4, 3]);
  });

  it.each([
    [[2, 2, 1]],
    [[2, 3, 3]],
    [[15, 15, 1]],
    [[16, 16, 1]],
    [[17, 40, 3]],
    [[200, 2, 1]],
    [[70, 66, 1]],
  ])("takes images of %j, and counts its multiply-adds", (image) => {
    const made = cnn(image);
    expect(totals(made)[1]).toBe(made.multiplyAdds);
  });

  it("has the dense layers and the activation of the options", () => {
    const tanh = cnn([8, 8, 1], "--layers", "24,12", "--activation", "tanh");
    expect(tanh.text).toContain(
      "dropout 0.25, dense 24, dropout 0.5, dense 12, dropout 0.5, dense 10, tanh",
    );
    const printed = String(tanh.network);
    expect(printed.match(/activation: "tanh"/g)).toHaveLength(4);
    const none = cnn([8, 8, 1], "--layers", "none");
    expect(none.text).toContain("dropout 0.25, dense 10, relu");
    expect(totals(none)[1]).toBe(none.multiplyAdds);
  });

  it.each([
    [[1, 8, 1], "--network cnn: expected images of at least 2x2 pixels, got 1x8 in toy"],
    [[8, 1, 3], "--network cnn: expected images of at least 2x2 pixels, got 8x1 in toy"],
  ])("refuses images of %j", (image, message) => {
    expect(() => cnn(image)).toThrow(new UsageError(message));
  });

  it("refuses what is no image", () => {
    const table: Task = { name: "toy", train: part, test: part, features: 4, classes: 10 };
    expect(() => classifierFor(table, parseOptions(trainOptions, ["--network", "cnn"]))).toThrow(
      new UsageError(
        "--network cnn: expected the digits or a folder of images, got toy, which has none",
      ),
    );
  });
});
