import { expect, it } from "vitest";
import { createEngine, crossEntropy, dense, embedding, flatten, mse } from "../../src/index.ts";
import { adam, ones, sequential } from "../../src/index.ts";

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

it("gives NaN for an id that is not in the vocabulary", () => {
  const layers = [embedding(3, 2, { weightInitializer: ones() })];
  const model = engine.compile(sequential(layers), {
    ...options,
    inputShape: [3],
    loss: mse(),
  });
  const { data, shape } = model.predict(Float32Array.of(2, 3, 1.5));
  expect(shape).toEqual([1, 3, 2]);
  expect([...data]).toEqual([1, 1, NaN, NaN, NaN, NaN]);
  model.dispose();
});

it("refuses sizes that are not whole, and a table that is no matrix", () => {
  expect(() => embedding(0, 3)).toThrow(
    new RangeError("embedding(0, 3): expected vocabulary to be a whole number from 1 on, got 0"),
  );
  expect(() => embedding(3, 1.5)).toThrow(RangeError);
  const g = engine.graph();
  expect(() => g.embedding(g.constant(0), g.parameter([3], 1))).toThrow(
    new RangeError("embedding: expected a table of [vocabulary, width], got [3]"),
  );
});
