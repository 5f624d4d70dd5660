import {
  type CellName,
  type RecurrentUpstream,
  gatesOf,
  recurrent,
  recurrentGrad,
} from "../../reference/recurrent.ts";
import type { Exports } from "../../wasm/build.ts";
import type { Tile } from "../../wasm/tiles.ts";
import { type Family, type KernelCase, type Result, kernelCase } from "../case.ts";
import { U } from "../compare.ts";
import { floats } from "../numbers.ts";
import { STRIPS, striped, withTile } from "./convolution.ts";

/** Kinds of cells, in the order of the kernels' numbers. */
export const cells: readonly CellName[] = ["lstm", "gru", "simpleRnn"];

/** Sizes of layers, with lengths, and whether states and biases are given and sequences are reversed. */
interface Shape {
  readonly batch: number;
  readonly steps: number;
  readonly units: number;
  readonly lengths?: readonly number[];
  /** True for lengths in float32. */
  readonly floating?: boolean;
  readonly isReverse?: boolean;
  readonly hasStates?: boolean;
}

const shapes: readonly Shape[] = [
  ...[1, 2, 3, 4, 5, 7, 8, 9, 16, 17].map((units) => ({ batch: 2, steps: 3, units })),
  ...[1, 3, 4, 5, 6, 7, 8, 9, 17].map((batch) => ({
    ...{ batch, steps: 2, units: 5, hasStates: true },
  })),
  { batch: 3, steps: 1, units: 4, hasStates: true },
  { batch: 0, steps: 2, units: 4 },
  { batch: 2, steps: 0, units: 4, hasStates: true },
  { batch: 2, steps: 4, units: 6, isReverse: true },
  { batch: 5, steps: 6, units: 7, lengths: [6, 0, 1, 4, 5], hasStates: true },
  { batch: 5, steps: 6, units: 7, lengths: [6, 0, 1, 4, 5], hasStates: true, isReverse: true },
  { batch: 5, steps: 6, units: 7, lengths: [6, 0, 1, 4, 5], floating: true },
  { batch: 2, steps: 3, units: 9, lengths: [0, 0] },
  // Lengths outside of the steps, and such as are not whole.
  { batch: 4, steps: 3, units: 4, lengths: [-1, 4, 2 ** 31 - 1, -(2 ** 31)] },
  { batch: 6, steps: 3, units: 4, lengths: [-1, 2.75, NaN, 1e10, -Infinity, -0], floating: true },
  { batch: 5, steps: 2, units: 65, hasStates: true },
  // The recurrent sum, and its gradient's, of more than one block.
  { batch: 2, steps: 2, units: 400 },
];

/** Returns the lengths of a shape in the type that the kernels read. */
function lengthsOf({ lengths, floating }: Shape): Int32Array | Float32Array | undefined {
  return lengths && (floating ? Float32Array : Int32Array).from(lengths);
}

/** Returns the operands of a shape. */
function operands(cell: CellName, shape: Shape) {
  const { batch, steps, units, isReverse = false, hasStates = false } = shape;
  const columns = gatesOf[cell] * units;
  const scale = 1 / Math.sqrt(units);
  return {
    ...{ cell, batch, steps, units, isReverse },
    z: floats(batch * steps * columns, 1, -2, 2),
    weight: floats(units * columns, 2, -scale, scale),
    bias: cell === "gru" ? floats(columns, 3) : undefined,
    h0: hasStates ? floats(batch * units, 4) : undefined,
    c0: hasStates && cell === "lstm" ? floats(batch * units, 5) : undefined,
    lengths: lengthsOf(shape),
  };
}

function nameOf(cell: CellName, shape: Shape, tile: Tile): string {
  const { batch, steps, units, lengths, floating, isReverse, hasStates } = shape;
  const options = [
    lengths ? `, lengths ${lengths.join(" ")}${floating ? " as floats" : ""}` : "",
    isReverse ? ", reverse" : "",
    hasStates ? ", states" : "",
  ];
  return `${cell} ${batch} x ${steps} x ${units}${options.join("")}, tile ${tile}`;
}

/**
 * Errors of states are at most 1 / 2 of those of the sums that they come from. A sum's are those of
 * `units` roundings of terms below 1 / √units, and of the states before.
 */
const boundOf = ({ steps, units }: Shape): number => (Math.sqrt(units) + 8) * (steps + 1) * U;

const GRADIENT = 8;

/** Scratch and packed weight of a case. */
function working(cell: CellName, { batch, units }: Shape, isGradient: boolean) {
  const columns = gatesOf[cell] * units;
  const packed = isGradient ? columns * striped(units) : units * striped(columns);
  const kind = cells.indexOf(cell);
  return {
    packed: () => new Float32Array(packed).fill(NaN),
    packScratch: () => new Float32Array(128).fill(NaN),
    scratch: ({ recurrentScratchBytes }: Exports) =>
      new Float32Array(recurrentScratchBytes(kind, batch, units) / 4).fill(NaN),
  };
}

/** Returns the geometry of a kernel of one row and column, as which the weight is packed. */
export function geometryOf(units: number, columns: number): Int32Array {
  return Int32Array.of(1, units, columns, 1, ...[1, 1, 1, 1, 1, 0], ...[1, 1, 1, 1, 1, 0]);
}

/** Returns inputs without those that are undefined. */
function given<T>(inputs: Readonly<Record<string, T | undefined>>): Record<string, T> {
  const entries = Object.entries(inputs).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Record<string, T>;
}

function forwardCase(cell: CellName, shape: Shape, tile: Tile): KernelCase {
  const of = operands(cell, shape);
  const { batch, steps, units, isReverse } = of;
  const expected = recurrent(of);
  const allowed = (): number => boundOf(shape);
  const isLstm = cell === "lstm";
  const kind = cells.indexOf(cell);
  const { z, weight, bias, h0, c0, lengths } = of;
  const geometry = geometryOf(units, gatesOf[cell] * units);
  return kernelCase({
    what: nameOf(cell, shape, tile),
    inputs: given({ z, weight, bias, h0, c0, lengths, geometry }),
    results: given<Result>({
      outputs: { expected: expected.outputs, allowed },
      gates: { expected: expected.gates, allowed },
      h: { expected: expected.h, allowed },
      cells: isLstm ? { expected: expected.cells, allowed } : undefined,
      c: isLstm ? { expected: expected.c, allowed } : undefined,
    }),
    scratch: working(cell, shape, false),
    call(kernels, at: Partial<Record<string, number>>) {
      const { packed, scratch, ...a } = at as Record<string, number>;
      withTile(kernels, tile, () => {
        kernels.conv2dPack(a.weight!, packed!, false, a.geometry!, a.packScratch!);
        kernels.recurrent(
          ...([kind, batch, steps, units, isReverse] as const),
          ...([a.z!, packed!, a.bias ?? 0, a.h0 ?? 0, a.c0 ?? 0] as const),
          ...([a.lengths ?? 0, shape.floating ?? false] as const),
          ...([a.outputs!, a.gates!, a.cells ?? 0, a.h!, a.c ?? 0, scratch!] as const),
        );
      });
    },
  });
}

function gradientCase(cell: CellName, shape: Shape, tile: Tile, i: number): KernelCase {
  const of = operands(cell, shape);
  const { batch, steps, units, isReverse } = of;
  const values = recurrent(of);
  const isLstm = cell === "lstm";
  // Each of the gradients is missing in some cases.
  const upstream: RecurrentUpstream = {
    doutputs: i % 4 === 1 ? undefined : floats(batch * steps * units, 6),
    dh: i % 3 === 1 ? undefined : floats(batch * units, 7),
    dc: isLstm && i % 5 > 0 ? floats(batch * units, 8) : undefined,
  };
  const rounded = {
    outputs: Float32Array.from(values.outputs),
    gates: Float32Array.from(values.gates),
    cells: Float32Array.from(values.cells),
  };
  const expected = recurrentGrad(of, { ...values, ...toDoubles(rounded) }, upstream);
  const all = [expected.dz, expected.drecurrent, expected.dh0, expected.dc0];
  const most = Math.max(
    1,
    ...all.map((list) => list.reduce((a, b) => Math.max(a, Math.abs(b)), 0)),
  );
  const allowed = (): number => GRADIENT * boundOf(shape) * most;
  const kind = cells.indexOf(cell);
  const { doutputs, dh, dc } = upstream as Record<string, Float32Array | undefined>;
  const inputs = {
    ...{ weight: of.weight, h0: of.h0, c0: of.c0 },
    ...{ lengths: of.lengths, outputs: rounded.outputs, gates: rounded.gates, doutputs, dh, dc },
    ...{ cells: isLstm ? rounded.cells : undefined },
    geometry: geometryOf(units, gatesOf[cell] * units),
  };
  return kernelCase({
    what: nameOf(cell, shape, tile),
    inputs: given<Float32Array | Int32Array>(inputs),
    results: given<Result>({
      dz: { expected: expected.dz, allowed },
      before: { expected: Float64Array.from(expected.before, Math.fround) },
      dh0: { expected: expected.dh0, allowed },
      drecurrent: cell === "gru" ? { expected: expected.drecurrent, allowed } : undefined,
      dc0: isLstm ? { expected: expected.dc0, allowed } : undefined,
    }),
    scratch: working(cell, shape, true),
    call(kernels, at: Partial<Record<string, number>>) {
      const { packed, scratch, ...a } = at as Record<string, number>;
      withTile(kernels, tile, () => {
        kernels.conv2dPack(a.weight!, packed!, true, a.geometry!, a.packScratch!);
        kernels.recurrentGrad(
          ...([kind, batch, steps, units, isReverse] as const),
          ...([packed!, a.h0 ?? 0, a.c0 ?? 0, a.lengths ?? 0, shape.floating ?? false] as const),
          ...([a.outputs!, a.gates!, a.cells ?? 0] as const),
          ...([a.doutputs ?? 0, a.dh ?? 0, a.dc ?? 0] as const),
          ...([a.dz!, a.drecurrent ?? 0, a.before!, a.dh0!, a.dc0 ?? 0, scratch!] as const),
        );
      });
    },
  });
}

function toDoubles<T extends Record<string, Float32Array>>(lists: T) {
  const entries = Object.entries(lists).map(([name, list]) => [name, Float64Array.from(list)]);
  return Object.fromEntries(entries) as { readonly [K in keyof T]: Float64Array };
}

/** Generates cases of every kind, shape and kind of strips. */
function* each(
  make: (...of: [CellName, Shape, Tile, number]) => KernelCase,
): Generator<KernelCase> {
  let i = 0;
  for (const cell of cells) {
    for (const shape of shapes) for (const tile of STRIPS) yield make(cell, shape, tile, i++);
  }
}

export const recurrentFamily: Family<"recurrentScratchBytes" | "recurrent" | "recurrentGrad"> = {
  name: "lstm, gru, simpleRnn",
  kernels: {
    recurrent: () => each(forwardCase),
    recurrentGrad: () => each(gradientCase),
    // The size of scratch is right if nothing is written behind it.
    *recurrentScratchBytes() {
      for (const cell of cells) yield forwardCase(cell, shapes[12]!, STRIPS[1]!);
    },
  },
};
