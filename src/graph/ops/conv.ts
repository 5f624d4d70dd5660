import { type Rules, checkOptions, whole } from "../../base/arguments.ts";
import { type Node, type Recorder } from "../node.ts";
import { type ActivationChoice, activate, canFuse } from "./activations.ts";
import { type Convolution, convolve, outputsOf } from "./convolution.ts";
import { dense } from "./matmul.ts";
import { ONE_ROW, asImages, asSequences } from "./sequences.ts";
import { reshape } from "./shape.ts";
import { type Padding1d, type Padding2d, type Pair } from "./windows.ts";
import { checkImages, checkSequences } from "./windows.ts";
import { padding1d, padding2d, pair, windows1d, windows2d } from "./windows.ts";

/** Options of conv2d. */
export interface Conv2dOptions {
  /** Rows and columns from window to window; 1 by default. */
  readonly stride?: Pair;
  /** Zeros around the image; "valid", which adds none, by default. */
  readonly padding?: Padding2d;
  /** Rows and columns from tap to tap of the kernel; 1 by default. */
  readonly dilation?: Pair;
  /** Number of groups, each of which has filters of its own; 1 by default. */
  readonly groups?: number;
}

/** Options of conv1d. */
export interface Conv1dOptions {
  /** Steps from window to window; 1 by default. */
  readonly stride?: number;
  /** Zeros around the sequence; "valid", which adds none, by default. */
  readonly padding?: Padding1d;
  /** Steps from tap to tap of the kernel; 1 by default. */
  readonly dilation?: number;
  /** Number of groups, each of which has filters of its own; 1 by default. */
  readonly groups?: number;
}

/** Rules for Conv2dOptions. */
export const conv2dRules = (): Rules<Conv2dOptions> => ({
  stride: pair(1),
  padding: padding2d(),
  dilation: pair(1),
  groups: whole(1),
});

/** Rules for Conv1dOptions. */
export const conv1dRules = (): Rules<Conv1dOptions> => ({
  stride: whole(1),
  padding: padding1d(),
  dilation: whole(1),
  groups: whole(1),
});

/** Returns true for a convolution that is a product of pixels and weight. */
function isProduct({ rows, columns, groups }: Convolution): boolean {
  return (
    groups === 1 &&
    [rows, columns].every(({ size, stride, before, after }) => {
      return size === 1 && stride === 1 && before + after === 0;
    })
  );
}

/** Appends a convolution of images with an activation, if it can fuse, or one behind it. */
function convolution(
  g: Recorder,
  of: Convolution,
  x: Node,
  weight: Node,
  bias?: Node,
  activation?: ActivationChoice,
): Node {
  if (activation && !canFuse(activation)) {
    return activate(g, convolution(g, of, x, weight, bias), activation);
  }
  if (isProduct(of)) {
    return dense(g, x, reshape(g, weight, [of.channels, of.filters]), bias, activation);
  }
  return convolve(g, of, x, weight, { bias, activation });
}

/**
 * Convolution of images x [batch, rows, columns, channels] with a weight [rows, columns, channels /
 * groups, filters], and a bias [filters]: y[n, i, j, f] = bias[f] + Σ x[n, i · stride + a · dilation -
 * top, j · stride + b · dilation - left, c] · weight[a, b, c, f] over the kernel's rows a, its columns b
 * and the channels c of f's group. The kernel is not flipped, as in PyTorch and Keras. An activation
 * whose gradient needs its input follows as a node of its own.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if a shape does not fit, an option is out of range or unknown, groups does not divide
 * channels and filters, or the padded image is smaller than the kernel
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), [1, 3, 3, 1]);
 * const weight = g.constant(Float32Array.of(1, 0, 0, 1), [2, 2, 1, 1]);
 * g.conv2d(x, weight); // [[[[6], [8]], [[12], [14]]]]
 */
export function conv2d(
  g: Recorder,
  x: Node,
  weight: Node,
  bias?: Node,
  options: Conv2dOptions = {},
  activation?: ActivationChoice,
): Node {
  const op = "conv2d";
  const chosen = checkOptions(op, options, conv2dRules());
  const { stride = 1, padding = "valid", dilation = 1, groups = 1 } = chosen;
  checkImages(g, op, x);
  const channels = x.shape[3]!;
  const filters = outputsOf(g, op, 4, x, groups, weight, bias);
  const size = [weight.shape[0]!, weight.shape[1]!] as const;
  const [rows, columns] = windows2d(g, op, x, { size, stride, dilation, padding });
  const of = { op, images: x.shape[0]!, channels, filters, rows, columns, groups };
  return convolution(g, of, x, weight, bias, activation);
}

/**
 * Convolution of sequences x [batch, steps, channels] with a weight [size, channels / groups, filters]
 * and a bias [filters], as conv2d does it along one axis. With "causal" padding no result depends on what
 * follows its step.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if a shape does not fit, an option is out of range or unknown, groups does not divide
 * channels and filters, or the padded sequence is shorter than the kernel
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 4), [1, 4, 1]);
 * const weight = g.constant(Float32Array.of(1, 10), [2, 1, 1]);
 * g.conv1d(x, weight); // [[[21], [32], [43]]]
 * g.conv1d(x, weight, undefined, { padding: "causal" }); // [[[10], [21], [32], [43]]]
 */
export function conv1d(
  g: Recorder,
  x: Node,
  weight: Node,
  bias?: Node,
  options: Conv1dOptions = {},
  activation?: ActivationChoice,
): Node {
  const op = "conv1d";
  const chosen = checkOptions(op, options, conv1dRules());
  const { stride = 1, padding = "valid", dilation = 1, groups = 1 } = chosen;
  checkSequences(g, op, x);
  const channels = x.shape[2]!;
  const filters = outputsOf(g, op, 3, x, groups, weight, bias);
  const columns = windows1d(g, op, x, { size: weight.shape[0]!, stride, dilation, padding });
  const of = { op, images: x.shape[0]!, channels, filters, rows: ONE_ROW, columns, groups };
  const kernel = reshape(g, weight, [1, ...weight.shape]);
  return asSequences(g, convolution(g, of, asImages(g, x), kernel, bias, activation));
}

/** Ops of this file, under the names of their methods. */
export const convOps = { conv2d, conv1d };
