import { describe, expect, it } from "vitest";
import type { Graph, Node } from "../../src/index.ts";
import { arrayFormulas } from "../../src/reference/arrays.ts";
import { type Array64, length } from "../../src/reference/array64.ts";
import { kinds } from "../../src/verify/families/norm.ts";
import { floats } from "../../src/verify/numbers.ts";
import { expectWithin } from "../support/expect.ts";
import { engine, flat } from "../support/trials.ts";

/** Normalisations of numbers whose squares overflow float32, and of small differences of large ones. */

type Formula = (inputs: readonly Array64[], ...attributes: never[]) => Array64;

interface Norm {
  readonly shape: readonly number[];
  readonly record: (g: Graph, x: Node) => Node;
  readonly formula: (x: Array64) => Array64;
}

const plain = (formula: Formula) => (x: Array64) => formula([x]);

const norms: Record<string, Norm> = {
  layerNorm: {
    shape: [3, 7],
    record: (g, x) => g.layerNorm(x),
    formula: plain(arrayFormulas.layerNorm),
  },
  rmsNorm: { shape: [3, 7], record: (g, x) => g.rmsNorm(x), formula: plain(arrayFormulas.rmsNorm) },
  groupNorm: {
    shape: [2, 3, 10],
    record: (g, x) => g.groupNorm(x, 2),
    formula: (x) => arrayFormulas.groupNorm([x], 2),
  },
  batchNorm: {
    shape: [6, 5],
    record: (g, x) => g.batchNorm(x),
    formula: plain(arrayFormulas.batchNorm),
  },
};

/** Σ weights · y of a norm, and its derivative by each element of x by central differences. */
function slopesOf({ formula }: Norm, x: Array64, weights: Float32Array, step: number): number[] {
  const loss = (): number =>
    formula(x).data.reduce((sum, value, i) => sum + value * weights[i]!, 0);
  return Array.from(x.data, (value, i) => {
    const [above, below] = [value + step, value - step].map((moved) => {
      x.data[i] = moved;
      return loss();
    });
    x.data[i] = value;
    return (above! - below!) / (2 * step);
  });
}

function run(norm: Norm, values: Float32Array, weights: Float32Array) {
  const g = engine.graph();
  const x = g.parameter(norm.shape, values);
  const y = norm.record(g, x);
  const loss = g.sum(g.mul(y, g.constant(weights, norm.shape)));
  const step = g.compile(loss, { outputs: [y] });
  step.run();
  const result = { y: flat(step.value(y)).slice(), dx: flat(step.gradient(x)).slice() };
  g.dispose();
  return result;
}

describe.each(Object.entries(norms))("%s", (_, norm) => {
  it.each(kinds)("of numbers %s", (_, make) => {
    const values = make(length(norm.shape), 3);
    const weights = floats(values.length, 4);
    const { y, dx } = run(norm, values, weights);
    const x = { shape: norm.shape, data: Float64Array.from(values) };
    expectWithin(y, norm.formula(x).data, (e) => 1e-6 * (1 + Math.abs(e)), "y");
    const spread = Math.max(...values) - Math.min(...values);
    const slopes = slopesOf(norm, x, weights, spread * 1e-3);
    const size = Math.max(...slopes.map(Math.abs));
    expectWithin(dx, slopes, () => 1e-5 * size, "dx");
  });
});

describe("known answers", () => {
  const right = [-1.3416408, -0.4472136, 0.4472136, 1.3416408];
  const four: Record<string, Norm> = {
    layerNorm: { ...norms.layerNorm!, shape: [1, 4] },
    groupNorm: { ...norms.groupNorm!, shape: [1, 2, 2], record: (g, x) => g.groupNorm(x, 1) },
    batchNorm: { ...norms.batchNorm!, shape: [4, 1] },
  };

  it.each(Object.entries(four))("%s of four equally far apart", (_, norm) => {
    for (const [first, step] of [
      [1e30, 1e30],
      [-2e30, 1e30],
      [1e38, 0.5e38],
      [1e7, 1],
    ] as const) {
      const values = Float32Array.from([0, 1, 2, 3], (i) => first + i * step);
      const { y } = run(norm, values, new Float32Array(4));
      expectWithin(y, right, () => 1e-5, `${first} + ${step}`);
    }
  });

  it("normalize takes what a variance in float32 can be", () => {
    const g = engine.graph();
    const x = g.constant(Float32Array.of(1e19, -3e19), [2, 1]);
    const y = g.normalize(x, g.constant(1e18, [1]), g.constant(1e38, [1]));
    const step = g.compile(g.sum(y), { outputs: [y] });
    step.run();
    expectWithin(flat(step.value(y)), [0.9, -3.1], (e) => 1e-6 * Math.abs(e));
    g.dispose();
  });

  it("batchMoments counts a variance past the largest float32 as that", () => {
    const g = engine.graph();
    const moments = g.batchMoments(g.constant(Float32Array.of(-1e30, 1e30, 0, 2), [2, 2]));
    const step = g.compile(g.sum(moments), { outputs: [moments] });
    step.run();
    expect([...flat(step.value(moments))]).toEqual([
      Math.fround(-0.5e30),
      Math.fround((Math.fround(1e30) + 2) / 2),
      2 ** 128 - 2 ** 104,
      2 ** 128 - 2 ** 104,
    ]);
    g.dispose();
  });
});

it("batchNorm takes moments of the caller's own making", () => {
  const g = engine.graph();
  const x = g.parameter([2, 2], Float32Array.of(1, 2, 3, 4));
  const moments = g.constant(Float32Array.of(1, 2, 4, 9), [2, 2]);
  const y = g.batchNorm(x, undefined, undefined, 1e-6, moments);
  const step = g.compile(g.sum(y), { outputs: [y] });
  step.run();
  expectWithin(flat(step.value(y)), [0, 0, 1, 2 / 3], () => 1e-6);
  g.dispose();
});
