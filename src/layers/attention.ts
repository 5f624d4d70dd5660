import { type Rules, checkOptions, checkWhole, flag } from "../base/arguments.ts";
import { numberBelow, whole } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import { type Node, describe } from "../graph/node.ts";
import { type Heads, attendHeads } from "../graph/ops/attention-heads.ts";
import { lengthsOf, shownSteps } from "../graph/ops/lengths.ts";
import { dense } from "../graph/ops/matmul.ts";
import { scatter } from "../graph/ops/scatter.ts";
import { slice } from "../graph/ops/shape.ts";
import { type Initializer, glorotUniform, initializer, zeros } from "../initializers.ts";
import { type Layer, type LayerGraph, type LayerInputs, newSteps } from "./layer.ts";
import { rotate } from "./positions.ts";

/** Options of multiHeadAttention. */
export interface MultiHeadAttentionOptions {
  /** True if a step sees only itself and the steps before it; false by default. */
  readonly causal?: boolean;
  /** Probability to drop a weight of a value in training, in [0, 1); 0 by default. */
  readonly dropout?: number;
  /**
   * Columns of each head's queries, keys and values; by default those of x divided by the number of heads, as
   * in PyTorch (Keras has no default).
   */
  readonly keyDim?: number;
  /** True to add biases to all projections; true by default, as in PyTorch and Keras. */
  readonly useBias?: boolean;
  /** True to rotate queries and keys by their positions, as rotaryPositions does; false by default. */
  readonly rotary?: boolean;
  /**
   * First values of both weights; glorotUniform() by default, as in Keras and PyTorch. The projection to
   * queries, keys and values counts as one weight, as in PyTorch.
   */
  readonly weightInitializer?: Initializer;
}

/** Rules for MultiHeadAttentionOptions. */
export const attentionRules = (): Rules<MultiHeadAttentionOptions> => ({
  causal: flag(),
  dropout: numberBelow(1),
  keyDim: whole(1),
  useBias: flag(),
  rotary: flag(),
  weightInitializer: initializer(),
});

/** Names of what an attention reads beside x. */
export const ATTENTION_INPUTS = ["memory", "lengths", "mask"] as const;

/** Returns what hides keys, if something does. */
function maskOf(
  g: LayerGraph,
  op: string,
  { lengths, mask }: LayerInputs,
  batch: number,
  keys: number,
): Node | undefined {
  const ofLengths = lengths && shownSteps(g, lengthsOf(g, op, lengths, batch), keys);
  if (!mask || !ofLengths) return mask ?? ofLengths;
  const shown = g.notEqual(mask, mask.type === "int" ? g.constant(Int32Array.of(0)) : g.scalar(0));
  return g.mul(shown, ofLengths);
}

/** Returns the columns of a head. @throws RangeError unless the heads divide the width, or it is told */
function depthOf(g: LayerGraph, op: string, x: Node, heads: number, keyDim?: number): number {
  const width = x.shape.at(-1);
  if (x.shape.length !== 3 || !width) {
    throw g.fail(op, `expected x of [batch, time, width], got ${describe(x.shape)}`);
  }
  if (keyDim !== undefined || width % heads === 0) return keyDim ?? width / heads;
  const received = `${heads} heads for a width of ${width} in ${describe(x.shape)}`;
  throw g.fail(op, `expected heads that divide the width of x, or keyDim, got ${received}`);
}

/** Returns columns `from` to `to` of a weight or a bias. */
function columns(g: LayerGraph, array: Node, from: number, to: number): Node {
  const before = array.shape.slice(1);
  return slice(
    g,
    array,
    [...before.map(() => 0), from],
    [...before.map((_, axis) => array.shape[axis]!), to],
  );
}

/** Returns `count` of the three projections of an array from number `first` on. */
type Project = (from: Node, first: number, count: number) => Node;

/** Returns queries, keys and values, in as few products as there can be. */
function projections(
  x: Node,
  memory: Node,
  inner: number,
  rotary: boolean,
  project: Project,
  turn: (y: Node) => Node,
): [q: Heads, k: Heads, v: Heads] {
  const at = (node: Node, first = 0): Heads => ({ node, first });
  if (memory === x && !rotary) {
    const all = project(x, 0, 3);
    return [at(all), at(all, inner), at(all, 2 * inner)];
  }
  if (memory === x) {
    const both = turn(project(x, 0, 2));
    return [at(both), at(both, inner), at(project(x, 2, 1))];
  }
  const q = turn(project(x, 0, 1));
  if (rotary) return [at(q), at(turn(project(memory, 1, 1))), at(project(memory, 2, 1))];
  const both = project(memory, 1, 2);
  return [at(q), at(both), at(both, inner)];
}

/** Returns an array with room for all steps, and in it the new ones behind those that it has kept. */
function cache(g: LayerGraph, name: string, { node, first }: Heads, width: number): Heads {
  const { positions, length } = g.decoding!;
  const kept = g.state(name, [node.shape[0]!, length, width]);
  const steps = scatter(g, kept, positions, node, first);
  g.update(kept, steps);
  return { node: steps, first: 0 };
}

/** Attends to the steps before, whose keys and values are kept, and to the new ones up to each query. */
function attendKept(
  g: LayerGraph,
  op: string,
  [q, k, v]: readonly [Heads, Heads, Heads],
  heads: number,
  depth: number,
  prefix: string,
): Node {
  const { positions, length } = newSteps(g, op, q.node);
  const [keys, values] = (
    [
      [k, "keys"],
      [v, "values"],
    ] as const
  ).map(([rows, name]) => cache(g, `${prefix}${name}`, rows, heads * depth)) as [Heads, Heads];
  const places = g.constant(Int32Array.from({ length }, (_, place) => place));
  const mask = g.lessEqual(places, g.reshape(positions, [positions.shape[0]!, 1]));
  return attendHeads(g, op, [q, keys, values], heads, depth, { mask });
}

/** Returns true for a node that depends on an input, which has only new steps in a decoder. */
function isRead(node: Node): boolean {
  const before = new Set([node]);
  // A set's loop goes on to what is added within it.
  for (const { inputs } of before) for (const input of inputs) before.add(input);
  return [...before].some(({ source }) => source?.kind === "input");
}

/** @throws RangeError unless a decoder can go on step by step */
function checkDecoding(
  g: LayerGraph,
  op: string,
  x: Node,
  isCausal: boolean,
  { memory = x, mask, lengths }: LayerInputs,
): void {
  if (memory !== x && isRead(memory)) {
    const expected =
      "a decoder's memory not to depend on its input, of which it has but the new steps";
    throw g.fail(op, `expected ${expected}, got ${describe(memory.shape)}`);
  }
  if (memory !== x || (isCausal && !mask && !lengths)) return;
  const expected = "a causal attention without mask and lengths in a decoder";
  throw g.fail(op, `expected ${expected}, got one that may see later steps`);
}

/** Records an attention whose parameters' names start with `prefix`. */
export function recordAttention(
  g: LayerGraph,
  x: Node,
  inputs: LayerInputs,
  heads: number,
  options: MultiHeadAttentionOptions,
  prefix = "",
): Node {
  const op = "multiHeadAttention";
  const { causal, dropout = 0, keyDim, useBias = true, rotary = false } = options;
  const { weightInitializer = glorotUniform() } = options;
  const depth = depthOf(g, op, x, heads, keyDim);
  const [batch, , width] = x.shape as [number, number, number];
  const inner = heads * depth;
  const projection = (name: string, from: number, to: number): [Node, Node?] => {
    const weight = g.parameter(`${prefix}${name}.weight`, [from, to], weightInitializer);
    return useBias ? [weight, g.parameter(`${prefix}${name}.bias`, [to], zeros())] : [weight];
  };
  const [weight, bias] = projection("inProjection", width, 3 * inner);
  const { memory = x } = inputs;
  if (memory.shape.length !== 3 || memory.shape[2] !== width) {
    throw g.fail(op, `expected memory of [batch, time, ${width}], got ${describe(memory.shape)}`);
  }
  const project: Project = (from, first, count) => {
    if (count === 3) return dense(g, from, weight, bias);
    const [begin, end] = [first * inner, (first + count) * inner];
    return dense(g, from, columns(g, weight, begin, end), bias && columns(g, bias, begin, end));
  };
  const turn = (y: Node): Node => (rotary ? rotate(g, op, y, depth) : y);
  const operands = projections(x, memory, inner, rotary, project, turn);
  const attend = (): Node => {
    const mask = maskOf(g, op, inputs, batch, memory.shape[1]!);
    return attendHeads(g, op, operands, heads, depth, {
      ...(causal && { causal }),
      ...(g.training && { dropout }),
      ...(mask && { mask }),
    });
  };
  if (g.decoding) checkDecoding(g, op, x, causal === true, inputs);
  const keeps = g.decoding && memory === x;
  const y = keeps ? attendKept(g, op, operands, heads, depth, prefix) : attend();
  return dense(g, y, ...projection("outProjection", inner, width));
}

/**
 * Multi-head attention (Vaswani et al., "Attention is all you need", 2017) of a batch x [batch, time, width]
 * to itself: queries, keys and values are one dense layer of x, each head attends, and a dense layer brings
 * the heads' outputs back to [batch, time, width]. Its parameters are inProjection.weight [width, 3 · heads ·
 * keyDim], the columns of queries, keys and values in this order, outProjection.weight [heads · keyDim, width],
 * and their biases.
 *
 * In a network, `g.use(layer, x, inputs)` takes more: `memory` [batch, steps, width], which keys and values
 * come from instead of x; `lengths` [batch], or [batch, 1] as an input of a network is, whole numbers from 0 to
 * the number of keys, past which no key is seen; and `mask`, which broadcasts to [batch, heads, time, steps]
 * and is 0 where a key is not seen: one for each example, [batch, steps], has to become [batch, 1, 1, steps]. A
 * step that sees no key gets the output of zeros. A model refuses inputs with other lengths before it computes
 * anything.
 * @param heads number of heads, which has to divide the width unless keyDim is given
 * @throws TypeError if an argument has the wrong type
 * @throws RangeError if one is out of range, or an option is unknown
 * @example
 * const net = sequential([embedding(17, 16), multiHeadAttention(4, { causal: true }), flatten(), dense(2)]);
 * engine.compile(net, { inputShape: [20], loss: crossEntropy(), optimizer: adam() });
 */
export function multiHeadAttention(heads: number, options: MultiHeadAttentionOptions = {}): Layer {
  checkWhole("multiHeadAttention", "heads", heads, 1);
  const label = `multiHeadAttention(${heads})`;
  const chosen = checkOptions(label, options, attentionRules());
  return immutable<Layer>(
    {
      kind: "multiHeadAttention",
      label,
      takes: ATTENTION_INPUTS,
      record: (g, x, inputs = {}) => recordAttention(g, x, inputs, heads, chosen),
    },
    call("multiHeadAttention", heads, chosen),
  );
}
