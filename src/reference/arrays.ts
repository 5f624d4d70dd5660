import type { avgPoolOps } from "../graph/ops/avgpool.ts";
import type { batchNormOps } from "../graph/ops/batchnorm.ts";
import type { compareOps } from "../graph/ops/compare.ts";
import type { convTransposeOps } from "../graph/ops/conv-transpose.ts";
import type { convOps } from "../graph/ops/conv.ts";
import type { maxPoolOps } from "../graph/ops/maxpool.ts";
import type { normOps } from "../graph/ops/norm.ts";
import type { recurrentOps } from "../graph/ops/recurrent.ts";
import type { reduceOps } from "../graph/ops/reduce.ts";
import type { shapeOps } from "../graph/ops/shape.ts";
import { type Array64, at, fill } from "./array64.ts";
import { scaledDotProductAttention } from "./attention.ts";
import { conv1d, conv2d, conv2dTranspose } from "./convolution.ts";
import { batchMoments, batchNorm, groupNorm, layerNorm, normalize, rmsNorm } from "./norm.ts";
import { adaptiveAvgPool, avgPool, globalAvgPool, globalMaxPool, maxPool } from "./pool.ts";
import { upsample } from "./pool.ts";
import { recurrentFormulas } from "./recurrent.ts";

/** Ops on whole arrays. The type demands a formula for each in arrayFormulas. */
export type ArrayOp =
  | keyof typeof shapeOps
  | keyof typeof reduceOps
  | keyof typeof compareOps
  | keyof typeof maxPoolOps
  | keyof typeof avgPoolOps
  | "upsample2d"
  | keyof typeof normOps
  | keyof typeof batchNormOps
  | keyof typeof convOps
  | keyof typeof convTransposeOps
  | keyof typeof recurrentOps
  | "matmul"
  | "embedding"
  | "scaledDotProductAttention"
  | "dropout";

type Formula = (inputs: readonly Array64[], ...attributes: never[]) => Array64;

/** Returns the position of an axis, which may count from the end. */
function place(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** Returns a reduction of elements, in row-major order, along the given axes or all axes. */
function reduce(combine: (values: number[]) => number) {
  return (
    [x]: readonly Array64[],
    axis?: number | readonly number[],
    { keepDims = false } = {},
  ): Array64 => {
    const { shape } = x!;
    const given = axis ?? shape.map((_, i) => i);
    const axes = (typeof given === "number" ? [given] : given).map((i) => place(i, shape.length));
    const groups = new Map<string, number[]>();
    const kept = (index: readonly number[]) => index.filter((_, i) => !axes.includes(i));
    fill(shape, (index) => {
      const key = kept(index).join();
      groups.set(key, [...(groups.get(key) ?? []), at(x!, index)]);
      return 0;
    });
    const small = fill(kept(shape), (index) => combine(groups.get(index.join()) ?? []));
    if (!keepDims) return small;
    return { shape: shape.map((n, i) => (axes.includes(i) ? 1 : n)), data: small.data };
  };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Returns the index in an operand for an index in the array that it is broadcast to. */
function operandIndex(shape: readonly number[], index: readonly number[]): number[] {
  return shape.map((n, i) => (n === 1 ? 0 : index[index.length - shape.length + i]!));
}

/** A function of elements of arrays that broadcast against each other. */
function broadcasting(combine: (...values: readonly number[]) => number) {
  return (inputs: readonly Array64[]): Array64 => {
    const rank = Math.max(...inputs.map(({ shape }) => shape.length));
    const shape = Array.from({ length: rank }, (_, i) => {
      const lengths = inputs.map(({ shape }) => shape[i - rank + shape.length] ?? 1);
      return lengths.find((length) => length !== 1) ?? 1;
    });
    return fill(shape, (index) =>
      combine(...inputs.map((input) => at(input, operandIndex(input.shape, index)))),
    );
  };
}

function comparison(holds: (a: number, b: number) => boolean) {
  return broadcasting((a, b) => Number(holds(a, b)));
}

function swapped({ shape, data }: Array64): Array64 {
  const rank = shape.length;
  const order = shape.map((_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
  return arrayFormulas.transpose([{ shape, data }], order);
}

export const arrayFormulas = {
  reshape: ([x], shape: readonly number[]) => ({ shape, data: x!.data }),

  transpose([x], permutation?: readonly number[]) {
    const rank = x!.shape.length;
    const order = permutation ?? x!.shape.map((_, i) => rank - 1 - i);
    const axes = order.map((axis) => place(axis, rank));
    return fill(
      axes.map((axis) => x!.shape[axis]!),
      (index) =>
        at(
          x!,
          x!.shape.map((_, axis) => index[axes.indexOf(axis)]!),
        ),
    );
  },

  slice([x], begin: readonly number[], end: readonly number[] = [], steps: readonly number[] = []) {
    const from = x!.shape.map((n, i) => place(begin[i] ?? 0, n));
    const step = x!.shape.map((_, i) => steps[i] ?? 1);
    const shape = x!.shape.map((n, i) => {
      const to = end[i] === undefined ? n : place(end[i], n);
      return Math.ceil((to - from[i]!) / step[i]!);
    });
    return fill(shape, (index) =>
      at(
        x!,
        index.map((i, axis) => from[axis]! + i * step[axis]!),
      ),
    );
  },

  pad([x], padding: readonly (readonly [number, number])[]) {
    const shape = x!.shape.map((n, i) => n + padding[i]![0] + padding[i]![1]);
    return fill(shape, (index) => {
      const inside = index.map((position, i) => position - padding[i]![0]);
      return inside.every((p, i) => p >= 0 && p < x!.shape[i]!) ? at(x!, inside) : 0;
    });
  },

  concat(inputs, axis = -1) {
    const [first] = inputs as [Array64];
    const i = place(axis, first.shape.length);
    const sum = total(inputs.map(({ shape }) => shape[i]!));
    return fill(first.shape.with(i, sum), (index) => {
      let position = index[i]!;
      for (const part of inputs) {
        if (position < part.shape[i]!) return at(part, index.with(i, position));
        position -= part.shape[i]!;
      }
      return NaN;
    });
  },

  sum: reduce(total),
  mean: reduce((values) => total(values) / values.length),
  max: reduce((values) => Math.max(...values)),
  greater: comparison((a, b) => a > b),
  greaterEqual: comparison((a, b) => a >= b),
  less: comparison((a, b) => a < b),
  lessEqual: comparison((a, b) => a <= b),
  equal: comparison((a, b) => a === b),
  notEqual: comparison((a, b) => a !== b),
  where: broadcasting((condition, a, b) => (condition === 0 ? b : a)),
  toFloat: ([x]) => x!,
  argmax: reduce((values) => values.indexOf(Math.max(...values))),
  argmin: reduce((values) => values.indexOf(Math.min(...values))),

  matmul(inputs, transA = false, transB = false) {
    const [a, b] = inputs.map((x, i) => ([transA, transB][i] ? swapped(x) : x)) as [
      Array64,
      Array64,
    ];
    const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
    const rank = Math.max(batchA.length, batchB.length);
    const batch = Array.from({ length: rank }, (_, i) => {
      const [p, q] = [batchA, batchB].map((shape) => shape.at(i - rank) ?? 1);
      return i - rank < -batchA.length || p === 1 ? q! : p!;
    });
    const [m, k, n] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!];
    return fill([...batch, m, n], (index) => {
      const outer = index.slice(0, -2);
      const [i, j] = index.slice(-2) as [number, number];
      const [inA, inB] = [operandIndex(batchA, outer), operandIndex(batchB, outer)];
      return total(
        Array.from({ length: k }, (_, p) => at(a, [...inA, i, p]) * at(b, [...inB, p, j])),
      );
    });
  },

  embedding([table], ids: readonly number[]) {
    const [vocabulary, width] = table!.shape as [number, number];
    return fill([ids.length, width], ([i, j]) => {
      const id = ids[i!]!;
      const known = Number.isInteger(id) && id >= 0 && id < vocabulary;
      return known ? at(table!, [id, j!]) : NaN;
    });
  },

  /** The mask holds 0, or 1 / (1 - rate). */
  dropout: ([x], mask: readonly number[]) => ({
    shape: x!.shape,
    data: x!.data.map((value, i) => (mask[i] === 0 ? 0 : value * mask[i]!)),
  }),

  maxPool2d: maxPool,
  maxPool1d: maxPool,
  globalMaxPool2d: globalMaxPool,
  globalMaxPool1d: globalMaxPool,
  avgPool2d: avgPool,
  avgPool1d: avgPool,
  globalAvgPool2d: globalAvgPool,
  globalAvgPool1d: globalAvgPool,
  adaptiveAvgPool2d: adaptiveAvgPool,
  upsample2d: upsample,
  layerNorm,
  rmsNorm,
  groupNorm,
  batchMoments,
  batchNorm,
  normalize,
  ...recurrentFormulas,
  conv2d,
  conv1d,
  conv2dTranspose,
  scaledDotProductAttention,
} satisfies Record<ArrayOp, Formula>;
