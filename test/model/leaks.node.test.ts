import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { adam, bceWithLogits, createEngine, dense, sequential } from "../../src/index.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes of JavaScript objects that are in use. */
function heapUsed(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

const STEPS = 100_000;

it("a hundred thousand steps leave nothing behind, in WebAssembly or JavaScript", async () => {
  const engine = await createEngine();
  const model = engine.compile(sequential([dense(4, { activation: "tanh" }), dense(1)]), {
    inputShape: [2],
    loss: bceWithLogits(),
    optimizer: adam({ learningRate: 0.01 }),
    batchSize: 4,
    seed: 1,
  });
  const x = new Float32Array([0, 0, 0, 1, 1, 0, 1, 1]);
  const y = new Float32Array([0, 1, 1, 0]);
  const train = (steps: number): number => {
    let loss = NaN;
    for (let i = 0; i < steps; i++) loss = model.trainStep(x, y);
    return loss;
  };
  train(2000); // The compiler of the engine has settled.
  const usage = engine.memoryUsage;
  const bytes = engine.memory.buffer.byteLength;
  const before = heapUsed();
  const loss = train(STEPS);
  const grown = heapUsed() - before;
  expect(engine.memoryUsage).toEqual(usage);
  expect(engine.memory.buffer.byteLength).toBe(bytes);
  expect(grown).toBeLessThan(200 * 1024);
  expect(loss).toBeLessThan(0.01);
  const { data } = model.predict(x);
  expect([...data].map((logit) => logit > 0)).toEqual([false, true, true, false]);
});

it("hundreds of epochs over a stream leave nothing behind, either", async () => {
  const engine = await createEngine();
  const model = engine.compile(sequential([dense(4), dense(1)]), {
    inputShape: [2],
    loss: bceWithLogits(),
    optimizer: adam(),
    seed: 1,
  });
  async function* batches() {
    for (let i = 0; i < 50; i++) {
      const y = Float32Array.from({ length: 16 }, () => i % 2);
      yield await Promise.resolve({ x: new Float32Array(32).fill(i), y });
    }
  }
  const { signal } = new AbortController();
  await model.fit(batches, { epochs: 200, signal });
  const usage = engine.memoryUsage;
  const before = heapUsed();
  await model.fit(batches, { epochs: 300, signal });
  const grown = heapUsed() - before;
  expect(engine.memoryUsage).toEqual(usage);
  // One small object for each of the 15,000 steps would be twice as much.
  expect(grown).toBeLessThan(400 * 1024);
});
