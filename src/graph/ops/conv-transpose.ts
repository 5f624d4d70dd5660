import { type Rules, checkOptions, whole } from "../../base/arguments.ts";
import { type Node, type Recorder, describe } from "../node.ts";
import { type ActivationChoice, activate, canFuse } from "./activations.ts";
import { outputsOf, transposed } from "./convolution.ts";
import { type Padding2d, type Pair, type Windows } from "./windows.ts";
import { both, checkImages, padding2d, pair, sides } from "./windows.ts";

/** Options of conv2dTranspose. */
export interface Conv2dTransposeOptions {
  /** Rows and columns of the result from input to input; 1 by default. */
  readonly stride?: Pair;
  /** Rows and columns that the result lacks on each side, as in PyTorch; "valid", which is 0, by default. */
  readonly padding?: Padding2d;
  /** Rows and columns more at the end, below the stride; 0 by default. */
  readonly outputPadding?: Pair;
  /** Number of groups, each of which has filters of its own; 1 by default. */
  readonly groups?: number;
}

/** Rules for Conv2dTransposeOptions. */
export const conv2dTransposeRules = (): Rules<Conv2dTransposeOptions> => ({
  stride: pair(1),
  padding: padding2d(),
  outputPadding: pair(0),
  groups: whole(1),
});

/**
 * Transposed convolution of x [batch, rows, columns, channels] with a weight [rows, columns, filters /
 * groups, channels] and a bias [filters]: the input gradient of a conv2d by the same weight, which
 * therefore turns the shape of conv2d's result into that of its input. The result has (rows - 1) ·
 * stride + kernel rows - padding + outputPadding rows, as in PyTorch; with "same" padding rows · stride
 * and outputPadding more, as in Keras without outputPadding.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if a shape does not fit, an option is out of range or unknown, groups does not divide
 * channels and filters, outputPadding is not below the stride, or the result would be empty
 * @example
 * const x = g.constant(Float32Array.of(1, 2), [1, 1, 2, 1]);
 * const weight = g.constant(Float32Array.of(1, 10, 100), [1, 3, 1, 1]);
 * g.conv2dTranspose(x, weight, undefined, { stride: [1, 2] }); // [[[[1], [10], [102], [20], [200]]]]
 */
export function conv2dTranspose(
  g: Recorder,
  x: Node,
  weight: Node,
  bias?: Node,
  options: Conv2dTransposeOptions = {},
  activation?: ActivationChoice,
): Node {
  const op = "conv2dTranspose";
  const chosen = checkOptions(op, options, conv2dTransposeRules());
  if (activation && !canFuse(activation)) {
    return activate(g, conv2dTranspose(g, x, weight, bias, options), activation);
  }
  const { groups = 1 } = chosen;
  checkImages(g, op, x);
  const channels = x.shape[3]!;
  const outputs = outputsOf(g, op, 4, x, groups, weight, bias, true);
  const [rows, columns] = outputWindows(g, op, x, weight, chosen);
  // It is the gradient of a convolution of its result to x.
  const of = { op, images: x.shape[0]!, channels: outputs, filters: channels };
  return transposed(g, { ...of, rows, columns, groups }, x, weight, { bias, activation });
}

/** Returns the windows of the convolution that has x as its result. */
function outputWindows(
  g: Recorder,
  op: string,
  x: Node,
  weight: Node,
  options: Conv2dTransposeOptions,
): [rows: Windows, columns: Windows] {
  const { stride = 1, padding = "valid", outputPadding = 0 } = options;
  const axis = (i: 0 | 1): Windows => {
    const [size, count] = [weight.shape[i]!, x.shape[i + 1]!];
    const [step, extra] = [both(stride)[i], both(outputPadding)[i]];
    if (extra >= Math.max(step, 1)) {
      throw g.fail(op, `expected outputPadding below the stride of ${step}, got ${extra}`);
    }
    const [before, after] = transposedPadding(padding, i, size, step);
    const length = (count - 1) * step + size - before - after + extra;
    if (length < 1 || count < 1) {
      const received = `${length} rows or columns of ${describe(x.shape)}`;
      throw g.fail(op, `expected a result of at least 1 row and column, got ${received}`);
    }
    const reach = length + before + after;
    return { length, size, stride: Math.min(step, reach), dilation: 1, before, after, count };
  };
  return [axis(0), axis(1)];
}

/** Returns what a transposed convolution's result lacks before and after. */
function transposedPadding(
  padding: Padding2d,
  axis: 0 | 1,
  size: number,
  stride: number,
): readonly [before: number, after: number] {
  if (padding === "valid") return [0, 0];
  if (padding === "same") {
    // The result has count · stride positions; Keras takes the smaller half before.
    const all = size - stride;
    const before = Math.floor(Math.max(0, all) / 2);
    return [before, all - before];
  }
  return sides(padding)[axis]!;
}

/** Ops of this file, under the names of their methods. */
export const convTransposeOps = { conv2dTranspose };
