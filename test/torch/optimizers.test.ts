import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  adadelta,
  adagrad,
  adam,
  adamW,
  adamax,
  amsgrad,
  createEngine,
  nadam,
  radam,
  rmsprop,
  sgd,
} from "../../src/index.ts";
import type { Optimizer } from "../../src/index.ts";
import { follower } from "../optimizers/follower.ts";
import { type OptimizerCase, expectClose } from "./reference.ts";

const engine = await createEngine();

const { cases } = JSON.parse(readFileSync(new URL("optimizers.json", import.meta.url), "utf8")) as {
  readonly cases: readonly OptimizerCase[];
};

/** Each case's optimizer, with PyTorch's defaults for what the attributes leave out. */
const optimizers: Record<string, () => Optimizer> = {
  sgd: () => sgd({ learningRate: 0.1 }),
  sgdMomentum: () => sgd({ learningRate: 0.1, momentum: 0.9 }),
  sgdNesterov: () => sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
  sgdWeightDecay: () => sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 }),
  adagrad: () => adagrad({ learningRate: 0.1 }),
  adadelta: () => adadelta({ learningRate: 1, rho: 0.9, epsilon: 1e-6 }),
  rmsprop: () => rmsprop({ learningRate: 0.01, alpha: 0.99, epsilon: 1e-8 }),
  rmspropMomentum: () =>
    rmsprop({ learningRate: 0.01, alpha: 0.9, epsilon: 1e-8, momentum: 0.9, centered: true }),
  adam: () => adam({ learningRate: 0.01 }),
  adamL2: () => adam({ learningRate: 0.01, weightDecay: 0.1 }),
  amsgrad: () => amsgrad({ learningRate: 0.01 }),
  adamW: () => adamW({ learningRate: 0.01, weightDecay: 0.1 }),
  adamax: () => adamax({ learningRate: 0.01 }),
  nadam: () => nadam({ learningRate: 0.01 }),
  radam: () => radam({ learningRate: 0.01 }),
};

describe("ten steps of an optimizer as in PyTorch", () => {
  it("all of them", () => {
    expect(cases.map(({ name }) => name).toSorted()).toEqual(Object.keys(optimizers).toSorted());
  });

  it.each(cases.map((example) => [example.name, example] as const))("%s", (name, example) => {
    const { start, gradients, parameters } = example;
    expect(gradients.length).toBe(10);
    const { step, parameter } = follower(engine, optimizers[name]!(), start);
    gradients.forEach((gradient, t) => {
      step(gradient);
      expect(parameter.grad).toEqual(Float32Array.from(gradient));
      expectClose(`step ${t + 1}`, parameter.data, parameters[t]!);
    });
  });
});
