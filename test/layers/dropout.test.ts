import { describe, expect, it } from "vitest";
import { adam, createEngine, dense, dropout, mse, sequential, sgd } from "../../src/index.ts";
import { bits, weightsOf, wrong } from "../engine/fixtures.ts";
import { floats } from "../../src/verify/numbers.ts";

const N = 4000;

async function trained(seed: number): Promise<Uint32Array> {
  const engine = await createEngine();
  const layers = [
    dense(16, { activation: "relu" }),
    dropout(0.3),
    dense(8),
    dropout(0.5),
    dense(1),
  ];
  const model = engine.compile(sequential(layers), {
    inputShape: [4],
    loss: mse(),
    optimizer: adam(),
    seed,
  });
  for (let step = 0; step < 5; step++) model.trainStep(floats(128, step), floats(32, 50 + step));
  const weights = weightsOf(model);
  model.dispose();
  return weights;
}

describe("dropout", () => {
  it("gives the same weights for the same seed, in every engine", async () => {
    const [first, second, other] = [await trained(1), await trained(1), await trained(2)];
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it("passes x outside of training", async () => {
    const engine = await createEngine();
    const model = engine.compile(sequential([dropout(0.9)]), {
      inputShape: [5],
      loss: mse(),
      optimizer: sgd(),
    });
    const x = floats(20, 1);
    expect(bits(model.predict(x).data as Float32Array<ArrayBuffer>)).toEqual(bits(x));
    expect(model.parameters).toEqual([]);
    model.dispose();
  });

  it("draws another mask in each step and for each layer, and the same in the gradient", async () => {
    const engine = await createEngine();
    const g = engine.graph();
    const x = g.parameter([N], 1);
    const [a, b] = [g.dropout(x, 0.5), g.dropout(x, 0.5)];
    const step = g.compile(g.sum(g.add(a, b)), { outputs: [a, b] });
    const values = (node: typeof a): number[] => {
      const value = step.value(node);
      return typeof value === "number" ? [value] : [...value.data];
    };
    step.run();
    const first = [values(a), values(b)] as const;
    const gradient = step.gradient(x);
    const sums = first[0].map((value, i) => value + first[1][i]!);
    expect(typeof gradient === "number" ? [] : [...gradient.data]).toEqual(sums);
    expect(new Set(first.flat())).toEqual(new Set([0, 2]));
    step.run();
    // Two masks of independent halves agree in half of the places.
    const same = (p: readonly number[], q: readonly number[]): number =>
      p.filter((value, i) => value === q[i]).length;
    const pairs = [
      [first[0], first[1]],
      [first[0], values(a)],
      [first[1], values(b)],
    ] as const;
    for (const [p, q] of pairs) expect(Math.abs(same(p, q) - N / 2)).toBeLessThan(2 * Math.sqrt(N));
  });

  it("keeps the mean", async () => {
    const engine = await createEngine();
    const g = engine.graph();
    const mean = g.mean(g.dropout(g.parameter([N], 3), 0.2));
    const step = g.compile(mean);
    step.run();
    expect(Math.abs((step.value(mean) as number) - 3)).toBeLessThan((3 * 4 * 0.5) / Math.sqrt(N));
  });

  it("of rate 0 is no op", async () => {
    const g = (await createEngine()).graph();
    const x = g.parameter([3], 1);
    expect(g.dropout(x, 0)).toBe(x);
  });

  it.each([-0.1, 1, NaN, 2, wrong("0.5")])("refuses a rate of %s", async (rate) => {
    expect(() => dropout(rate)).toThrow(/^dropout: expected rate to be a number in \[0, 1\), got /);
    const g = (await createEngine()).graph();
    expect(() => g.dropout(g.parameter([3], 1), rate)).toThrow(/^dropout: expected rate /);
  });
});
