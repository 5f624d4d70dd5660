import type { Loss } from "../losses.ts";

/** Numbers of each example for the means of a loss and an accuracy over labels. */
export interface ExampleWeights {
  /** Weight in the mean loss: the weights of its labels that count. */
  readonly loss: Float64Array;
  /** Number of its labels that count. */
  readonly labels: Float64Array;
}

/**
 * Weighs examples by their labels, which are as many for each. Returns undefined if all labels count,
 * and all alike.
 */
export function weighExamples(
  { ignoreIndex, labelWeight }: Loss,
  labels: ArrayLike<number>,
  count: number,
): ExampleWeights | undefined {
  const steps = labels.length / count;
  const weights = { loss: new Float64Array(count), labels: new Float64Array(count) };
  let differ = false;
  for (let i = 0, at = 0; i < count; i++) {
    for (const end = at + steps; at < end; at++) {
      const label = labels[at]!;
      if (label === ignoreIndex) continue;
      weights.labels[i]!++;
      weights.loss[i]! += labelWeight?.(label) ?? 0;
    }
    // A mean over examples.
    if (!labelWeight) weights.loss[i] = 1;
    differ ||= weights.labels[i] !== steps || (labelWeight && weights.loss[i] !== steps) === true;
  }
  return differ ? weights : undefined;
}

/** Examples that may have weights. */
interface Weighed {
  readonly weights: ExampleWeights | undefined;
}

/** Order in which an epoch takes its examples; as they are by default. */
export interface Ordered {
  readonly order?: ArrayLike<number>;
}

/** Adds up the numbers of the examples from position `first` of the order on; each is `alike` without numbers. */
function sumOf(
  numbers: Float64Array | undefined,
  alike: number,
  first: number,
  rows: number,
  data?: Ordered,
): number {
  if (!numbers) return rows * alike;
  const order = data?.order;
  let sum = 0;
  for (let i = first; i < first + rows; i++) sum += numbers[order ? order[i]! : i]!;
  return sum;
}

/**
 * Returns the weight of some examples in a mean loss: their number, if all labels count alike.
 * @param first position of the first one in the order; in the data set without an order
 */
export function lossWeight(
  { weights }: Weighed,
  first: number,
  rows: number,
  data?: Ordered,
): number {
  return sumOf(weights?.loss, 1, first, rows, data);
}

/** Returns the weight of the labels of some examples, as lossWeight does: 1 for each without weights. */
export function labelWeightOf(
  { weights }: Weighed,
  perExample: number,
  first: number,
  rows: number,
  data?: Ordered,
): number {
  return sumOf(weights?.loss, perExample, first, rows, data);
}

/** Returns the number of answers of some examples that may be right, as lossWeight does. */
export function answersOf(
  { weights }: Weighed,
  perExample: number,
  first: number,
  rows: number,
  data?: Ordered,
): number {
  return sumOf(weights?.labels, perExample, first, rows, data);
}

/** Returns a sum by its weight; 0 if nothing has a weight. */
export function meanOf(sum: number, weight: number): number {
  return weight === 0 ? 0 : sum / weight;
}
