import { describe, expect, it } from "vitest";
import { type Graph, type Node, createEngine } from "../../src/index.ts";
import type { AttentionOptions } from "../../src/graph/ops/attention.ts";
import { attentionGradients, attention } from "../../src/reference/attention.ts";
import { floats } from "../../src/verify/numbers.ts";
import { expectWithin } from "../support/expect.ts";
import { type Shape, type Trial, engine, flat, run } from "../support/trials.ts";

/** The op against its formula, and the gradients of q, k and v against central differences. */

interface Tried {
  /** Batch, heads, queries, keys, depth, depth of values. */
  readonly sizes: readonly [number, number, number, number, number, number];
  readonly options?: Omit<AttentionOptions, "mask">;
  readonly mask?: Shape;
}

function elementsOf(shape: Shape): Float32Array {
  const n = shape.reduce((p, length) => p * length, 1);
  return floats(n, 3).map((x) => (x < -0.3 ? 0 : x));
}

function trial({ sizes, options = {}, mask }: Tried): Trial {
  const [batch, heads, queries, keys, depth, valueDepth] = sizes;
  const shapes = [
    [batch, heads, queries, depth],
    [batch, heads, keys, depth],
    [batch, heads, keys, valueDepth],
  ];
  const elements = mask && elementsOf(mask);
  const shown = mask && { shape: mask, data: Float64Array.from(elements!) };
  return {
    shapes,
    attributes: [{ ...options, ...(shown && { mask: shown }) }],
    record(g, [q, k, v]) {
      const more = mask ? { ...options, mask: g.constant(elements!, mask) } : options;
      return g.scaledDotProductAttention(q!, k!, v!, more);
    },
  };
}

describe("scaledDotProductAttention", () => {
  const lengths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 17];
  const tried: Tried[] = [
    ...lengths.flatMap((n, i): Tried[] => [
      { sizes: [1, 2, n, 5, 3, 4], options: { causal: i % 2 > 0 } },
      { sizes: [2, 1, 4, n, 5, 2], options: { causal: i % 2 > 0 } },
      { sizes: [1, 2, 3, 5, n, 3], options: { scale: 0.3 } },
      { sizes: [1, 2, 5, 4, 2, n] },
    ]),
    { sizes: [0, 2, 3, 4, 5, 6] },
    { sizes: [1, 2, 0, 4, 5, 6] },
    { sizes: [1, 2, 3, 0, 5, 6] },
    { sizes: [1, 1, 65, 65, 3, 2], options: { causal: true } },
    { sizes: [1, 1, 3, 260, 2, 3], options: { causal: true } },
    { sizes: [1, 1, 5, 3, 2, 3], options: { causal: true } },
    { sizes: [2, 3, 4, 6, 3, 4], mask: [2, 1, 1, 6] },
    { sizes: [2, 3, 4, 6, 3, 4], mask: [4, 6], options: { causal: true } },
    { sizes: [2, 3, 4, 6, 3, 4], mask: [3, 1, 6] },
    { sizes: [2, 3, 4, 6, 3, 4], mask: [2, 3, 4, 6] },
    { sizes: [1, 2, 3, 4, 2, 2], mask: [] },
  ];
  run("scaledDotProductAttention", tried.map(trial));
});

/** Records an attention with parameters, and runs it with its gradients. */
function stepOf(
  g: Graph,
  shapes: readonly Shape[],
  record: (q: Node, k: Node, v: Node) => Node,
  weights: Float32Array,
) {
  const nodes = shapes.map((shape, i) => {
    const n = shape.reduce((p, length) => p * length, 1);
    return g.parameter(shape, floats(n, i + 1));
  });
  const y = record(nodes[0]!, nodes[1]!, nodes[2]!);
  const loss = g.sum(g.mul(y, g.constant(weights, y.shape)));
  const step = g.compile(loss, { outputs: [y] });
  step.run();
  return { y: flat(step.value(y)), gradients: nodes.map((node) => flat(step.gradient(node))) };
}

describe("masks", () => {
  it("may be of ints, such as a comparison makes of lengths", () => {
    const shape = [2, 1, 3, 4];
    const weights = floats(24, 9);
    const shown = [1, 0, 1, 0, 0, 1];
    const [ints, reals] = [Int32Array.from(shown), Float32Array.from(shown)].map((mask) => {
      const g = engine.graph();
      const result = stepOf(
        g,
        [shape, shape, shape],
        (q, k, v) => {
          const node = g.constant(mask, [2, 1, 1, 3]);
          return g.scaledDotProductAttention(q, k, v, { mask: node });
        },
        weights,
      );
      g.dispose();
      return result;
    });
    expect(ints).toEqual(reals);
  });

  it("that hide all give zeros, and gradients of 0", () => {
    const g = engine.graph();
    const shape = [1, 2, 3, 4];
    const { y, gradients } = stepOf(
      g,
      [shape, shape, shape],
      (q, k, v) => g.scaledDotProductAttention(q, k, v, { mask: g.constant(0, [1]) }),
      floats(24, 9),
    );
    for (const values of [y, ...gradients]) expect([...values]).toEqual(new Array(24).fill(0));
    g.dispose();
  });
});

it("one node may be queries, keys and values", () => {
  const g = engine.graph();
  const shape = [1, 2, 5, 3];
  const x = floats(30, 1);
  const node = g.parameter(shape, x);
  const y = g.scaledDotProductAttention(node, node, node, { causal: true });
  const weights = floats(30, 2);
  const step = g.compile(g.sum(g.mul(y, g.constant(weights, shape))));
  step.run();
  const sizes = { batch: 1, heads: 2, queries: 5, keys: 5, depth: 3, valueDepth: 3 };
  const sees = (_: number, i: number, j: number): boolean => j <= i;
  const settings = { scale: 1 / Math.sqrt(3), sees };
  const { dq, dk, dv } = attentionGradients(sizes, { q: x, k: x, v: x }, weights, settings);
  const expected = dq.map((value, i) => value + dk[i]! + dv[i]!);
  expectWithin(flat(step.gradient(node)), expected, () => 2e-6);
  g.dispose();
});

describe("dropout", () => {
  const sizes = { batch: 2, heads: 1, queries: 9, keys: 7, depth: 4, valueDepth: 3 };
  const shapes = [
    [2, 1, 9, 4],
    [2, 1, 7, 4],
    [2, 1, 7, 3],
  ];

  it("drops the same weights in the gradient, by the graph's seed", () => {
    const g = engine.graph({ seed: 5 });
    const weights = floats(54, 9);
    const { y, gradients } = stepOf(
      g,
      shapes,
      (q, k, v) => g.scaledDotProductAttention(q, k, v, { dropout: 0.4 }),
      weights,
    );
    const [q, k, v] = [72, 56, 42].map((n, i) => floats(n, i + 1)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const dropout = { rate: 0.4, low: 5, high: 0, stream: 0, step: 0 };
    const settings = { scale: 0.5, sees: () => true, dropout };
    const expected = attention(sizes, { q, k, v }, settings);
    expectWithin(y, expected.y, () => 2e-6, "y");
    const { dq, dk, dv } = attentionGradients(sizes, { q, k, v }, weights, settings);
    [dq, dk, dv].forEach((slope, i) => expectWithin(gradients[i]!, slope, () => 5e-6, "qkv"[i]));
    g.dispose();
  });

  it("drops about as many as it should, and others in each step", () => {
    const g = engine.graph();
    const shape = [1, 4, 64, 64];
    const eye = Float32Array.from({ length: 4 * 64 * 64 }, (_, i) => {
      return Math.floor(i / 64) % 64 === i % 64 ? 1 : 0;
    });
    const [q, v] = [g.constant(0, shape), g.constant(eye, shape)];
    // The values are unit vectors, so the outputs are the weights.
    const y = g.scaledDotProductAttention(q, q, v, { dropout: 0.25 });
    const step = g.compile(g.sum(y), { outputs: [y] });
    step.run();
    const first = flat(step.value(y)).slice();
    step.run();
    const second = flat(step.value(y));
    const dropped = first.filter((weight) => weight === 0).length / first.length;
    expect(Math.abs(dropped - 0.25)).toBeLessThan(0.02);
    expect(new Set(first)).toEqual(new Set([0, Math.fround(1 / 48)]));
    const same = first.filter((weight, i) => weight === second[i]).length / first.length;
    expect(Math.abs(same - (0.25 ** 2 + 0.75 ** 2))).toBeLessThan(0.02);
    g.dispose();
  });
});

describe("memory", () => {
  /** Bytes that a step takes beside its parameters. */
  const bytesOf = async (time: number): Promise<number> => {
    const fresh = await createEngine();
    const g = fresh.graph();
    const shape = [1, 2, time, 8];
    const [q, k, v] = [0, 1, 2].map((i) => g.parameter(shape, i)) as [Node, Node, Node];
    const before = fresh.memory.buffer.byteLength;
    g.compile(g.sum(g.scaledDotProductAttention(q, k, v, { causal: true }))).run();
    const after = fresh.memory.buffer.byteLength;
    fresh.dispose();
    return after - before;
  };

  it("grows as the time does, not as its square", async () => {
    // Activations and gradients: at most eight arrays as large as q. All scores would be 256 MB.
    const time = 8192;
    expect(await bytesOf(time)).toBeLessThan(8 * 4 * 2 * time * 8 + 2 ** 20);
  });
});

describe("errors", () => {
  const g = engine.graph();
  const node = (...shape: number[]): Node => g.constant(0, shape);
  const q = node(2, 3, 4, 5);

  it.each([
    [[node(3, 4, 5), q, q], "expected q, k and v of [batch, heads, time, depth], got [3, 4, 5], "],
    [[q, node(2, 3, 6, 4), q], "q and k of one depth"],
    [[q, node(2, 2, 4, 5), q], "of one batch and heads"],
    [[q, q, node(2, 3, 6, 5)], "k and v of one time"],
    [[node(2, 3, 4, 0), node(2, 3, 4, 0), q], "got [2, 3, 4, 0]"],
  ])("shapes that do not fit: %#", (nodes, text) => {
    const [a, b, c] = nodes as [Node, Node, Node];
    const record = () => g.scaledDotProductAttention(a, b, c);
    expect(record).toThrow(RangeError);
    expect(record).toThrow(text);
  });

  it.each([
    [
      { mask: node(2, 3, 4, 3) },
      RangeError,
      "a mask that broadcasts to [batch, heads, queries, keys]",
    ],
    [{ mask: node(1, 2, 3, 4, 4) }, RangeError, "got [1, 2, 3, 4, 4]"],
    [{ mask: 1 }, TypeError, "expected mask to be a node, got 1"],
    [{ causal: 1 }, TypeError, "expected causal to be true or false, got 1"],
    [{ scale: NaN }, RangeError, "expected scale to be a finite number, got NaN"],
    [{ dropout: 1 }, RangeError, "expected dropout to be a number in [0, 1), got 1"],
    [{ isCausal: true }, RangeError, "expected options causal, mask, scale, dropout"],
  ])("options that are wrong: %#", (options, type, text) => {
    const record = () => g.scaledDotProductAttention(q, q, q, options as AttentionOptions);
    expect(record).toThrow(type);
    expect(record).toThrow(`scaledDotProductAttention: `);
    expect(record).toThrow(text);
  });
});
