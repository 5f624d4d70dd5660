import { describe, expect, it } from "vitest";
import * as factories from "../../src/optimizers/index.ts";
import type { Optimizer } from "../../src/index.ts";

const { adadelta, adagrad, adam, adamW, adamax, amsgrad, lion, nadam, radam, rmsprop, sgd } =
  factories;

describe("defaults are PyTorch's", () => {
  it.each<[Optimizer, number[]]>([
    [sgd(), [0.01, 0]],
    [adagrad(), [0.01, 0, 1e-10, 0]],
    [adadelta(), [1, 0, 0.9, 1e-6]],
    [rmsprop(), [0.01, 0, 0.99, 1e-8, 0]],
    [adam(), [0.001, 0, 0.9, 0.999, 1e-8]],
    [amsgrad(), [0.001, 0, 0.9, 0.999, 1e-8]],
    [adamW(), [0.001, 0.01, 0.9, 0.999, 1e-8]],
    [adamax(), [0.002, 0, 0.9, 0.999, 1e-8]],
    [nadam(), [0.002, 0, 0.9, 0.999, 1e-8]],
    [radam(), [0.001, 0, 0.9, 0.999, 1e-8]],
  ])("%o", ({ hyperparameters, learningRate }, numbers) => {
    expect(learningRate).toBe(numbers[0]);
    expect(hyperparameters.slice(0, numbers.length)).toEqual(numbers);
  });

  it("lion's, which PyTorch does not have, are its paper's", () => {
    expect(lion().hyperparameters).toEqual([1e-4, 0, 0.9, 0.99]);
  });

  it("every optimizer has its name", () => {
    for (const [name, make] of Object.entries(factories)) expect(make().name).toBe(name);
  });
});

describe("options that are wrong", () => {
  const text = (value: unknown) => value as number & boolean;
  it.each<[string, () => Optimizer]>([
    [
      "sgd: expected learningRate to be a number from 0 on or a schedule, got -1",
      () => sgd({ learningRate: -1 }),
    ],
    [
      'sgd: expected learningRate to be a number from 0 on or a schedule, got "fast"',
      () => sgd({ learningRate: text("fast") }),
    ],
    ["sgd: expected momentum to be a number in [0, 1), got 1", () => sgd({ momentum: 1 })],
    ["sgd: expected dampening to be a number in [0, 1), got NaN", () => sgd({ dampening: NaN })],
    [
      "sgd: expected weightDecay to be a number from 0 on, got -0.1",
      () => sgd({ weightDecay: -0.1 }),
    ],
    ["sgd: expected nesterov to be true or false, got 1", () => sgd({ nesterov: text(1) })],
    [
      'sgd: expected momentumForm to be "classical", "average" or "correctedAverage", got "x"',
      () => sgd({ momentumForm: "x" as "average" }),
    ],
    [
      "sgd: expected nesterov to come with classical momentum and no dampening, got momentum 0",
      () => sgd({ nesterov: true }),
    ],
    [
      "sgd: expected nesterov to come with classical momentum and no dampening",
      () => sgd({ nesterov: true, momentum: 0.9, momentumForm: "average" }),
    ],
    [
      'sgd: expected dampening to come with classical momentum, got "average"',
      () => sgd({ dampening: 0.1, momentum: 0.9, momentumForm: "average" }),
    ],
    [
      "adagrad: expected learningRateDecay to be a number from 0 on, got -1",
      () => adagrad({ learningRateDecay: -1 }),
    ],
    [
      "adagrad: expected initialAccumulator to be a number from 0 on, got -1",
      () => adagrad({ initialAccumulator: -1 }),
    ],
    ["adadelta: expected rho to be a number in [0, 1), got 1.5", () => adadelta({ rho: 1.5 })],
    ["rmsprop: expected alpha to be a number in [0, 1), got 2", () => rmsprop({ alpha: 2 })],
    [
      "rmsprop: expected centered to be true or false, got null",
      () => rmsprop({ centered: text(null) }),
    ],
    ["adam: expected beta1 to be a number in [0, 1), got 1", () => adam({ beta1: 1 })],
    [
      "adam: expected epsilonInside to be true or false, got 0",
      () => adam({ epsilonInside: text(0) }),
    ],
    ["amsgrad: expected beta2 to be a number in [0, 1), got -1", () => amsgrad({ beta2: -1 })],
    ["adamW: expected epsilon to be a number from 0 on, got NaN", () => adamW({ epsilon: NaN })],
    ["adamax: expected epsilon to be a number from 0 on, got -1", () => adamax({ epsilon: -1 })],
    [
      "nadam: expected momentumDecay to be a number from 0 on, got -1",
      () => nadam({ momentumDecay: -1 }),
    ],
    [
      "radam: expected weightDecay to be a number from 0 on, got NaN",
      () => radam({ weightDecay: NaN }),
    ],
  ])("%s", (message, make) => {
    expect(make).toThrow(message);
  });
});
