import { describe, expect, it } from "vitest";
import type { ArrayValue } from "../../src/index.ts";
import { embedding, positionEmbedding, rotaryPositions } from "../../src/index.ts";
import { sinusoidalPositions, unembedding } from "../../src/index.ts";
import { floats } from "../../src/verify/numbers.ts";
import { expectWithin } from "../support/expect.ts";
import { engine, modelOf, outputs } from "./sequences.ts";

describe("positions", () => {
  const shape = [2, 3, 5] as const;
  const x = floats(30, 1);

  it("that are trained are added, also to fewer steps", () => {
    const model = modelOf([positionEmbedding(4)], [3, 5]);
    const { data } = model.parameters[0]!;
    const expected = x.map((value, i) => value + data[i % 15]!);
    expect([...model.predict(x).data]).toEqual([...expected]);
    model.trainStep(x, new Float32Array(30));
    const { grad } = model.parameters[0]!;
    const slopes = Array.from({ length: 20 }, (_, i) => {
      return i < 15 ? (2 * (expected[i]! + expected[i + 15]!)) / 30 : 0;
    });
    expectWithin(grad, slopes, () => 1e-6);
    model.dispose();
  });

  it("as waves are sines and cosines", () => {
    const expected = Array.from(x, (value, i) => {
      const [step, column] = [Math.floor(i / 5) % 3, i % 5];
      const angle = step / 10_000 ** ((column - (column % 2)) / 5);
      return value + (column % 2 ? Math.cos(angle) : Math.sin(angle));
    });
    expectWithin(outputs([sinusoidalPositions()], shape, x), expected, () => 2e-7);
  });

  it("as rotations turn two halves of each head", () => {
    const rows = floats(2 * 300 * 8, 2);
    const came = outputs([rotaryPositions({ heads: 2, base: 500 })], [2, 300, 8], rows);
    const expected = Array.from(rows, (value, i) => {
      const [step, column] = [Math.floor(i / 8) % 300, i % 4];
      const angle = step / 500 ** ((2 * (column % 2)) / 4);
      const other = column < 2 ? -rows[i + 2]! : rows[i - 2]!;
      return value * Math.cos(angle) + other * Math.sin(angle);
    });
    expectWithin(came, expected, () => 4e-7);
  });
});

describe("unembedding", () => {
  it("multiplies by the table of the embedding, which gets both gradients", () => {
    const table = embedding(7, 4);
    const model = modelOf([table, unembedding(table)], [3]);
    expect(model.parameters.map(({ name, shape }) => [name, shape])).toEqual([
      ["embedding1.weight", [7, 4]],
    ]);
    const ids = Float32Array.of(0, 3, 6, 3, 1, 1);
    const target = floats(42, 2);
    model.trainStep(ids, target);
    const { data, grad } = model.parameters[0]!;
    const g = engine.graph();
    const [one, other] = [g.parameter([7, 4], data.slice()), g.parameter([7, 4], data.slice())];
    const h = g.embedding(g.constant(ids, [2, 3]), one);
    const y = g.matmul(h, other, false, true);
    const loss = g.mean(g.square(g.sub(y, g.constant(target, [2, 3, 7]))));
    const step = g.compile(loss, { outputs: [y] });
    step.run();
    const [a, b] = [one, other].map((node) => (step.gradient(node) as ArrayValue).data);
    expectWithin(
      grad,
      a!.map((value, i) => value + b![i]!),
      () => 1e-6,
    );
    expectWithin(model.predict(ids).data, (step.value(y) as ArrayValue).data, () => 1e-6);
    g.dispose();
    model.dispose();
  });
});
