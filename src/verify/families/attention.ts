import {
  type AttentionSettings,
  attention,
  attentionGradients,
} from "../../reference/attention.ts";
import type { Exports } from "../../wasm/build.ts";
import type { Tile } from "../../wasm/tiles.ts";
import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { floats, generator } from "../numbers.ts";
import { boundsOf } from "./attention-bounds.ts";
import { type AttentionTrial, attentions } from "./attention-sizes.ts";
import { withTile } from "./convolution.ts";

/** Tiles with strips of eight columns and of sixteen. */
const STRIPS: readonly Tile[] = ["4x8", "4x16"];

/** Rows and columns of an operand of each part. */
function extents(t: AttentionTrial) {
  return {
    q: [t.queries, t.depth],
    k: [t.keys, t.depth],
    v: [t.keys, t.valueDepth],
    y: [t.queries, t.valueDepth],
  } as const;
}

type OperandName = keyof ReturnType<typeof extents>;

/** Elements from example to example, from head to head and from row to row. */
function stridesOf(t: AttentionTrial, name: OperandName): number[] {
  const [rows, columns] = extents(t)[name];
  const example = t.heads * rows * columns;
  return t.layout === "heads"
    ? [example, rows * columns, columns]
    : [example, columns, t.heads * columns];
}

/** Brings a dense [batch, heads, rows, columns] into the layout of a trial. */
function arranged<T extends Float32Array | Float64Array>(
  t: AttentionTrial,
  name: OperandName,
  dense: T,
): T {
  const [rows, columns] = extents(t)[name];
  const [example, head, row] = stridesOf(t, name) as [number, number, number];
  const result = dense.slice() as T;
  let from = 0;
  for (let b = 0; b < t.batch; b++) {
    for (let h = 0; h < t.heads; h++) {
      for (let i = 0; i < rows; i++) {
        const at = b * example + h * head + i * row;
        for (let c = 0; c < columns; c++) result[at + c] = dense[from++]!;
      }
    }
  }
  return result;
}

/** Returns a mask with some rows that hide all, its strides, and what it shows. */
function maskOf(t: AttentionTrial) {
  const { mask = [false, false, false, false] } = t;
  const all = [t.batch, t.heads, t.queries, t.keys];
  const lengths = all.map((n, i) => (mask[i] ? n : 1));
  const steps = lengths.map((_, i) => lengths.slice(i + 1).reduce((p, n) => p * n, 1));
  const strides = steps.map((step, i) => (mask[i] ? step : 0));
  const next = generator(t.keys);
  const [, , , keys] = lengths as [number, number, number, number];
  const total = lengths.reduce((p, n) => p * n, 1);
  const elements = Float32Array.from({ length: total }, (_, i) =>
    Math.floor(i / keys) % 5 === 1 || next() < 0.4 ? 0 : 1 - 2 * next(),
  );
  const shows = (part: number, i: number, j: number): boolean => {
    if (!t.mask) return true;
    const index = [Math.floor(part / t.heads), part % t.heads, i, j];
    return elements[index.reduce((at, n, axis) => at + n * strides[axis]!, 0)] !== 0;
  };
  return { elements, strides, shows };
}

/** Returns sizes and strides as kernels read them. */
export function geometryOf(t: AttentionTrial): Int32Array {
  const { batch, heads, queries, keys, depth, valueDepth, diagonal = keys } = t;
  const names = ["q", "k", "v", "y"] as const;
  const layouts = names.flatMap((name) => stridesOf(t, name));
  const sizes = [batch, heads, queries, keys, depth, valueDepth, diagonal];
  return Int32Array.from([...sizes, ...layouts, ...maskOf(t).strides]);
}

/** Returns dense operands of a trial, and its settings. */
export function drawAttention(t: AttentionTrial) {
  const parts = t.batch * t.heads;
  const draw = (name: OperandName, seed: number): Float32Array => {
    const [rows, columns] = extents(t)[name];
    return floats(parts * rows * columns, seed, -2, 2);
  };
  const { shows, elements } = maskOf(t);
  const { diagonal = t.keys, dropout } = t;
  const settings: AttentionSettings = {
    scale: Math.fround(1 / Math.sqrt(t.depth + 1)),
    sees: (part, i, j) => j <= i + diagonal && shows(part, i, j),
    dropout,
  };
  const operands = { q: draw("q", 1), k: draw("k", 2), v: draw("v", 3) };
  return { operands, dy: draw("y", 4), mask: elements, settings };
}

/** Words of the random state, and the numbers of its dropout, as kernels take them. */
export function dropoutWords({ dropout }: AttentionTrial) {
  const { rate = 0, low = 0, high = 0, stream = 0, step = 0 } = dropout ?? {};
  const state = Uint32Array.of(low, high, step);
  return { state, numbers: [stream, Math.floor(rate * 2 ** 32), 1 / (1 - rate)] as const };
}

function nameOf(t: AttentionTrial, tile: Tile): string {
  const { batch, heads, queries, keys, depth, valueDepth, diagonal, mask, dropout, layout } = t;
  const sizes = `${batch} x ${heads} x ${queries} x ${depth} by ${keys} x ${valueDepth}`;
  const axes = ["batch", "heads", "queries", "keys"].filter((_, i) => mask?.[i]);
  const parts = [
    `${sizes}, ${layout} first`,
    ...(diagonal === undefined ? [] : [`diagonal ${diagonal}`]),
    ...(mask ? [`mask of ${axes.join(", ")}`] : []),
    ...(dropout ? [`dropout ${dropout.rate}`] : []),
  ];
  return `${parts.join(", ")}, tile ${tile}`;
}

/** Scratch of just the size that is asked for. */
function scratchOf({ keys, depth, valueDepth }: AttentionTrial) {
  return (kernels: Exports): Float32Array =>
    new Float32Array(kernels.attentionScratchBytes(keys, depth, valueDepth) / 4).fill(NaN);
}

/** Returns operands and expected results of a trial in its layout, with bounds of their errors. */
function prepared(t: AttentionTrial) {
  const { operands, dy, mask, settings } = drawAttention(t);
  const bounds = boundsOf(t, operands, dy, settings);
  const expected = {
    ...attention(t, operands, settings),
    ...attentionGradients(t, operands, dy, settings),
  };
  const { state, numbers } = dropoutWords(t);
  const result = (name: keyof typeof bounds, as?: OperandName) => {
    const [values, allowed] = as
      ? [arranged(t, as, expected[name]), arranged(t, as, bounds[name])]
      : [expected[name], bounds[name]];
    return { expected: values, allowed: (_: number, i: number) => allowed[i]! };
  };
  return {
    inputs: {
      q: arranged(t, "q", operands.q),
      k: arranged(t, "k", operands.k),
      v: arranged(t, "v", operands.v),
      mask,
      state,
      geometry: geometryOf(t),
    },
    dy: arranged(t, "y", dy),
    result,
    scale: settings.scale,
    random: (at: number) => [t.dropout ? at : 0, ...numbers] as const,
    maskAt: (at: number) => (t.mask ? at : 0),
  };
}

function* forwardCases(t: AttentionTrial): Generator<KernelCase> {
  const { inputs, result, scale, random, maskAt } = prepared(t);
  for (const tile of STRIPS) {
    yield kernelCase({
      what: nameOf(t, tile),
      inputs,
      results: { y: result("y", "y"), logSumExp: result("logSumExp") },
      scratch: { scratch: scratchOf(t) },
      call(kernels, { q, k, v, mask, state, geometry, y, logSumExp, scratch }) {
        const operands = [q, k, v, maskAt(mask), y, logSumExp] as const;
        withTile(kernels, tile, () => {
          kernels.attention(...operands, geometry, scale, ...random(state), scratch);
        });
      },
    });
  }
}

function* gradientCases(t: AttentionTrial): Generator<KernelCase> {
  const { inputs, dy, result, scale, random, maskAt } = prepared(t);
  const given = {
    y: Float32Array.from(result("y", "y").expected),
    logSumExp: Float32Array.from(result("logSumExp").expected),
  };
  for (const tile of STRIPS) {
    yield kernelCase({
      what: nameOf(t, tile),
      inputs: { ...inputs, ...given, dy },
      results: { dq: result("dq", "q"), dk: result("dk", "k"), dv: result("dv", "v") },
      scratch: { scratch: scratchOf(t) },
      call(kernels, { q, k, v, mask, state, geometry, y, logSumExp, dy, dq, dk, dv, scratch }) {
        const operands = [q, k, v, maskAt(mask), y, logSumExp, dy, dq, dk, dv] as const;
        withTile(kernels, tile, () => {
          kernels.attentionGrad(...operands, geometry, scale, ...random(state), scratch);
        });
      },
    });
  }
}

export const attentionFamily: Family<"attention" | "attentionGrad" | "attentionScratchBytes"> = {
  name: "attention",
  kernels: {
    *attention() {
      for (const t of attentions) yield* forwardCases(t);
    },
    *attentionGrad() {
      for (const t of attentions) yield* gradientCases(t);
    },
    // It is right if nothing is written behind the scratch.
    *attentionScratchBytes() {
      for (const t of attentions.filter((_, i) => i % 7 === 0)) yield* gradientCases(t);
    },
  },
};
