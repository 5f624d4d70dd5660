import type { Array64 } from "./array64.ts";
import { keptByAttention } from "./random.ts";

/** Sizes of an attention; depth is that of queries and keys. */
export interface AttentionSizes {
  readonly batch: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  readonly depth: number;
  readonly valueDepth: number;
}

/** Dropout of probabilities: its threshold, seed, stream and step, as the kernels take them. */
export interface AttentionDropout {
  readonly rate: number;
  readonly low: number;
  readonly high: number;
  readonly stream: number;
  readonly step: number;
}

/** Settings of an attention. */
export interface AttentionSettings {
  readonly scale: number;
  /** Returns true if a query of a part, which is a head of an example, sees a key. */
  readonly sees: (part: number, query: number, key: number) => boolean;
  readonly dropout?: AttentionDropout | undefined;
}

type Numbers = ArrayLike<number>;

/** Operands as dense arrays [batch, heads, rows, columns]. */
export interface AttentionOperands {
  readonly q: Numbers;
  readonly k: Numbers;
  readonly v: Numbers;
}

function dot(a: Numbers, i: number, b: Numbers, j: number, n: number): number {
  let sum = 0;
  for (let c = 0; c < n; c++) sum += a[i * n + c]! * b[j * n + c]!;
  return sum;
}

/** Calls a function for each query of each part: `row` counts queries, `first` is the part's first key. */
function eachQuery(
  { batch, heads, queries, keys }: AttentionSizes,
  visit: (row: number, first: number, part: number, query: number) => void,
): void {
  for (let part = 0; part < batch * heads; part++) {
    for (let i = 0; i < queries; i++) visit(part * queries + i, part * keys, part, i);
  }
}

/** Probabilities [batch, heads, queries, keys] and the logarithms of the sums of exponentials. */
export function probabilities(
  s: AttentionSizes,
  { q, k }: Pick<AttentionOperands, "q" | "k">,
  { scale, sees }: AttentionSettings,
) {
  const p = new Float64Array(s.batch * s.heads * s.queries * s.keys);
  const logSumExp = new Float64Array(s.batch * s.heads * s.queries).fill(Infinity);
  eachQuery(s, (row, first, part, i) => {
    const seen = Array.from({ length: s.keys }, (_, j) => j).filter((j) => sees(part, i, j));
    const scores = seen.map((j) => scale * dot(q, row, k, first + j, s.depth));
    const most = Math.max(...scores);
    const sum = scores.reduce((total, score) => total + Math.exp(score - most), 0);
    if (seen.length > 0) logSumExp[row] = most + Math.log(sum);
    seen.forEach((j, n) => {
      p[row * s.keys + j] = Math.exp(scores[n]! - most) / sum;
    });
  });
  return { p, logSumExp };
}

/** Factors that dropout multiplies the probabilities by: 0, or 1 / (1 - rate). */
export function dropoutFactors(s: AttentionSizes, dropout?: AttentionDropout): Float64Array {
  const factors = new Float64Array(s.batch * s.heads * s.queries * s.keys).fill(1);
  if (!dropout) return factors;
  const { rate, step } = dropout;
  const kept = keptByAttention(s, Math.floor(rate * 2 ** 32), dropout, step);
  return factors.map((_, i) => (kept[i] ? 1 / (1 - rate) : 0));
}

/** y = P·v with the probabilities P that dropout leaves. */
export function attention(
  s: AttentionSizes,
  operands: AttentionOperands,
  settings: AttentionSettings,
) {
  const { p, logSumExp } = probabilities(s, operands, settings);
  const factors = dropoutFactors(s, settings.dropout);
  const y = new Float64Array(s.batch * s.heads * s.queries * s.valueDepth);
  eachQuery(s, (row, first) => {
    for (let j = 0; j < s.keys; j++) {
      const weight = p[row * s.keys + j]! * factors[row * s.keys + j]!;
      for (let c = 0; c < s.valueDepth; c++) {
        y[row * s.valueDepth + c]! += weight * operands.v[(first + j) * s.valueDepth + c]!;
      }
    }
  });
  return { y, logSumExp };
}

/** Gradients of q, k and v by that of y: dS = P · (dP - Σ P · dP), where dP = dy·vᵀ through the dropout. */
export function attentionGradients(
  s: AttentionSizes,
  operands: AttentionOperands,
  dy: Numbers,
  settings: AttentionSettings,
) {
  const { q, k, v } = operands;
  const { scale, dropout } = settings;
  const { p } = probabilities(s, operands, settings);
  const factors = dropoutFactors(s, dropout);
  const [dq, dk, dv] = [q, k, v].map(({ length }) => new Float64Array(length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  eachQuery(s, (row, first) => {
    const at = row * s.keys;
    const slopes = Array.from(
      { length: s.keys },
      (_, j) => factors[at + j]! * dot(dy, row, v, first + j, s.valueDepth),
    );
    const mean = slopes.reduce((sum, slope, j) => sum + p[at + j]! * slope, 0);
    for (let j = 0; j < s.keys; j++) {
      const slope = scale * p[at + j]! * (slopes[j]! - mean);
      for (let c = 0; c < s.depth; c++) {
        dq[row * s.depth + c]! += slope * k[(first + j) * s.depth + c]!;
        dk[(first + j) * s.depth + c]! += slope * q[row * s.depth + c]!;
      }
      const weight = p[at + j]! * factors[at + j]!;
      for (let c = 0; c < s.valueDepth; c++) {
        dv[(first + j) * s.valueDepth + c]! += weight * dy[row * s.valueDepth + c]!;
      }
    }
  });
  return { dq, dk, dv };
}

/** Options of the op; the mask broadcasts. */
interface Options {
  readonly causal?: boolean;
  readonly scale?: number;
  readonly mask?: Array64;
}

/** Returns true unless the mask, which broadcasts to [batch, heads, queries, keys], is 0 for a pair. */
function shows(mask: Array64 | undefined, index: readonly number[]): boolean {
  if (!mask) return true;
  const { shape, data } = mask;
  const own = shape.map((n, i) => (n === 1 ? 0 : index[i + index.length - shape.length]!));
  return data[own.reduce((flat, i, axis) => flat * shape[axis]! + i, 0)] !== 0;
}

/** The op on arrays [batch, heads, time, depth]. */
export function scaledDotProductAttention(
  inputs: readonly Array64[],
  { causal, scale, mask }: Options = {},
): Array64 {
  const [q, k, v] = inputs as [Array64, Array64, Array64];
  const [batch, heads, queries, depth] = q.shape as [number, number, number, number];
  const [keys, valueDepth] = [k.shape[2]!, v.shape[3]!];
  const sizes = { batch, heads, queries, keys, depth, valueDepth };
  const diagonal = causal ? keys - queries : keys;
  const { y } = attention(
    sizes,
    { q: q.data, k: k.data, v: v.data },
    {
      scale: scale ?? 1 / Math.sqrt(depth),
      sees(part, i, j) {
        const index = [Math.floor(part / heads), part % heads, i, j];
        return j <= i + diagonal && shows(mask, index);
      },
    },
  );
  const shape = [batch, heads, queries, valueDepth];
  return { shape, data: y };
}
