import { describe, expect, it } from "vitest";
import { createEngine, crossEntropy, dense, embedding, flatten, mse } from "../../src/index.ts";
import { adam, network, ones, sequential } from "../../src/index.ts";
import { TAKERS, messagesOf } from "../support/refused.ts";

const engine = await createEngine();

const options = { inputShape: [2], loss: crossEntropy(), optimizer: adam({ learningRate: 0.05 }) };

it("learns a table that a dense layer alone could not", () => {
  // The class is whether two ids are equal.
  const pairs = Array.from({ length: 36 }, (_, i) => [Math.floor(i / 6), i % 6] as const);
  const x = Float32Array.from(pairs.flat());
  const y = Int32Array.from(pairs, ([a, b]) => Number(a === b));
  const layers = [embedding(6, 8), flatten(), dense(32, { activation: "relu" }), dense(2)];
  const model = engine.compile(sequential(layers), { ...options, seed: 3, batchSize: 36 });
  const first = model.trainStep(x, y);
  let last = first;
  for (let step = 0; step < 150; step++) last = model.trainStep(x, y);
  expect(last).toBeLessThan(first / 20);
  expect(model.parameters[0]!.name).toBe("embedding1.weight");
  model.dispose();
});

it("trains only the rows that the batch has", () => {
  const layers = [embedding(5, 3), flatten(), dense(2)];
  const model = engine.compile(sequential(layers), { ...options, batchSize: 2 });
  model.trainStep(Float32Array.of(1, 4, 4, 4), Int32Array.of(0, 1));
  const { grad } = model.parameters[0]!;
  const touched = Array.from({ length: 5 }, (_, id) =>
    grad.slice(3 * id, 3 * id + 3).some((value) => value !== 0),
  );
  expect(touched).toEqual([false, true, false, false, true]);
  model.dispose();
});

describe("an id that is not in the vocabulary", () => {
  const [x, y] = [Int32Array.of(0, 1, 2, 2, 1, 0), Int32Array.of(0, 1, 0)];
  const compile = (layers = [embedding(3, 2), flatten(), dense(2)]) =>
    engine.compile(sequential(layers), { ...options, batchSize: 2 });

  it.each([
    [Int32Array.of(0, 1, 2, 3, 1, 1), "3 in row 1, column 1"],
    [Int32Array.of(-1, 0), "-1 in row 0, column 0"],
    [Int32Array.of(0, 2 ** 24 + 1), "16777217 in row 0, column 1"],
    [Uint8Array.of(0, 1, 255, 0), "255 in row 1, column 0"],
    [Float32Array.of(0, 1, 1.5, 0), "1.5 in row 1, column 0"],
    [Float32Array.of(0, NaN), "NaN in row 0, column 1"],
    [Float32Array.of(0, Infinity), "Infinity in row 0, column 1"],
  ])("is refused before anything is changed, %#", async (ids, came) => {
    const model = compile();
    const expected = `embedding(3, 2): expected whole ids from 0 to 2, x has ${came}`;
    const bad = { x: ids, y: new Int32Array(ids.length / 2) };
    expect(await messagesOf(model, bad, { x, y })).toEqual(
      TAKERS.map((who) => `${who}: ${expected}`),
    );
    expect(model.trainStep(x, y)).toBeGreaterThan(0);
    model.dispose();
  });

  it("is refused in a tensor", () => {
    const model = compile();
    const ids = engine.tensor([2, 2]);
    ids.data.set([0, 1, 7, 0]);
    expect(() => model.predict(ids)).toThrow(
      new RangeError(
        "predict: embedding(3, 2): expected whole ids from 0 to 2, x has 7 in row 1, column 0",
      ),
    );
    ids.dispose();
    model.dispose();
  });

  it("is that of the smallest of all vocabularies, by the name of the input, also reshaped", () => {
    const net = network((g, { words, size }) => {
      const flat = g.reshape(words!, [words!.shape[0]! * 2]);
      const rows = g.reshape(g.use(embedding(5, 2), flat), [words!.shape[0]!, 4]);
      const more = g.use(flatten(), g.use(embedding(9, 2), words!));
      return g.use(dense(2), g.add(g.add(rows, more), g.use(dense(4), size!)));
    });
    const inputShape = { words: [2], size: [1] };
    const model = engine.compile(net, { ...options, inputShape });
    const size = Float32Array.of(1.5);
    expect(() => model.predict({ words: Int32Array.of(4, 5), size })).toThrow(
      "predict: embedding(5, 2): expected whole ids from 0 to 4, words has 5 in row 0, column 1",
    );
    // Bytes that are reshaped stay ids too: they are not scaled.
    expect([...model.predict({ words: Uint8Array.of(4, 1), size }).data]).toEqual([
      ...model.predict({ words: Int32Array.of(4, 1), size }).data,
    ]);
    model.dispose();
  });

  it("gives NaN where the network makes it", () => {
    const net = network((g, { x }) => {
      return g.use(embedding(3, 2, { weightInitializer: ones() }), g.add(x, g.scalar(1)));
    });
    const model = engine.compile(net, { ...options, loss: mse() });
    expect([...model.predict(Float32Array.of(1, 2)).data]).toEqual([1, 1, NaN, NaN]);
    model.dispose();
  });
});

it("takes no more rows than float32 can tell apart", () => {
  expect(() => embedding(2 ** 24 + 4, 1)).toThrow(
    new RangeError(
      "embedding(16777220, 1): expected a vocabulary of at most 16777216, as ids are float32, got 16777220",
    ),
  );
  expect(() => embedding(2 ** 24, 1)).not.toThrow();
  const g = engine.graph();
  const table = g.constant(0, [2 ** 24 + 1, 1]);
  expect(() => g.embedding(g.constant(0), table)).toThrow(
    new RangeError(
      "embedding: expected at most 16777216 rows for ids in float32, got a table of [16777217, 1]",
    ),
  );
  expect(g.embedding(g.constant(Int32Array.of(2 ** 24)), table).shape).toEqual([1, 1]);
  g.dispose();
});

it("refuses sizes that are not whole, and a table that is no matrix", () => {
  expect(() => embedding(0, 3)).toThrow(
    new RangeError("embedding: expected vocabulary to be a whole number from 1 on, got 0"),
  );
  expect(() => embedding(3, 1.5)).toThrow(RangeError);
  const g = engine.graph();
  expect(() => g.embedding(g.constant(0), g.parameter([3], 1))).toThrow(
    new RangeError("embedding: expected a table of [vocabulary, width], got [3]"),
  );
});
