import { type Augmentation, augmented } from "../../reference/augmentation.ts";
import { length } from "../../reference/array64.ts";
import type { Exports } from "../../wasm/build.ts";
import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { U } from "../compare.ts";
import { floats } from "../numbers.ts";

/** Images, and the changes that the kernel makes. */
interface Augmenting extends Partial<Augmentation> {
  readonly what: string;
  readonly shape: readonly [batch: number, rows: number, columns: number, channels: number];
}

const augmentings: readonly Augmenting[] = [
  { what: "nothing", shape: [2, 4, 5, 3] },
  { what: "mirrored", shape: [9, 3, 4, 2], flipRows: true, flipColumns: true },
  {
    ...{ what: "moved", shape: [9, 6, 5, 1] },
    ...{ firstRow: -2, rowChoices: 5, firstColumn: -4, columnChoices: 9 },
  },
  {
    ...{ what: "moved, the nearest outside", shape: [5, 4, 3, 3], nearest: true },
    ...{ firstRow: -5, rowChoices: 11, firstColumn: -1, columnChoices: 3 },
  },
  {
    ...{ what: "cropped", shape: [7, 7, 6, 4], outRows: 4, outColumns: 5 },
    ...{ rowChoices: 4, columnChoices: 2, flipColumns: true },
  },
  { what: "erased", shape: [8, 7, 9, 2], cutRows: 3, cutColumns: 6 },
  { what: "erased by more than there is", shape: [3, 4, 4, 1], cutRows: 20, cutColumns: 20 },
  { what: "turned", shape: [6, 8, 8, 3], turn: Math.PI },
  { what: "turned, the nearest outside", shape: [6, 9, 5, 5], turn: 0.3, nearest: true },
  { what: "enlarged", shape: [6, 7, 8, 1], zoom: 0.5 },
  { what: "one pixel", shape: [3, 1, 1, 2], turn: 1, zoom: 0.2, flipRows: true },
  {
    ...{ what: "all", shape: [16, 9, 12, 3], outRows: 8, outColumns: 10, flipRows: true },
    ...{ flipColumns: true, firstRow: -2, rowChoices: 6, firstColumn: -1, columnChoices: 5 },
    ...{ turn: 2, zoom: 0.25, cutRows: 3, cutColumns: 2 },
  },
  { what: "no images", shape: [0, 3, 3, 1], flipColumns: true },
];

/** Returns all arguments of a call that say what is done. */
export function augmentationOf(
  shape: Augmenting["shape"],
  changes: Partial<Augmentation>,
): Augmentation {
  return {
    ...{ outRows: shape[1], outColumns: shape[2], flipRows: false, flipColumns: false },
    ...{ firstRow: 0, rowChoices: 1, firstColumn: 0, columnChoices: 1 },
    ...{ cutRows: 0, cutColumns: 0, nearest: false, ...changes },
    turn: Math.fround(changes.turn ?? 0),
    zoom: Math.fround(changes.zoom ?? 0),
  };
}

/** Seed and stream, and the step. */
export const STREAM = { low: 0x12345678, high: 0x9abcdef0, stream: 5 };
export const STEP = 1_234_567;

/** Calls the kernel for images `from` to `to` of a shape. */
export function callAugment(
  kernels: Exports,
  [x, y]: readonly [number, number],
  [from, to]: readonly [number, number],
  [, rows, columns, channels]: Augmenting["shape"],
  of: Augmentation,
): void {
  kernels.augment(
    ...[x, y, from, to, rows, columns, channels],
    ...[of.outRows, of.outColumns, of.flipRows, of.flipColumns],
    ...[of.firstRow, of.rowChoices, of.firstColumn, of.columnChoices],
    ...[of.turn, of.zoom, of.cutRows, of.cutColumns, of.nearest],
    ...[STREAM.low, STREAM.high, STREAM.stream, STEP],
  );
}

/**
 * Returns the largest error between pixels that differ by up to 2. The kernel's angles are off by up to 1e-8, and
 * so is a pixel at the edge by its distance from the middle; its place between pixels is rounded to float32,
 * along both axes; and so are weights, products and sums.
 */
function errorOf({ outRows, outColumns, turn, zoom }: Augmentation): number {
  if (turn === 0 && zoom === 0) return 0;
  const distance = (outRows + outColumns) / (1 - zoom);
  return 2 * 2 * (U + 1e-8 * distance) + 8 * U;
}

function augmentCase({ what, shape, ...changes }: Augmenting): KernelCase {
  const of = augmentationOf(shape, changes);
  const x = floats(length(shape), 1);
  const { data } = augmented({ shape, data: Float64Array.from(x) }, of, STREAM, STEP);
  return kernelCase({
    what: `${what}, ${shape.join(" x ")}`,
    inputs: { x },
    results: { y: { expected: data, allowed: () => errorOf(of) } },
    call(kernels, { x, y }) {
      callAugment(kernels, [x, y], [0, shape[0]], shape, of);
    },
  });
}

export const augmentationFamily: Family<"augment"> = {
  name: "augmentation",
  kernels: { augment: () => augmentings.map(augmentCase) },
};
