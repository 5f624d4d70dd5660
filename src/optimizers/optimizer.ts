import type { Hyperparameters } from "../../build/instructions.ts";
import { PIECES } from "../../build/constants.ts";
import { callable, either, numberFrom, positive } from "../base/arguments.ts";
import { type Instruction, float, instruction } from "../wasm/instruction.ts";
import { call, immutable } from "../base/printable.ts";
import { type Schedule, scheduledRate } from "../schedules/index.ts";

/**
 * Addresses of what an optimizer works on: parallel blocks of n floats, and its hyperparameters.
 */
export interface OptimizerBlocks {
  readonly parameters: number;
  readonly gradients: number;
  /** One block for each moment. */
  readonly moments: readonly number[];
  /**
   * Float64 numbers, as `hyperparameters` gives them at the start; the learning rate is the first.
   */
  readonly hyperparameters: number;
  readonly count: number;
}

/** Optimizer that updates parameters by their gradients. */
export interface Optimizer {
  /** Name of the optimizer: `adam`. */
  readonly name: string;
  /** Learning rate of the first step. */
  readonly learningRate: number;
  /** Gives the learning rate of each step; undefined where it is constant. */
  readonly schedule?: Schedule;
  /** Blocks of state as long as the parameters, 0 at the start. */
  readonly moments: number;
  /** Numbers that the kernel reads, the learning rate first, and counters that it advances. */
  readonly hyperparameters: readonly number[];
  /** Returns this optimizer with another weight decay. @throws as its own function @internal */
  withWeightDecay(weightDecay: number): Optimizer;
  /** Returns instructions that clip all gradients, which have to come first. @internal */
  clip(blocks: Pick<OptimizerBlocks, "gradients" | "hyperparameters" | "count">): Instruction[];
  /** Returns instructions that count a step in the hyperparameters. @internal */
  advance(hyperparameters: number): Instruction[];
  /** Returns the instruction that updates parameters, after those of advance. @internal */
  update(blocks: OptimizerBlocks): Instruction;
}

/** Options of every optimizer. */
export interface OptimizerOptions {
  /** Finite number ≥ 0, or a schedule that gives the rate of each step. */
  readonly learningRate?: number | Schedule;
  /**
   * Limit above 0 of the Euclidean norm of all gradients: they are scaled together to it, as
   * PyTorch's clip_grad_norm_ and Keras's global_clipnorm do (Keras's clipnorm is for each array
   * alone).
   */
  readonly clipNorm?: number;
  /** Limit above 0 of each gradient, clipped to [-clipValue, clipValue], after clipNorm. */
  readonly clipValue?: number;
}

/** Options of most optimizers. */
export interface DecayOptions extends OptimizerOptions {
  /**
   * Factor ≥ 0 of an L2 penalty as PyTorch's: adds weightDecay · p to the gradient; 0 by default.
   */
  readonly weightDecay?: number;
}

/** Rule of an optimizer, without the learning rate and clipping that all share. */
export interface UpdateRule {
  readonly moments: number;
  /** Hyperparameters after the learning rate: the weight decay first. */
  readonly hyperparameters: readonly number[];
  /** Returns the instruction that counts a step in the hyperparameters, if there is something to count. */
  advance?(hyperparameters: number): Instruction;
  /** Returns the instruction that updates parameters. */
  update(blocks: OptimizerBlocks): Instruction;
}

/** Rule of an optimizer, and how it is made with other options. */
export interface Method extends UpdateRule {
  /** Makes the optimizer with other options instead of its own. */
  remade(changed: { readonly weightDecay: number }): Optimizer;
}

/**
 * Returns the numbers of an optimizer after its learning rate. They are written in the order of
 * their class in assembly/; a test sees to it.
 */
export function hyperparameters<N extends keyof Hyperparameters>(
  _of: N,
  numbers: Hyperparameters[N],
): readonly number[] {
  return Object.values(numbers);
}

/** Rules for DecayOptions. */
export const decayRules = () => ({
  learningRate: either(numberFrom(0), callable("a schedule")),
  clipNorm: positive(),
  clipValue: positive(),
  weightDecay: numberFrom(0),
});

/**
 * Adds learning rate and clipping to a method.
 * @throws RangeError if a schedule's first rate is out of range
 */
export function optimizer(
  name: string,
  learningRate: number | Schedule,
  options: OptimizerOptions,
  method: Method,
): Optimizer {
  const { clipNorm, clipValue } = options;
  const schedule = typeof learningRate === "function" ? learningRate : undefined;
  const rate = schedule ? scheduledRate(schedule, 0) : (learningRate as number);
  const numbers = [rate, ...method.hyperparameters];
  const clippingBytes = 8 * numbers.length;
  if (clipNorm !== undefined) numbers.push(clipNorm, ...new Array<number>(PIECES).fill(0));
  // First the rate, which is printed though it is the default, then the options as they were given.
  const shown = call(name, Object.assign({ learningRate }, options, { learningRate }));
  return immutable<Optimizer>(
    {
      name,
      learningRate: rate,
      ...(schedule && { schedule }),
      moments: method.moments,
      hyperparameters: Object.freeze(numbers),
      withWeightDecay: (weightDecay) => method.remade({ weightDecay }),
      clip({ gradients: x, hyperparameters, count: n }) {
        const clipping = hyperparameters + clippingBytes;
        return [
          ...(clipNorm === undefined
            ? []
            : [
                instruction("sumSquares", { x, n, clipping }),
                instruction("clipNorm", { x, n, clipping }),
              ]),
          ...(clipValue === undefined
            ? []
            : [instruction("clipValue", { x, n, limit: float(clipValue) })]),
        ];
      },
      advance: (hyperparameters) => (method.advance ? [method.advance(hyperparameters)] : []),
      update: (blocks) => method.update(blocks),
    },
    shown,
  );
}
