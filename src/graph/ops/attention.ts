import { type Rules, checkOptions, finite, flag } from "../../base/arguments.ts";
import { numberBelow } from "../../base/arguments.ts";
import { type Computation, type GradientRules, type Node, type Recorder } from "../node.ts";
import { OUTPUT, SAVED, SCRATCH, describe, float, instruction, memo, outputAt } from "../node.ts";
import { elementsOf, isNode, savedOf, size } from "../node.ts";
import { align } from "../../memory/heap.ts";
import { dropoutOf } from "./dropout.ts";
import { MACS_PER_ELEMENT } from "./matmul.ts";

/** Options of scaledDotProductAttention. */
export interface AttentionOptions {
  /**
   * True if no query sees keys of later steps, where the queries are the last of the keys' steps: query i of m
   * sees keys 0 to i + n - m of n, as when keys of earlier steps were kept. False by default. PyTorch's
   * is_causal is the same for as many keys as queries, and counts from the first key otherwise.
   */
  readonly causal?: boolean;
  /**
   * Node of floats or ints that broadcasts to [batch, heads, queries, keys]: a query sees the keys where it is
   * not 0. All of them by default.
   */
  readonly mask?: Node;
  /** Factor of the scores; 1 / √depth by default. */
  readonly scale?: number;
  /** Probability to drop a weight of a value, in [0, 1); 0 by default. It is dropped in every mode. */
  readonly dropout?: number;
}

const isMask = { expected: "a node", is: isNode };

/** Rules for AttentionOptions. */
const attentionRules = (): Rules<AttentionOptions> => ({
  causal: flag(),
  mask: isMask,
  scale: finite(),
  dropout: numberBelow(1),
});

/** Queries, keys or values in a node: their first element, and elements from one to the next. */
export interface Rows {
  readonly node: Node;
  readonly first: number;
  readonly strides: readonly [example: number, head: number, row: number];
}

/** Sizes of an attention. */
interface Sizes {
  readonly batch: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  /** Columns of queries and keys. */
  readonly depth: number;
  /** Columns of values and outputs. */
  readonly valueDepth: number;
}

/** Queries, keys and values with the layout of the outputs. */
export interface Operands {
  readonly sizes: Sizes;
  readonly q: Rows;
  readonly k: Rows;
  readonly v: Rows;
  /** Shape of the outputs, and how they lie in it. */
  readonly shape: readonly number[];
  readonly strides: Rows["strides"];
}

/** Returns the mask's elements from one axis to the next, 0 where it broadcasts. */
function maskStrides(g: Recorder, op: string, mask: Node, of: Sizes): number[] {
  const full = [of.batch, of.heads, of.queries, of.keys];
  const { shape } = mask;
  const lengths = full.map((_, i) => shape[i - full.length + shape.length] ?? 1);
  if (shape.length > 4 || lengths.some((length, i) => length !== 1 && length !== full[i])) {
    const expected = `a mask that broadcasts to [batch, heads, queries, keys], ${describe(full)}`;
    throw g.fail(op, `expected ${expected}, got ${describe(shape)}`);
  }
  return lengths.map((length, i) => (length === 1 ? 0 : size(lengths.slice(i + 1))));
}

/** Returns the diagonal up to which queries see keys, as the kernels take it. */
function diagonalOf({ queries, keys }: Sizes, causal: AttentionOptions["causal"]): number {
  return causal ? keys - queries : keys;
}

/** Returns the number of pairs of a query and a key that it sees, mask aside. */
function pairsOf({ queries, keys }: Sizes, diagonal: number): number {
  let pairs = 0;
  for (let i = 0; i < queries; i++) pairs += Math.max(0, Math.min(keys, i + 1 + diagonal));
  return pairs;
}

/** Returns where the gradient of each operand goes: operands beside each other share an output. */
function gradientPlaces(operands: readonly Rows[]) {
  const shared = operands.map(({ node, first }, i) =>
    operands.findIndex((other, j) => j < i && other.node === node && other.first !== first),
  );
  const owners = operands.filter((_, i) => shared[i]! < 0);
  const places = operands.map(({ first }, i) => {
    const owner = operands[shared[i]! < 0 ? i : shared[i]!]!;
    return outputAt(owners.indexOf(owner), first);
  });
  return { owners, places, owns: shared.map((owner) => owner < 0) };
}

/**
 * Appends an attention of heads, which may lie in any order in their arrays. Its scores are kept nowhere:
 * the gradient computes them again from the logarithms of their sums.
 * @throws RangeError if a mask does not fit
 */
export function attend(
  g: Recorder,
  op: string,
  { sizes, q, k, v, shape, strides }: Operands,
  options: AttentionOptions,
): Node {
  const { batch, heads, queries, keys, depth, valueDepth } = sizes;
  const { causal, mask, scale = 1 / Math.sqrt(depth), dropout = 0 } = options;
  const diagonal = diagonalOf(sizes, causal);
  const hidden = mask ? maskStrides(g, op, mask, sizes) : [0, 0, 0, 0];
  const counts = [batch, heads, queries, keys, depth, valueDepth, diagonal];
  const layouts = [q.strides, k.strides, v.strides, strides, hidden];
  const geometry = [...counts, ...layouts.flat()];
  const scratch = align(g.kernels.attentionScratchBytes(keys, depth, valueDepth));
  const random = dropout > 0 ? g.random() : undefined;
  const pairs = batch * heads * pairsOf(sizes, diagonal);
  const needs = (perPair: number) => {
    const multiplyAdds = pairs * perPair;
    return { scratch, multiplyAdds, work: multiplyAdds / MACS_PER_ELEMENT };
  };
  const [queryAt, keyAt, valueAt] = [q, k, v].map(({ node, first }) => elementsOf(node, first));
  const { threshold, scale: kept } = dropoutOf(dropout);
  const ints = [...(mask ? [mask] : []), ...(random ? [random.state] : [])];
  const gradient = (g: Recorder, y: Node, dy: Node): GradientRules => {
    const { owners, places, owns } = gradientPlaces([q, k, v]);
    const [dq, dk, dv] = places;
    const computation: Computation = {
      op: `${op}Grad`,
      ints,
      ...needs(3 * depth + 2 * valueDepth),
      instruction: instruction("attentionGrad", {
        q: queryAt!,
        k: keyAt!,
        v: valueAt!,
        mask: mask ?? 0,
        y,
        logSumExp: savedOf(y),
        dy,
        dq: dq!,
        dk: dk!,
        dv: dv!,
        scale: float(scale),
        random: random?.state ?? 0,
        stream: random?.stream ?? 0,
        threshold,
        kept,
        scratch: SCRATCH,
        scratchBytes: scratch,
        geometry,
      }),
    };
    const outputs = owners.map(({ node }) => ({ shape: node.shape, isOptional: true }));
    const record = memo(() => g.appendAll(computation, outputs));
    let next = 0;
    return owns.map((isOwner) => {
      const i = isOwner ? next++ : -1;
      return isOwner ? () => record()[i]! : null;
    });
  };
  const computation: Computation = {
    op,
    ints,
    saved: batch * heads * queries,
    ...needs(depth + valueDepth),
    gradient,
    instruction: instruction("attention", {
      q: queryAt!,
      k: keyAt!,
      v: valueAt!,
      mask: mask ?? 0,
      y: OUTPUT,
      logSumExp: SAVED,
      scale: float(scale),
      random: random?.state ?? 0,
      stream: random?.stream ?? 0,
      threshold,
      kept,
      scratch: SCRATCH,
      scratchBytes: scratch,
      geometry,
    }),
  };
  return g.append(computation, shape);
}

/** Returns the strides of a dense [batch, heads, rows, columns]. */
function headsFirst([, heads = 0, rows = 0, columns = 0]: readonly number[]): Rows["strides"] {
  return [heads * rows * columns, rows * columns, columns];
}

/** @throws RangeError unless q, k and v are [batch, heads, time, depth] and fit */
function sizesOf(g: Recorder, op: string, q: Node, k: Node, v: Node): Sizes {
  const received = [q, k, v].map(({ shape }) => describe(shape)).join(", ");
  if ([q, k, v].some(({ shape }) => shape.length !== 4 || shape[3] === 0)) {
    throw g.fail(op, `expected q, k and v of [batch, heads, time, depth], got ${received}`);
  }
  const [batch, heads, queries, depth] = q.shape as [number, number, number, number];
  const [keys, valueDepth] = [k.shape[2]!, v.shape[3]!];
  const fits = [
    [batch, heads, keys, depth],
    [batch, heads, keys, valueDepth],
  ].every((shape, i) => describe(shape) === describe([k, v][i]!.shape));
  if (!fits) {
    const expected = "q, k and v of one batch and heads, q and k of one depth, k and v of one time";
    throw g.fail(op, `expected ${expected}, got ${received}`);
  }
  return { batch, heads, queries, keys, depth, valueDepth };
}

/**
 * Scaled dot-product attention (Vaswani et al., "Attention is all you need", 2017): softmax(scale · q·kᵀ)·v
 * for each head, with q [batch, heads, queries, depth], k [batch, heads, keys, depth] and v [batch, heads,
 * keys, valueDepth]. The result is [batch, heads, queries, valueDepth]. A query that sees no key gives 0,
 * with zeros for gradients. The scores are not kept: memory grows with queries and keys, not with their
 * product.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if a shape does not fit, or an option is out of range or unknown
 * @example
 * const q = g.constant(Float32Array.of(0, 0), [1, 1, 2, 1]);
 * const v = g.constant(Float32Array.of(1, 3), [1, 1, 2, 1]);
 * g.scaledDotProductAttention(q, q, v); // [[[[2], [2]]]]
 * g.scaledDotProductAttention(q, q, v, { causal: true }); // [[[[1], [2]]]]
 */
export function scaledDotProductAttention(
  g: Recorder,
  q: Node,
  k: Node,
  v: Node,
  options: AttentionOptions = {},
): Node {
  const op = "scaledDotProductAttention";
  const chosen = checkOptions(op, options, attentionRules());
  const sizes = sizesOf(g, op, q, k, v);
  const { batch, heads, queries, valueDepth } = sizes;
  const shape = [batch, heads, queries, valueDepth];
  const whole = (node: Node): Rows => ({ node, first: 0, strides: headsFirst(node.shape) });
  const operands = { q: whole(q), k: whole(k), v: whole(v) };
  return attend(g, op, { sizes, ...operands, shape, strides: headsFirst(shape) }, chosen);
}
