import { given } from "./runtime/shape.ts";
import type { RecordWords } from "./graph/node.ts";

/** Addresses of what an optimizer works on: parallel blocks of n floats, and its rates. */
export interface OptimizerBlocks {
  readonly parameters: number;
  readonly gradients: number;
  /** One for each moment. */
  readonly moments: readonly number[];
  /** Float64 numbers, as `rates` gives them at the start; the first is the learning rate. */
  readonly rates: number;
  readonly count: number;
}

/** How parameters follow their gradients. */
export interface Optimizer {
  readonly name: string;
  readonly learningRate: number;
  /** The learning rate of each step from 0 on, where it is not constant. */
  readonly schedule?: (step: number) => number;
  /** Blocks of state as long as the parameters, 0 at the start. */
  readonly moments: number;
  /** Numbers that the kernel reads, the learning rate first, and counters that it advances. */
  readonly rates: readonly number[];
  records(blocks: OptimizerBlocks): readonly RecordWords[];
}

function check(name: string, what: string, value: number, least: number, below: number): void {
  if (typeof value !== "number" || !(value >= least && value < below)) {
    const range =
      below === Infinity ? `a number from ${least} on` : `a number in [${least}, ${below})`;
    throw new RangeError(`${name}: expected ${what} to be ${range}, got ${given(value)}`);
  }
}

export interface SgdOptions {
  /** 0.01 by default, as in Keras. */
  readonly learningRate?: number;
  /** Decay of the velocity, in [0, 1); 0, the default, keeps none. */
  readonly momentum?: number;
}

/**
 * Stochastic gradient descent, p -= lr · g; with momentum, PyTorch's form of it:
 * v = momentum · v + g, p -= lr · v.
 * @throws RangeError if a number is out of range
 */
export function sgd({ learningRate = 0.01, momentum = 0 }: SgdOptions = {}): Optimizer {
  check("sgd", "learningRate", learningRate, 0, Infinity);
  check("sgd", "momentum", momentum, 0, 1);
  return {
    name: "sgd",
    learningRate,
    moments: momentum > 0 ? 1 : 0,
    rates: [learningRate, momentum],
    records({ parameters, gradients, moments, rates, count }) {
      const [velocity] = moments;
      if (velocity === undefined) return [["sgdRecord", parameters, gradients, count, rates]];
      return [["momentumRecord", parameters, gradients, velocity, count, rates]];
    },
  };
}

export interface AdamOptions {
  /** 0.001 by default. */
  readonly learningRate?: number;
  /** Decay of the mean of gradients, in [0, 1); 0.9 by default. */
  readonly beta1?: number;
  /** Decay of the mean of their squares, in [0, 1); 0.999 by default. */
  readonly beta2?: number;
  /** Added to the root; 1e-8 by default, as in PyTorch (Keras has 1e-7). */
  readonly epsilon?: number;
}

/**
 * Adam (Kingma and Ba 2015): p -= lr · m̂ / (√v̂ + epsilon), m and v moving averages of g and g²
 * without their bias towards 0.
 * @throws RangeError if a number is out of range
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  check("adam", "learningRate", learningRate, 0, Infinity);
  check("adam", "beta1", beta1, 0, 1);
  check("adam", "beta2", beta2, 0, 1);
  check("adam", "epsilon", epsilon, 0, Infinity);
  return {
    name: "adam",
    learningRate,
    moments: 2,
    rates: [learningRate, beta1, beta2, epsilon, 1, 1],
    records({ parameters, gradients, moments, rates, count }) {
      const step = [parameters, gradients, ...moments, count, rates];
      return [
        ["adamCountRecord", rates],
        ["adamRecord", ...step],
      ];
    },
  };
}
