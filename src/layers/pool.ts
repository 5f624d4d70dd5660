import { type Rule, type Rules, check, checkArguments, checkOptions } from "../base/arguments.ts";
import { needed, whole } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import type { Node } from "../graph/node.ts";
import { type AvgPool1dOptions, type AvgPool2dOptions } from "../graph/ops/avgpool.ts";
import { avgPool1dRules, avgPool2dRules } from "../graph/ops/avgpool.ts";
import { type Pool1dOptions, type Pool2dOptions } from "../graph/ops/maxpool.ts";
import { pool1dRules, pool2dRules } from "../graph/ops/maxpool.ts";
import { type Upsample2dOptions, upsample2dRules } from "../graph/ops/upsample.ts";
import { type Pair, owned, pair } from "../graph/ops/windows.ts";
import type { Layer, LayerGraph } from "./layer.ts";

/** A layer of one argument and options. */
interface Sized<Size, Options> {
  readonly kind: string;
  /** Name of the argument, and its rule. */
  readonly what: string;
  readonly rule: Rule;
  readonly rules: Rules<Options>;
  readonly record: (g: LayerGraph, x: Node, size: Size, options: Options) => Node;
}

/** Makes a layer with copies of its arguments. @throws TypeError or RangeError if one is wrong */
function sized<Size, Options extends object>(
  { kind, what, rule, rules, record }: Sized<Size, Options>,
  size: Size,
  options: Options,
): Layer {
  check(kind, what, size, needed(rule));
  const own = owned(size);
  const chosen = checkOptions(call(kind, own), options, rules);
  for (const name of Object.keys(chosen) as (keyof Options)[]) chosen[name] = owned(chosen[name]);
  const label = call(kind, own, chosen);
  const layer: Layer = { kind, label, steps: "mixed", record: (g, x) => record(g, x, own, chosen) };
  return immutable(layer, label);
}

/** Makes a layer without arguments. */
function plain(kind: string, none: readonly unknown[], record: Layer["record"]): Layer {
  checkArguments(kind, none);
  return immutable<Layer>({ kind, label: kind, steps: "mixed", record }, call(kind));
}

/**
 * Max pool of images [rows, columns, channels]: the largest element of each window. The first of equal
 * elements in row order has the gradient; padding never is the largest.
 * @param poolSize rows and columns of a window, or [rows, columns]
 * @throws TypeError if an argument has the wrong type
 * @throws RangeError if an argument is out of range, or an option is unknown
 * @example
 * const net = sequential([maxPool2d(2), flatten(), dense(10)]);
 * engine.compile(net, { inputShape: [28, 28, 1], loss: crossEntropy(), optimizer: adam() });
 */
export function maxPool2d(poolSize: Pair, options: Pool2dOptions = {}): Layer {
  const layer: Sized<Pair, Pool2dOptions> = {
    ...{ kind: "maxPool2d", what: "poolSize", rule: pair(1), rules: pool2dRules() },
    record: (g, x, size, chosen) => g.maxPool2d(x, size, chosen),
  };
  return sized(layer, poolSize, options);
}

/**
 * Max pool of sequences [steps, channels], as maxPool2d.
 * @param poolSize steps of a window
 * @throws TypeError if an argument has the wrong type
 * @throws RangeError if an argument is out of range, or an option is unknown
 * @example
 * const net = sequential([maxPool1d(2), flatten(), dense(10)]);
 * engine.compile(net, { inputShape: [100, 8], loss: crossEntropy(), optimizer: adam() });
 */
export function maxPool1d(poolSize: number, options: Pool1dOptions = {}): Layer {
  const layer: Sized<number, Pool1dOptions> = {
    ...{ kind: "maxPool1d", what: "poolSize", rule: whole(1), rules: pool1dRules() },
    record: (g, x, size, chosen) => g.maxPool1d(x, size, chosen),
  };
  return sized(layer, poolSize, options);
}

/**
 * Average pool of images [rows, columns, channels]: the mean of each window. Padding does not count,
 * as in Keras; with `countPadding` it counts as 0, as by default in PyTorch.
 * @param poolSize rows and columns of a window, or [rows, columns]
 * @throws TypeError if an argument has the wrong type
 * @throws RangeError if an argument is out of range, or an option is unknown
 * @example
 * const net = sequential([avgPool2d(3, { stride: 2, padding: 1 }), flatten(), dense(10)]);
 * engine.compile(net, { inputShape: [28, 28, 1], loss: crossEntropy(), optimizer: adam() });
 */
export function avgPool2d(poolSize: Pair, options: AvgPool2dOptions = {}): Layer {
  const layer: Sized<Pair, AvgPool2dOptions> = {
    ...{ kind: "avgPool2d", what: "poolSize", rule: pair(1), rules: avgPool2dRules() },
    record: (g, x, size, chosen) => g.avgPool2d(x, size, chosen),
  };
  return sized(layer, poolSize, options);
}

/**
 * Average pool of sequences [steps, channels], as avgPool2d.
 * @param poolSize steps of a window
 * @throws TypeError if an argument has the wrong type
 * @throws RangeError if an argument is out of range, or an option is unknown
 * @example
 * const net = sequential([avgPool1d(4), flatten(), dense(10)]);
 * engine.compile(net, { inputShape: [100, 8], loss: crossEntropy(), optimizer: adam() });
 */
export function avgPool1d(poolSize: number, options: AvgPool1dOptions = {}): Layer {
  const layer: Sized<number, AvgPool1dOptions> = {
    ...{ kind: "avgPool1d", what: "poolSize", rule: whole(1), rules: avgPool1dRules() },
    record: (g, x, size, chosen) => g.avgPool1d(x, size, chosen),
  };
  return sized(layer, poolSize, options);
}

/**
 * The largest element of each channel: images [rows, columns, channels] become [channels].
 * @example
 * const net = sequential([globalMaxPool2d(), dense(10)]);
 * engine.compile(net, { inputShape: [7, 7, 64], loss: crossEntropy(), optimizer: adam() });
 */
export function globalMaxPool2d(): Layer;
export function globalMaxPool2d(...none: unknown[]): Layer {
  return plain("globalMaxPool2d", none, (g, x) => g.globalMaxPool2d(x));
}

/**
 * The mean of each channel: images [rows, columns, channels] become [channels].
 * @example
 * const net = sequential([globalAvgPool2d(), dense(10)]);
 * engine.compile(net, { inputShape: [7, 7, 64], loss: crossEntropy(), optimizer: adam() });
 */
export function globalAvgPool2d(): Layer;
export function globalAvgPool2d(...none: unknown[]): Layer {
  return plain("globalAvgPool2d", none, (g, x) => g.globalAvgPool2d(x));
}

/**
 * The largest element of each channel: sequences [steps, channels] become [channels].
 * @example
 * const net = sequential([embedding(1000, 16), globalMaxPool1d(), dense(2)]);
 * engine.compile(net, { inputShape: [20], loss: crossEntropy(), optimizer: adam() });
 */
export function globalMaxPool1d(): Layer;
export function globalMaxPool1d(...none: unknown[]): Layer {
  return plain("globalMaxPool1d", none, (g, x) => g.globalMaxPool1d(x));
}

/**
 * The mean of each channel: sequences [steps, channels] become [channels].
 * @example
 * const net = sequential([embedding(1000, 16), globalAvgPool1d(), dense(2)]);
 * engine.compile(net, { inputShape: [20], loss: crossEntropy(), optimizer: adam() });
 */
export function globalAvgPool1d(): Layer;
export function globalAvgPool1d(...none: unknown[]): Layer {
  return plain("globalAvgPool1d", none, (g, x) => g.globalAvgPool1d(x));
}

/**
 * Average pool that gives as many rows and columns as are asked for, whatever the size of the images.
 * Its windows are PyTorch's, and may overlap by one element.
 * @param size rows and columns of the result, or [rows, columns]
 * @throws TypeError or RangeError unless it is a whole number ≥ 1, or two of them
 * @example
 * const net = sequential([adaptiveAvgPool2d([3, 2]), flatten(), dense(10)]);
 * engine.compile(net, { inputShape: [7, 5, 16], loss: crossEntropy(), optimizer: adam() });
 */
export function adaptiveAvgPool2d(size: Pair): Layer {
  const layer: Sized<Pair, object> = {
    ...{ kind: "adaptiveAvgPool2d", what: "size", rule: pair(1), rules: {} },
    record: (g, x, own) => g.adaptiveAvgPool2d(x, own),
  };
  return sized(layer, size, {});
}

/**
 * Enlarges images [rows, columns, channels] by whole numbers: repeats elements, or interpolates between
 * them as Keras does, and PyTorch with align_corners false.
 * @param scale factor of rows and columns, or [rows, columns]
 * @throws TypeError if an argument has the wrong type
 * @throws RangeError if the scale is not of whole numbers ≥ 1, or an option is wrong
 * @example
 * const net = sequential([reshape([7, 7, 4]), upsample2d(2, { interpolation: "bilinear" })]);
 * engine.compile(net, { inputShape: [196], loss: mse(), optimizer: adam() });
 */
export function upsample2d(scale: Pair, options: Upsample2dOptions = {}): Layer {
  const layer: Sized<Pair, Upsample2dOptions> = {
    ...{ kind: "upsample2d", what: "scale", rule: pair(1), rules: upsample2dRules() },
    record: (g, x, own, chosen) => g.upsample2d(x, own, chosen),
  };
  return sized(layer, scale, options);
}
