import { checkOptions, whole } from "../../base/arguments.ts";
import { type Computation, type Node, type Recorder } from "../node.ts";
import { OUTPUT, instruction, outputAt } from "../node.ts";
import { max } from "./reduce.ts";
import { ONE_ROW, asImages, asSequences } from "./sequences.ts";
import { type Padding1d, type Padding2d, type Pair, type Windows } from "./windows.ts";
import { checkImages, checkSequences, checkReach, padding1d, padding2d, pair } from "./windows.ts";
import { windows1d, windows2d } from "./windows.ts";

/** Options of pools of images. */
export interface Pool2dOptions {
  /** Distance from window to window, or [rows, columns]; the pool's size by default. */
  readonly stride?: Pair;
  /** Padding around the images; "valid" by default. Padding is never the maximum. */
  readonly padding?: Padding2d;
}

/** Options of pools of sequences. */
export interface Pool1dOptions {
  /** Distance from window to window; the pool's size by default. */
  readonly stride?: number;
  /** Padding around the sequences; "valid" by default. Padding is never the maximum. */
  readonly padding?: Padding1d;
}

/** Rules for Pool2dOptions. */
export const pool2dRules = () => ({ stride: pair(1), padding: padding2d() });

/** Rules for Pool1dOptions. */
export const pool1dRules = () => ({ stride: whole(1), padding: padding1d() });

/** Largest number of positions of a window that a byte can tell apart. */
const MOST_BYTES = 256;

/** Appends a max pool of images, by the kernels of assembly/pool. */
function maxPool(g: Recorder, op: string, x: Node, rows: Windows, columns: Windows): Node {
  const [batch, , , channels] = x.shape as [number, number, number, number];
  const shape = [batch, rows.count, columns.count, channels];
  const windows = [rows, columns].flatMap(({ length, size, stride, before, count }) => {
    return [length, size, stride, before, count];
  });
  const computation: Computation = {
    op,
    gradientOfOutputs(g, [, places], [dy]) {
      const dx: Computation = {
        op: `${op}Grad`,
        ints: [places!],
        instruction: instruction("maxPool2dGrad", {
          places: places!,
          dy: dy!,
          dx: OUTPUT,
          batch,
          channels,
          windows,
        }),
      };
      return [() => g.append(dx, x.shape)];
    },
    instruction: instruction("maxPool2d", {
      x,
      y: outputAt(0),
      places: outputAt(1),
      batch,
      channels,
      windows,
    }),
  };
  // Four channels have their places in a word, or in one each.
  const isWide = rows.size * columns.size > MOST_BYTES;
  const words = batch * rows.count * columns.count * Math.ceil(channels / 4) * (isWide ? 4 : 1);
  const outputs = [{ shape }, { shape: [words], type: "int", isOptional: true }] as const;
  return g.appendAll(computation, outputs)[0]!;
}

/**
 * The largest element of each window of images [batch, rows, columns, channels], for each channel by
 * itself; NaN if one is NaN. The gradient goes to the first of equal elements in row order. Padding
 * never is the largest.
 * @param poolSize rows and columns of a window, or [rows, columns]
 * @throws RangeError unless x holds images on which the windows fit, or if a window has only padding
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), [1, 2, 4, 1]);
 * g.maxPool2d(x, 2); // [[[[6], [8]]]]
 */
export function maxPool2d(g: Recorder, x: Node, poolSize: Pair, options: Pool2dOptions = {}): Node {
  const { stride = poolSize, padding = "valid" } = checkOptions(
    "maxPool2d",
    options,
    pool2dRules(),
  );
  const windows = windows2d(g, "maxPool2d", x, { size: poolSize, stride, padding });
  checkReach(g, "maxPool2d", x, windows);
  return maxPool(g, "maxPool2d", x, ...windows);
}

/**
 * The largest element of each window of sequences [batch, steps, channels], as maxPool2d.
 * @param poolSize steps of a window
 * @throws RangeError unless x holds sequences on which the windows fit, or if a window has only padding
 * @example
 * const x = g.constant(Float32Array.of(1, 4, 3, 2), [1, 4, 1]);
 * g.maxPool1d(x, 2); // [[[4], [3]]]
 */
export function maxPool1d(
  g: Recorder,
  x: Node,
  poolSize: number,
  options: Pool1dOptions = {},
): Node {
  const { stride = poolSize, padding = "valid" } = checkOptions(
    "maxPool1d",
    options,
    pool1dRules(),
  );
  const steps = windows1d(g, "maxPool1d", x, { size: poolSize, stride, padding });
  checkReach(g, "maxPool1d", x, [steps]);
  return asSequences(g, maxPool(g, "maxPool1d", asImages(g, x), ONE_ROW, steps));
}

/**
 * The largest element of each channel of images [batch, rows, columns, channels]: [batch, channels].
 * NaN and equal elements count as in maxPool2d.
 * @throws RangeError unless x holds images of at least one element
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), [1, 2, 2, 2]);
 * g.globalMaxPool2d(x); // [[7, 8]]
 */
export function globalMaxPool2d(g: Recorder, x: Node): Node {
  checkImages(g, "globalMaxPool2d", x);
  return max(g, x, [1, 2]);
}

/**
 * The largest element of each channel of sequences [batch, steps, channels]: [batch, channels].
 * @throws RangeError unless x holds sequences of at least one step
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 4, 3), [1, 2, 2]);
 * g.globalMaxPool1d(x); // [[4, 3]]
 */
export function globalMaxPool1d(g: Recorder, x: Node): Node {
  checkSequences(g, "globalMaxPool1d", x);
  return max(g, x, 1);
}

/** Ops of this file, under the names of their methods. */
export const maxPoolOps = { maxPool2d, maxPool1d, globalMaxPool2d, globalMaxPool1d };
