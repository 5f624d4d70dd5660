import { describe, expect, it } from "vitest";
import {
  type Layer,
  type Loss,
  adam,
  constant,
  createEngine,
  dense,
  embedding,
  mse,
  network,
  sequential,
  sgd,
} from "../../src/index.ts";

const rate = { optimizer: sgd({ learningRate: 1 }), inputShape: [1], batchSize: 1 };
const one = Float32Array.of(1);
const zero = Float32Array.of(0);

/** y = x · w · b for a weight that starts at 2 and a buffer that starts at 1, updated to 3 · b. */
function scaledByBuffer(updatesFirst: boolean): Layer {
  return {
    kind: "scaled",
    label: "scaled",
    record(g, x) {
      const w = g.parameter("w", [1], constant(2));
      const b = g.buffer("b", [1], constant(1));
      const update = (): void => {
        g.update(b, g.mul(b, g.scalar(3)));
      };
      if (updatesFirst) update();
      const y = g.mul(g.mul(x, w), b);
      if (!updatesFirst) update();
      return y;
    },
  };
}

describe("buffers are written when nobody reads them any more", () => {
  it.each([true, false])("in the reverse sweep too, updated first: %s", async (updatesFirst) => {
    const engine = await createEngine();
    const net = sequential([scaledByBuffer(updatesFirst)]);
    const model = engine.compile(net, { ...rate, loss: mse() });
    expect(model.trainStep(one, zero)).toBe(4);
    // d (x w b)² / dw = 2 · x w b · x b = 4 with the old b of 1.
    expect(model.parameters[0]!.grad[0]).toBe(4);
    expect(model.buffers[0]!.data[0]).toBe(3);
  });

  it("so that two can change places", async () => {
    const engine = await createEngine();
    const swap: Layer = {
      kind: "swap",
      label: "swap",
      record(g, x) {
        const a = g.buffer("a", [1], constant(5));
        const b = g.buffer("b", [1], constant(7));
        g.update(a, b);
        g.update(b, a);
        return g.mul(x, g.parameter("w", [1], constant(1)));
      },
    };
    const model = engine.compile(sequential([swap]), { ...rate, loss: mse() });
    model.trainStep(one, zero);
    expect(model.buffers.map(({ data }) => data[0])).toEqual([7, 5]);
  });
});

describe("a loss of one's own", () => {
  const own = (record: Loss["record"]): Loss => ({
    name: "own",
    takesClasses: false,
    reduction: "mean",
    record,
  });
  it.each([
    ["a view", own((g, p) => g.reshape(p, [])), 2],
    ["a constant", own((g) => g.scalar(5)), 5],
  ])("may be %s", async (_, loss, expected) => {
    const engine = await createEngine();
    const layer = dense(1, { weightInitializer: constant(2) });
    const model = engine.compile(sequential([layer]), { ...rate, loss });
    expect(model.trainStep(one, zero)).toBe(expected);
  });
});

describe("memory that is given back while a fit is under way", () => {
  it("is not written by a fit whose model was disposed before the first step", async () => {
    const engine = await createEngine();
    const model = engine.compile(sequential([dense(1)]), { ...rate, loss: mse() });
    const x = new Float32Array(64).fill(1);
    const tensors: Float32Array[] = [];
    const fit = model.fit(
      { x, y: x },
      {
        callbacks: [
          {
            onTrainBegin: () => {
              model.dispose();
              for (let i = 0; i < 100; i++) tensors.push(engine.tensor([16]).data);
            },
          },
        ],
      },
    );
    await expect(fit).rejects.toThrow("disposed");
    expect(tensors.every((data) => data.every((value) => value === 0))).toBe(true);
  });

  it("is not read: a tensor that was disposed is an error", async () => {
    const engine = await createEngine();
    const model = engine.compile(sequential([dense(1)]), { ...rate, loss: mse() });
    const x = engine.tensor([8, 1]);
    const y = engine.tensor([8, 1]);
    const dispose = (): void => {
      x.dispose();
    };
    const fit = model.fit({ x, y }, { epochs: 3, onEpochEnd: dispose });
    await expect(fit).rejects.toThrow("tensor[8, 1]: expected a live tensor");
  });
});

it("a model has one fit at a time", async () => {
  const engine = await createEngine();
  const model = engine.compile(sequential([dense(1)]), { ...rate, loss: mse() });
  const first = model.fit({ x: one, y: zero });
  await expect(model.fit({ x: one, y: zero })).rejects.toThrow("one is under way");
  await first;
  await expect(model.fit({ x: one, y: zero })).resolves.toBeDefined();
});

it("bytes are ids to an embedding, and not scaled", async () => {
  const engine = await createEngine();
  const net = sequential([embedding(5, 2)]);
  const options = { inputShape: [3], loss: mse(), optimizer: adam() };
  const model = engine.compile(net, options);
  const bytes = model.predict(Uint8Array.of(3, 0, 4)).data.slice();
  expect(bytes).toEqual(model.predict(Int32Array.of(3, 0, 4)).data);
});

describe("names that nobody reads are refused", () => {
  it.each<[string, () => unknown, string]>([
    ["adam", () => adam({ lr: 0.1 } as object), "adam: expected options learningRate, clipNorm"],
    [
      "adam of a number",
      () => adam(0.1 as unknown as object),
      "adam: expected an object of options, got 0.1",
    ],
    ["dense", () => dense(2, { activaton: "relu" } as object), 'got "activaton"'],
    ["dense of a name", () => dense(2, "relu" as unknown as object), 'options, got "relu"'],
    [
      "mse",
      () => mse({ mean: true } as object),
      'mse: expected options reduction, half, got "mean"',
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(message);
  });

  it("createEngine, compile and fit", async () => {
    await expect(createEngine({ thread: 2 } as object)).rejects.toThrow('got "thread"');
    const engine = await createEngine();
    const options = { ...rate, loss: mse() };
    const wrong = { ...options, metric: ["accuracy"] };
    expect(() => engine.compile(sequential([dense(1)]), wrong)).toThrow('got "metric"');
    const model = engine.compile(sequential([dense(1)]), options);
    const data = { x: one, y: zero };
    await expect(model.fit(data, { epoch: 3 } as object)).rejects.toThrow('got "epoch"');
  });
});

it("a network that asks for an input that there is not is told which there are", async () => {
  const engine = await createEngine();
  const net = network((g, { left }) => g.use(dense(1), left!));
  expect(() => engine.compile(net, { ...rate, loss: mse() })).toThrow("inputs are x");
});

it("two engines do not hand out one memory", async () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const engine = await createEngine({ memory });
  await expect(createEngine({ memory })).rejects.toThrow("another engine has this one");
  engine.dispose();
  await expect(createEngine({ memory })).resolves.toBeDefined();
});
