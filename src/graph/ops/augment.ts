import { type Rule, checkOptions, describeValue, flag } from "../../base/arguments.ts";
import { numberBelow, numberFrom, oneOf } from "../../base/arguments.ts";
import { type Computation, type Node, OUTPUT, type Recorder, describe } from "../node.ts";
import { float, instruction } from "../node.ts";
import { type Pair, both, checkImages, describeSides, isSides, pair } from "./windows.ts";

/** A share of the rows and of the columns of an image; one that is left out is 0. */
export type Shares =
  | number
  | {
      /** Share of the rows, in [0, 1). */
      readonly rows?: number;
      /** Share of the columns. */
      readonly columns?: number;
    };

/** Value of what a moved or turned image lacks. */
export interface FillOption {
  /**
   * Value of a pixel outside of the image: "zeros" is 0, as by default in torchvision, and "nearest" is that of
   * the nearest pixel. "zeros" by default.
   */
  readonly fill?: "zeros" | "nearest";
}

/** Options of randomFlip. */
export interface FlipOptions {
  /** True if left and right are exchanged in one image of two; true by default. */
  readonly horizontal?: boolean;
  /** True if one image of two is turned upside down; false by default. */
  readonly vertical?: boolean;
}

/** Options of augment: changes of images, none by default. */
export interface AugmentOptions extends FillOption {
  /** True if left and right are exchanged in one image of two; false by default. */
  readonly horizontal?: boolean;
  /** True if one image of two is turned upside down; false by default. */
  readonly vertical?: boolean;
  /** Farthest move, as a share of rows and columns, rounded to whole pixels. */
  readonly translation?: Shares;
  /** Largest angle in degrees, either way: 0 to 180. */
  readonly rotation?: number;
  /** Largest change of the size, as a share of it, in [0, 1). */
  readonly zoom?: number;
  /** Rows and columns of the part that is cut out, anywhere in the image. */
  readonly crop?: Pair;
  /** Rows and columns of the rectangle that becomes 0. */
  readonly cutout?: Pair;
}

const isShare = (value: unknown): boolean => typeof value === "number" && value >= 0 && value < 1;

/** Rule for Shares. */
export const shares = (): Rule => ({
  expected: "a number in [0, 1), or { rows, columns } of such",
  is: (value) => typeof value === "number" || isSides(value),
  allows(value) {
    if (!isSides(value)) return isShare(value);
    const known = Object.entries(value).filter(([, share]) => share !== undefined);
    const names = ["rows", "columns"];
    return (
      known.length > 0 && known.every(([name, share]) => names.includes(name) && isShare(share))
    );
  },
  describe: (value) => (isSides(value) ? describeSides(value) : describeValue(value)),
});

/** Rule for FillOption. */
export const fillRules = () => ({ fill: oneOf("zeros", "nearest") });

/** Rule for the angle of a rotation. */
export const degrees = (): Rule => numberFrom(0, 180);

/** Rules for AugmentOptions. */
export const augmentRules = () => ({
  horizontal: flag(),
  vertical: flag(),
  translation: shares(),
  rotation: degrees(),
  zoom: numberBelow(1),
  crop: pair(1),
  cutout: pair(1),
  ...fillRules(),
});

/**
 * Returns the rows and columns of the part that is cut out of images x.
 * @throws RangeError if the images are smaller
 */
export function cropOf(g: Recorder, op: string, x: Node, crop: Pair): readonly [number, number] {
  const [rows, columns] = both(crop);
  const [, height, width] = x.shape as [number, number, number, number];
  if (rows <= height && columns <= width) return [rows, columns];
  const expected = `images of at least ${rows} rows and ${columns} columns`;
  throw g.fail(op, `expected ${expected}, got ${describe(x.shape)}`);
}

/** Returns the farthest moves in pixels. */
function movesOf(x: Node, translation: Shares): readonly [rows: number, columns: number] {
  const [, height, width] = x.shape as [number, number, number, number];
  const { rows = 0, columns = 0 } =
    typeof translation === "number" ? { rows: translation, columns: translation } : translation;
  return [Math.round(rows * height), Math.round(columns * width)];
}

/**
 * Images [batch, rows, columns, channels] that are mirrored, moved, turned, enlarged, cropped and partly
 * erased, each by random numbers of its own. It does so in every mode, unlike the layer augment(). All
 * changes together interpolate once, bilinearly; without rotation and zoom pixels stay as they are. The numbers
 * depend on the graph's seed and step and on an image's place in the batch alone. There is no gradient
 * of x: a graph that needs one is refused.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError unless x holds images, if an option is out of range or unknown, if images are smaller than the
 * crop, or later, if the gradient of x is needed
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 1, 3, 1]);
 * g.augment(x, { horizontal: true }); // [[[[1], [2], [3]]], [[[6], [5], [4]]]]
 */
export function augment(g: Recorder, x: Node, options: AugmentOptions): Node {
  const chosen = checkOptions("augment", options, augmentRules());
  checkImages(g, "augment", x);
  const [batch, rows, columns, channels] = x.shape as [number, number, number, number];
  const { horizontal = false, vertical = false, translation = 0, rotation = 0, zoom = 0 } = chosen;
  const { crop = [rows, columns], cutout = 0, fill = "zeros" } = chosen;
  const [outRows, outColumns] = cropOf(g, "augment", x, crop);
  const [moveRows, moveColumns] = movesOf(x, translation);
  const [cutRows, cutColumns] = both(cutout);
  const { state, stream } = g.random();
  const computation: Computation = {
    op: "augment",
    ints: [state],
    gradient: (_g, { name }) => [() => refuseGradient(name), null],
    instruction: instruction("augment", {
      x,
      y: OUTPUT,
      rows,
      columns,
      channels,
      outRows,
      outColumns,
      flipRows: vertical,
      flipColumns: horizontal,
      firstRow: -moveRows,
      rowChoices: rows - outRows + 2 * moveRows + 1,
      firstColumn: -moveColumns,
      columnChoices: columns - outColumns + 2 * moveColumns + 1,
      turn: float((rotation / 180) * Math.PI),
      zoom: float(zoom),
      cutRows,
      cutColumns,
      nearest: fill === "nearest",
      stream,
      images: batch,
      state,
    }),
  };
  return g.append(computation, [batch, outRows, outColumns, channels]);
}

/** @throws RangeError always: images are moved, not differentiated */
function refuseGradient(name: string): never {
  const received = "those of a layer that trains; put it in front of such layers";
  throw new RangeError(`${name}: expected images that need no gradient, got ${received}`);
}
