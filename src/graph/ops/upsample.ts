import { checkOptions, oneOf } from "../../base/arguments.ts";
import { type Node, type Recorder } from "../node.ts";
import { type SumAxis, checkSums, resample } from "./resample.ts";
import { type Pair, both, checkImages } from "./windows.ts";

/** Options of upsample2d. */
export interface Upsample2dOptions {
  /** "nearest" repeats elements; "bilinear" interpolates between neighbours. "nearest" by default. */
  readonly interpolation?: "nearest" | "bilinear";
}

/** Rules for Upsample2dOptions. */
export const upsample2dRules = () => ({ interpolation: oneOf("nearest", "bilinear") });

/** Returns the map that repeats each position. */
function repeated(length: number, scale: number): SumAxis {
  const sums = Array.from({ length: scale * length }, (_, i) => {
    return { first: Math.floor(i / scale), weights: [1] };
  });
  return { length, sums };
}

/**
 * Returns the map that interpolates between the two positions whose middles are nearest to that of an
 * output. Beyond the first and the last middle it repeats these.
 */
function interpolated(length: number, scale: number): SumAxis {
  const sums = Array.from({ length: scale * length }, (_, i) => {
    const place = Math.min(length - 1, Math.max(0, (i + 0.5) / scale - 0.5));
    const first = Math.floor(place);
    const share = place - first;
    return { first, weights: share > 0 ? [1 - share, share] : [1] };
  });
  return { length, sums };
}

/**
 * Images [batch, rows, columns, channels] enlarged by whole numbers. "bilinear" takes elements for
 * squares and interpolates between their middles, as Keras does and PyTorch with align_corners false.
 * @param scale factor of rows and columns, or [rows, columns]
 * @throws RangeError unless x holds images, or if the result would have more than 2 ** 20 rows or columns
 * @example
 * const x = g.constant(Float32Array.of(1, 3), [1, 1, 2, 1]);
 * g.upsample2d(x, [1, 2]); // [[[[1], [1], [3], [3]]]]
 * g.upsample2d(x, [1, 2], { interpolation: "bilinear" }); // [[[[1], [1.5], [2.5], [3]]]]
 */
export function upsample2d(
  g: Recorder,
  x: Node,
  scale: Pair,
  options: Upsample2dOptions = {},
): Node {
  const { interpolation = "nearest" } = checkOptions("upsample2d", options, upsample2dRules());
  checkImages(g, "upsample2d", x);
  const [, height, width] = x.shape as [number, number, number];
  const [rows, columns] = both(scale);
  checkSums(g, "upsample2d", [rows * height, columns * width]);
  const along = interpolation === "nearest" ? repeated : interpolated;
  return resample(g, "upsample2d", x, along(height, rows), along(width, columns));
}
