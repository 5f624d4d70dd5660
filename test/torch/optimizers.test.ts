import { describe, expect, it } from "vitest";
import { adam, createEngine, dense, sequential, sgd } from "../../src/index.ts";
import type { Loss, Optimizer } from "../../src/index.ts";
import { sum } from "../../src/graph/ops/reduce.ts";
import { expectClose, optimizerCase } from "./reference.ts";

const engine = await createEngine();

/** The prediction itself: its gradient by the weight of a dense(1) layer is the example. */
const prediction: Loss = {
  name: "prediction",
  takesClasses: false,
  reduction: "sum",
  record: (g, y) => sum(g, y),
};

type Make = (attrs: Readonly<Record<string, number>>) => Optimizer;

const optimizers: [name: string, make: Make][] = [
  ["sgd", ({ lr }) => sgd({ learningRate: lr! })],
  ["sgdMomentum", ({ lr, momentum }) => sgd({ learningRate: lr!, momentum: momentum! })],
  ["adam", ({ lr }) => adam({ learningRate: lr! })],
];

describe("ten steps of an optimizer as in PyTorch", () => {
  it.each(optimizers)("%s", (name, make) => {
    const { attrs, start, gradients, parameters } = optimizerCase(name);
    expect(gradients.length).toBe(10);
    const model = engine.compile(sequential([dense(1, { useBias: false })]), {
      inputShape: [start.length],
      loss: prediction,
      optimizer: make(attrs),
      batchSize: 1,
    });
    const [weight] = model.parameters;
    weight!.data.set(start);
    gradients.forEach((gradient, t) => {
      model.trainStep(Float32Array.from(gradient), new Float32Array(1));
      expect(weight!.grad).toEqual(Float32Array.from(gradient));
      expectClose(`step ${t + 1}`, weight!.data, parameters[t]!);
    });
  });
});
