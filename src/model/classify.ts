import { check, checkOptions, instance, oneOf } from "../base/arguments.ts";
import { rowsOf } from "../base/labels.ts";
import { exp } from "../base/portable-math.ts";
import type { Features, NamedFeatures } from "../compile/options.ts";
import type { Shape } from "../graph/node.ts";
import type { Loss } from "../losses.ts";
import { Model, traineeOf } from "./model.ts";

/** Functions that make probabilities of a model's predictions. */
const activations = ["softmax", "sigmoid", "exp", "none"] as const;

/** Options of classify. */
export interface ClassifyOptions {
  /**
   * Function that makes probabilities of predictions: "softmax" of the logits of a row, "sigmoid" of each
   * logit, "exp" of log-probabilities, or "none". By default the one that belongs to the model's loss:
   * softmax for crossEntropy, sigmoid for bceWithLogits, exp for nll, none for bce.
   */
  readonly activation?: (typeof activations)[number];
}

/** Classes of a batch, and how likely they are. */
export interface Classification {
  /**
   * The most likely class of each row, [batch, ...], the first of equals; with yes or no for each element,
   * 1 where the probability is above 0.5, and 0 elsewhere.
   */
  readonly classes: Int32Array;
  /** Probabilities, 0 to 1, row-major. */
  readonly probabilities: Float32Array;
  /** Shape of the probabilities: [batch, ...outputShape]. */
  readonly shape: Shape;
}

/** Writes the softmax of one row over it; the largest logit is subtracted first. */
function softmax(row: Float32Array): void {
  const most = row.reduce((most, x) => Math.max(most, x), -Infinity);
  const powers = Array.from(row, (x) => exp(x - most));
  const sum = powers.reduce((sum, power) => sum + power, 0);
  powers.forEach((power, i) => (row[i] = power / sum));
}

/** Returns 1 / (1 + e^-x), of the power that does not overflow. */
function sigmoid(x: number): number {
  const power = exp(-Math.abs(x));
  return (x < 0 ? power : 1) / (1 + power);
}

/** Returns the index of the first of the largest numbers. */
function argmax(row: Float32Array): number {
  let at = 0;
  for (let i = 1; i < row.length; i++) if (row[i]! > row[at]!) at = i;
  return at;
}

/** Returns the function that belongs to a loss. @throws TypeError if none does */
function activationOf(loss: Loss | undefined) {
  if (loss?.probabilities) return loss.probabilities;
  const came = loss ? `the loss ${loss.name}, which tells none` : "a model without a loss";
  throw new TypeError(`classify: expected an activation for probabilities, got ${came}`);
}

/**
 * Returns the class of each example, and the probabilities of all classes. Sums of a softmax are in
 * float64, so that the results are the same bits everywhere.
 * @param x examples [batch, ...inputShape], row-major; by name for a network with several inputs
 * @throws TypeError unless it is a model, or if its loss tells no probabilities and no activation is given
 * @throws TypeError or RangeError as Model.predict for wrong data, and for wrong options
 * @example
 * const { classes, probabilities } = classify(model, test.x.subarray(0, 5 * 64));
 * classes.length; // 5
 * probabilities.length; // 50
 */
export function classify(
  model: Model,
  x: Features | NamedFeatures,
  options: ClassifyOptions = {},
): Classification {
  check("classify", "model", model, instance("a model", Model));
  const chosen = checkOptions("classify", options, { activation: oneOf(...activations) });
  const { loss } = traineeOf(model).parts.settings;
  const activation = chosen.activation ?? activationOf(loss);
  const { data, shape } = model.predict(x);
  const probabilities = data.slice();
  const [rows, columns] = rowsOf(shape);
  const isBinary = activation === "sigmoid" || (activation === "none" && isYesOrNo(loss, columns));
  const each = Array.from({ length: rows }, (_, i) =>
    probabilities.subarray(i * columns, (i + 1) * columns),
  );
  if (activation === "softmax") each.forEach(softmax);
  if (activation === "exp") probabilities.forEach((p, i) => (probabilities[i] = exp(p)));
  if (activation === "sigmoid") probabilities.forEach((p, i) => (probabilities[i] = sigmoid(p)));
  const classes = isBinary
    ? Int32Array.from(probabilities, (p) => Number(p > 0.5))
    : Int32Array.from(each, argmax);
  return { classes, probabilities, shape };
}

/** Returns true if each probability is that of a yes, as those of one column are. */
function isYesOrNo(loss: Loss | undefined, columns: number): boolean {
  return loss?.threshold !== undefined || columns === 1;
}
