import { type LossName, type Options, batchLosses } from "../../src/reference/losses.ts";

/** Options that a loss is tried with, and the ranges of what it is fed. */
export interface LossVariant {
  readonly name: LossName;
  readonly options: Options;
  readonly x: readonly [low: number, high: number];
  /** Class indices, or a range. */
  readonly t: "classes" | readonly [low: number, high: number];
}

/** Predictions and targets of a loss that needs neither probabilities nor options. */
const plain = { options: {}, x: [-2, 2], t: [-2, 2] } as const;

const logits = { options: {}, x: [-3, 3], t: "classes" } as const;

/** Weights of ten classes; fewer classes have the first ones. */
const classWeights = [0.5, 1.5, 0.25, 1, 0, 1.25, 0.75, 1, 0.125, 2];

/** Variants of the losses that have options, or take numbers of certain ranges only. */
const own: Partial<Record<LossName, readonly Omit<LossVariant, "name">[]>> = {
  mse: [plain, { ...plain, options: { half: true } }],
  huber: [plain, { ...plain, options: { delta: 0.25 } }],
  bce: [{ options: {}, x: [0.05, 0.95], t: [0, 1] }],
  bceWithLogits: [
    { options: {}, x: [-5, 5], t: [0, 1] },
    { options: { posWeight: 2.5 }, x: [-5, 5], t: [0, 1] },
  ],
  klDiv: [{ options: {}, x: [-4, 0], t: [0.01, 1] }],
  crossEntropy: [
    logits,
    { ...logits, options: { labelSmoothing: 0.125 } },
    { ...logits, t: [0, 1] },
    { ...logits, t: [0, 1], options: { labelSmoothing: 0.125 } },
    { ...logits, options: { ignoreIndex: 0 } },
    { ...logits, options: { classWeights } },
    { ...logits, options: { classWeights, ignoreIndex: 1, labelSmoothing: 0.125 } },
    { ...logits, t: [0, 1], options: { classWeights, labelSmoothing: 0.125 } },
  ],
  poisson: [
    { options: {}, x: [-2, 2], t: [0, 3] },
    { options: { logInput: false }, x: [0.2, 3], t: [0, 3] },
  ],
  cosineSimilarity: [{ options: {}, x: [0.3, 2], t: [0.3, 2] }],
  mape: [{ options: {}, x: [-2, 2], t: [0.5, 2] }],
  msle: [{ options: {}, x: [0.05, 2], t: [0.05, 2] }],
  smoothL1: [plain, { ...plain, options: { beta: 0.5 } }],
  nll: [{ options: {}, x: [-4, 0], t: "classes" }],
};

export const lossNames = Object.keys(batchLosses) as LossName[];

/** Variants of every loss. */
export const lossVariants: readonly LossVariant[] = lossNames.flatMap((name) => {
  const variants = own[name] ?? [plain];
  return variants.map((variant) => ({ name, ...variant }));
});
