import { beforeAll, describe, expect, it } from "vitest";
import {
  type Engine,
  type FitOptions,
  type Layer,
  type RecurrentLayer,
  createEngine,
  dense,
  gru,
  lstm,
  mse,
  network,
  sequential,
  sgd,
  simpleRnn,
} from "../../src/index.ts";
import { floats } from "../../src/verify/numbers.ts";

const [ROWS, STEPS, FEATURES, PARTS] = [3, 4, 2, 3];

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine();
});

/** Sequences of PARTS times STEPS steps, row by row, and their parts as batches that follow each other. */
const whole = floats(ROWS * PARTS * STEPS * FEATURES, 1);
const batches = Array.from({ length: PARTS }, (_, part) =>
  Float32Array.from({ length: ROWS * STEPS * FEATURES }, (_, i) => {
    const [row, at] = [Math.floor(i / (STEPS * FEATURES)), i % (STEPS * FEATURES)];
    return whole[(row * PARTS + part) * STEPS * FEATURES + at]!;
  }),
);
const targets = floats(ROWS * STEPS * 5, 2);

function compile(layers: readonly Layer[], steps = STEPS) {
  const inputShape = [steps, FEATURES];
  const options = { loss: mse(), optimizer: sgd({ learningRate: 0.1 }), batchSize: ROWS, seed: 4 };
  return engine.compile(sequential(layers), { inputShape, ...options });
}

const options = { returnSequences: true, stateful: true } as const;
const kinds: Record<string, () => RecurrentLayer> = {
  lstm: () => lstm(5, options),
  gru: () => gru(5, options),
  simpleRnn: () => simpleRnn(5, options),
};

describe.each(Object.entries(kinds))("a stateful %s", (_, layer) => {
  it("goes on from the batch before, until its states are reset", () => {
    const model = compile([layer()]);
    const plain = { ...options, stateful: false };
    const make = { lstm, gru, simpleRnn }[layer().kind as "lstm" | "gru" | "simpleRnn"];
    const long = compile([make(5, plain)], PARTS * STEPS)
      .predict(whole)
      .data.slice();
    for (let round = 0; round < 2; round++) {
      batches.forEach((x, part) => {
        const { data } = model.predict(x);
        data.forEach((h, i) => {
          const [row, at] = [Math.floor(i / (STEPS * 5)), i % (STEPS * 5)];
          expect(h).toBe(long[(row * PARTS + part) * STEPS * 5 + at]);
        });
      });
      model.resetStates();
    }
  });

  it("trains from states that prediction and evaluation leave alone, reset for each epoch", async () => {
    const x = Float32Array.from(batches.flatMap((batch) => [...batch]));
    const y = Float32Array.from({ length: PARTS * targets.length }, (_, i) => targets[i % 60]!);
    const ofSteps = (disturb: (model: ReturnType<typeof compile>) => unknown) => {
      const model = compile([layer()]);
      const losses = [0, 1].flatMap(() => {
        const losses = batches.map((batch) => {
          void disturb(model);
          return model.trainStep(batch, targets);
        });
        model.resetStates();
        return losses;
      });
      return { losses, weights: model.parameters.map(({ data }) => data.slice()) };
    };
    const alone = ofSteps(() => undefined);
    const disturbed = ofSteps((model) => model.predict(batches[0]!));
    expect(disturbed).toEqual(alone);
    const model = compile([layer()]);
    await model.fit({ x, y }, { epochs: 2, batchSize: ROWS, shuffle: false, validation: { x, y } });
    expect(model.parameters.map(({ data }) => data.slice())).toEqual(alone.weights);
  });

  it("evaluates from zeros, and leaves what prediction goes on from", async () => {
    const model = compile([layer()]);
    const x = Float32Array.from(batches.flatMap((batch) => [...batch]));
    const y = Float32Array.from({ length: PARTS * targets.length }, (_, i) => targets[i % 60]!);
    model.predict(batches[0]!);
    const next = model.predict(batches[1]!).data.slice();
    model.resetStates();
    model.predict(batches[0]!);
    const once = await model.evaluate({ x, y });
    expect(await model.evaluate({ x, y })).toEqual(once);
    expect(model.predict(batches[1]!).data).toEqual(next);
  });
});

describe("states", () => {
  it("are of one batch size", async () => {
    const model = compile([lstm(5, options), dense(5)]);
    const text =
      "lstm1: expected batches of 3 examples, the batchSize of compile, to keep states of, got 1";
    const one = batches[0]!.subarray(0, STEPS * FEATURES);
    expect(() => model.predict(one)).toThrow(new RangeError(text));
    expect(() => model.trainStep(one, targets.subarray(0, 20))).toThrow(text);
    const x = Float32Array.from([...batches[0]!, ...one]);
    const y = Float32Array.from([...targets, ...targets.subarray(0, 20)]);
    await expect(model.fit({ x, y }, { shuffle: false })).rejects.toThrow(text);
    await expect(model.evaluate({ x, y })).rejects.toThrow(text);
    const first = model.predict(batches[0]!).data.slice();
    model.resetStates();
    expect(() => model.predict(x)).toThrow(text);
    expect(model.predict(batches[0]!).data).toEqual(first);
  });

  it("want examples in order", async () => {
    const model = compile([dense(4), gru(5, options)]);
    const data = { x: batches[0]!, y: targets };
    const text =
      "fit: expected shuffle: false for gru1, which goes on from batch to batch, got true";
    await expect(model.fit(data)).rejects.toThrow(new RangeError(text));
    const pieces: FitOptions = { shuffle: false, batchSize: 3, microBatchSize: 1 };
    await expect(model.fit(data, pieces)).rejects.toThrow(
      "fit: expected no microBatchSize with gru1, which goes on from batch to batch, got 1",
    );
  });

  it("are kept for each use of a layer", () => {
    const total: Layer = {
      kind: "total",
      label: "total",
      record(g, x) {
        const sum = g.add(g.state("sum", x.shape), x);
        g.update(g.state("unused", [x.shape[0]!]), g.sum(x, 1));
        return sum;
      },
    };
    const keep: Layer = {
      kind: "keep",
      label: "keep",
      record(g, x) {
        const before = g.state("sum", x.shape);
        const sum = g.add(before, x);
        g.update(before, sum);
        return sum;
      },
    };
    const net = network((g, { x }) => g.use(total, g.use(keep, g.use(keep, x))));
    const options = { loss: mse(), optimizer: sgd(), batchSize: 2 };
    const model = engine.compile(net, { inputShape: [1], ...options });
    const ones = Float32Array.of(1, 10);
    expect([1, 2, 3].map(() => [...model.predict(ones).data])).toEqual([
      [1, 10],
      [3, 30],
      [6, 60],
    ]);
  });

  it.each(["state", "reshaped"])("give their old value as an output: %s", (what) => {
    const delay: Layer = {
      kind: "delay",
      label: "delay",
      record(g, x) {
        const before = g.state("x", x.shape);
        g.update(before, x);
        return what === "state" ? before : g.reshape(before, x.shape.slice());
      },
    };
    const options = { loss: mse(), optimizer: sgd(), batchSize: 1 };
    const model = engine.compile(sequential([delay]), { inputShape: [2], ...options });
    const predict = (...x: number[]) => [...model.predict(Float32Array.from(x)).data];
    expect([predict(1, 2), predict(3, 4), predict(5, 6)]).toEqual([
      [0, 0],
      [1, 2],
      [3, 4],
    ]);
  });

  it("have elements", () => {
    const empty: Layer = { kind: "empty", label: "empty", record: (g) => g.state("x", [2, 0]) };
    const options = { loss: mse(), optimizer: sgd() };
    const compileEmpty = () => engine.compile(sequential([empty]), { inputShape: [2], ...options });
    expect(compileEmpty).toThrow("empty: expected a state of one element or more, got [2, 0]");
  });

  it("are not part of what is saved", async () => {
    const model = compile([lstm(5, options)]);
    model.predict(batches[0]!);
    expect(model.buffers).toEqual([]);
    const bytes = await model.toSafetensors();
    const other = compile([lstm(5, options)]);
    await other.fromSafetensors(bytes);
    expect(other.predict(batches[1]!).data).not.toEqual(model.predict(batches[1]!).data);
  });
});
