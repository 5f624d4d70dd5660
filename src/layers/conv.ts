import { check, checkWhole, whole } from "../base/arguments.ts";
import { call } from "../base/printable.ts";
import { type Conv1dOptions, type Conv2dOptions, conv1d as conv1dOp } from "../graph/ops/conv.ts";
import { conv1dRules, conv2d as conv2dOp, conv2dRules } from "../graph/ops/conv.ts";
import { type Conv2dTransposeOptions, conv2dTransposeRules } from "../graph/ops/conv-transpose.ts";
import { conv2dTranspose as conv2dTransposeOp } from "../graph/ops/conv-transpose.ts";
import { checkGroups } from "../graph/ops/convolution.ts";
import { type Pair, both, checkImages, checkSequences, owned, pair } from "../graph/ops/windows.ts";
import { type FilterOptions, checkFilterOptions, filterLayer } from "./filters.ts";
import type { Layer } from "./layer.ts";

/** Options of the layer conv2d. */
export interface Conv2dLayerOptions extends Conv2dOptions, FilterOptions {}

/** Options of the layer conv1d. */
export interface Conv1dLayerOptions extends Conv1dOptions, FilterOptions {}

/** Options of the layer conv2dTranspose. */
export interface Conv2dTransposeLayerOptions extends Conv2dTransposeOptions, FilterOptions {}

/** Options of the layers depthwiseConv2d and separableConv2d. */
export interface DepthwiseConv2dOptions extends Omit<Conv2dOptions, "groups">, FilterOptions {
  /** Number of filters for each channel; 1 by default, as in Keras. */
  readonly multiplier?: number;
}

/**
 * Convolution of images [batch, rows, columns, channels] to [batch, rows, columns, filters]. The weight is
 * [kernel rows, kernel columns, channels / groups, filters], the bias [filters]. The kernel is not
 * flipped, as in PyTorch and Keras.
 * @param filters number of channels of the result, at least 1
 * @param kernelSize rows and columns of the kernel: a number for both, or [rows, columns]
 * @throws TypeError if an argument or an option has the wrong type
 * @throws RangeError if one is out of range, or an option is unknown. Recording throws one if x is not a
 * batch of images, the padded image is smaller than the kernel, or groups does not divide channels and
 * filters.
 * @example
 * const net = sequential([
 *   conv2d(32, 3, { padding: "same", activation: "relu" }),
 *   conv2d(64, [3, 5], { stride: 2, useBias: false }),
 *   flatten(),
 *   dense(10),
 * ]);
 */
export function conv2d(filters: number, kernelSize: Pair, options: Conv2dLayerOptions = {}): Layer {
  checkWhole("conv2d", "filters", filters, 1);
  check("conv2d", "kernelSize", kernelSize, pair(1));
  const size = owned(kernelSize);
  const chosen = checkFilterOptions(call("conv2d", filters, size), options, conv2dRules());
  const { stride, padding, dilation, groups = 1 } = chosen;
  const settings = { stride, padding, dilation, groups };
  return filterLayer("conv2d", [filters, size], chosen, (g, x, parameters, activation) => {
    checkImages(g, "conv2d", x);
    const channels = x.shape[3]!;
    checkGroups(g, "conv2d", groups, x, filters);
    const weight = parameters.weight([...both(size), channels / groups, filters]);
    return conv2dOp(g, x, weight, parameters.bias(filters), settings, activation);
  });
}

/**
 * Convolution of sequences [batch, steps, channels] to [batch, steps, filters]. The weight is [kernelSize,
 * channels / groups, filters], the bias [filters]. With padding "causal" no output depends on later steps.
 * @param filters number of channels of the result, at least 1
 * @param kernelSize steps of the kernel, at least 1
 * @throws TypeError if an argument or an option has the wrong type
 * @throws RangeError if one is out of range, or an option is unknown. Recording throws one if x is not a
 * batch of sequences, the padded sequence is shorter than the kernel, or groups does not divide channels
 * and filters.
 * @example
 * const net = sequential([
 *   conv1d(16, 3, { padding: "causal", dilation: 2, activation: "relu" }),
 *   flatten(),
 *   dense(1),
 * ]);
 */
export function conv1d(
  filters: number,
  kernelSize: number,
  options: Conv1dLayerOptions = {},
): Layer {
  checkWhole("conv1d", "filters", filters, 1);
  checkWhole("conv1d", "kernelSize", kernelSize, 1);
  const chosen = checkFilterOptions(call("conv1d", filters, kernelSize), options, conv1dRules());
  const { stride, padding, dilation, groups = 1 } = chosen;
  const settings = { stride, padding, dilation, groups };
  return filterLayer("conv1d", [filters, kernelSize], chosen, (g, x, parameters, activation) => {
    checkSequences(g, "conv1d", x);
    const channels = x.shape[2]!;
    checkGroups(g, "conv1d", groups, x, filters);
    const weight = parameters.weight([kernelSize, channels / groups, filters]);
    return conv1dOp(g, x, weight, parameters.bias(filters), settings, activation);
  });
}

const depthwiseRules = () => {
  const { stride, padding, dilation } = conv2dRules();
  return { stride, padding, dilation, multiplier: whole(1) };
};

/**
 * Depthwise convolution: each channel of images [batch, rows, columns, channels] has `multiplier` filters
 * of its own. The result is [batch, rows, columns, channels · multiplier], whose channels have the order
 * of their sources; the weight is [kernel rows, kernel columns, 1, channels · multiplier].
 * @param kernelSize rows and columns of the kernel: a number for both, or [rows, columns]
 * @throws TypeError if an argument or an option has the wrong type
 * @throws RangeError if one is out of range, or an option is unknown. Recording throws one if x is not a
 * batch of images, or the padded image is smaller than the kernel.
 * @example
 * const net = sequential([
 *   depthwiseConv2d(3, { padding: "same", useBias: false }),
 *   conv2d(32, 1, { activation: "relu" }),
 *   flatten(),
 *   dense(10),
 * ]);
 */
export function depthwiseConv2d(kernelSize: Pair, options: DepthwiseConv2dOptions = {}): Layer {
  check("depthwiseConv2d", "kernelSize", kernelSize, pair(1));
  const size = owned(kernelSize);
  const chosen = checkFilterOptions(call("depthwiseConv2d", size), options, depthwiseRules());
  const { stride, padding, dilation, multiplier = 1 } = chosen;
  return filterLayer("depthwiseConv2d", [size], chosen, (g, x, parameters, activation) => {
    checkImages(g, "depthwiseConv2d", x);
    const groups = x.shape[3]!;
    const filters = groups * multiplier;
    const weight = parameters.weight([...both(size), 1, filters]);
    const settings = { stride, padding, dilation, groups };
    return conv2dOp(g, x, weight, parameters.bias(filters), settings, activation);
  });
}

/**
 * Depthwise separable convolution (Chollet 2017): a depthwise convolution without bias, then a 1x1
 * convolution of its channels to `filters`, with bias and activation. Its weights are depthwiseWeight
 * [kernel rows, kernel columns, 1, channels · multiplier] and pointwiseWeight [1, 1, channels · multiplier,
 * filters]; weightInitializer and weightPenalty hold for both.
 * @param filters number of channels of the result, at least 1
 * @param kernelSize rows and columns of the kernel: a number for both, or [rows, columns]
 * @throws TypeError if an argument or an option has the wrong type
 * @throws RangeError if one is out of range, or an option is unknown. Recording throws one if x is not a
 * batch of images, or the padded image is smaller than the kernel.
 * @example
 * const net = sequential([separableConv2d(32, 3, { activation: "relu" }), flatten(), dense(10)]);
 */
export function separableConv2d(
  filters: number,
  kernelSize: Pair,
  options: DepthwiseConv2dOptions = {},
): Layer {
  const kind = "separableConv2d";
  checkWhole(kind, "filters", filters, 1);
  check(kind, "kernelSize", kernelSize, pair(1));
  const size = owned(kernelSize);
  const chosen = checkFilterOptions(call(kind, filters, size), options, depthwiseRules());
  const { stride, padding, dilation, multiplier = 1 } = chosen;
  return filterLayer(kind, [filters, size], chosen, (g, x, parameters, activation) => {
    checkImages(g, kind, x);
    const groups = x.shape[3]!;
    const channels = groups * multiplier;
    const depthwise = parameters.weight([...both(size), 1, channels], "depthwiseWeight");
    const pointwise = parameters.weight([1, 1, channels, filters], "pointwiseWeight");
    const between = conv2dOp(g, x, depthwise, undefined, { stride, padding, dilation, groups });
    return conv2dOp(g, between, pointwise, parameters.bias(filters), {}, activation);
  });
}

/**
 * Transposed convolution, which turns the shape of conv2d's result into that of its input: images [batch,
 * rows, columns, channels] to [batch, (rows - 1) · stride + kernel rows - padding + outputPadding, …,
 * filters]. The weight is [kernel rows, kernel columns, filters / groups, channels], as in Keras.
 * padding is what the result lacks on each side, as in PyTorch; "same" gives rows · stride rows, as in
 * Keras.
 * @param filters number of channels of the result, at least 1
 * @param kernelSize rows and columns of the kernel: a number for both, or [rows, columns]
 * @throws TypeError if an argument or an option has the wrong type
 * @throws RangeError if one is out of range, or an option is unknown. Recording throws one if x is not a
 * batch of images, the result would be empty, outputPadding is not below the stride, or groups
 * does not divide channels and filters.
 * @example
 * const net = sequential([
 *   conv2dTranspose(16, 3, { stride: 2, padding: "same", activation: "relu" }),
 *   conv2d(1, 3, { padding: "same", activation: "sigmoid" }),
 * ]);
 */
export function conv2dTranspose(
  filters: number,
  kernelSize: Pair,
  options: Conv2dTransposeLayerOptions = {},
): Layer {
  const kind = "conv2dTranspose";
  checkWhole(kind, "filters", filters, 1);
  check(kind, "kernelSize", kernelSize, pair(1));
  const size = owned(kernelSize);
  const rules = conv2dTransposeRules();
  const chosen = checkFilterOptions(call(kind, filters, size), options, rules);
  const { stride, padding, outputPadding, groups = 1 } = chosen;
  const settings = { stride, padding, outputPadding, groups };
  return filterLayer(kind, [filters, size], chosen, (g, x, parameters, activation) => {
    checkImages(g, kind, x);
    const channels = x.shape[3]!;
    checkGroups(g, kind, groups, x, filters);
    const weight = parameters.weight([...both(size), filters / groups, channels]);
    return conv2dTransposeOp(g, x, weight, parameters.bias(filters), settings, activation);
  });
}
