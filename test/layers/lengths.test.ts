import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import { bidirectional, crossEntropy, dense, embedding, gru, lstm } from "../../src/index.ts";
import { multiHeadAttention, network, simpleRnn } from "../../src/index.ts";
import { floats } from "../../src/verify/numbers.ts";
import { engine, modelOf } from "./sequences.ts";

/** Lengths of the sequences in a batch, which layers of sequences take beside x. */

const [BATCH, STEPS, FEATURES, UNITS] = [4, 5, 3, 6] as const;
const LENGTHS = [5, 0, 1, 3] as const;
const x = floats(BATCH * STEPS * FEATURES, 1);

type Layer = gradlane.Layer;

function modelWith(layer: Layer, learningRate = 0): gradlane.Model {
  const net = network((g, { x, lengths }) => g.use(layer, x, { lengths }));
  const inputShape = { x: [STEPS, FEATURES], lengths: [1] };
  return modelOf(net, inputShape, { batchSize: BATCH, learningRate });
}

/** Layers that read a batch as it is and, in a network of their own, a single sequence that has no padding. */
const layers = [lstm, gru, simpleRnn].flatMap((make): Layer[] => {
  return [false, true].flatMap((returnSequences) => [
    make(UNITS, { returnSequences }),
    make(UNITS, { returnSequences, reverse: true }),
    bidirectional(make(UNITS, { returnSequences })),
    bidirectional(make(UNITS, { returnSequences }), { merge: "average" }),
  ]);
});

describe.each(layers.map((layer) => [String(layer), layer] as const))("%s", (_, layer) => {
  const model = modelWith(layer);
  const lengths = Float32Array.from(LENGTHS);

  it("gives what each sequence alone gives, and 0 past its length", () => {
    const { data: own, shape } = model.predict({ x, lengths });
    // A model that is compiled later may move the memory.
    const data = own.slice();
    const width = data.length / BATCH;
    const last = shape.at(-1)!;
    LENGTHS.forEach((length, row) => {
      const own = [...data.subarray(row * width, (row + 1) * width)];
      if (length === 0) {
        expect(own).toEqual(own.map(() => 0));
        return;
      }
      const alone = modelOf([layer], [length, FEATURES], { batchSize: 1 });
      const first = row * STEPS * FEATURES;
      const expected = [...alone.predict(x.slice(first, first + length * FEATURES)).data];
      const padding = shape.length === 3 ? new Array<number>((STEPS - length) * last).fill(0) : [];
      expect(own).toEqual([...expected, ...padding]);
      alone.dispose();
    });
  });

  it("does not read the padding, in training either", () => {
    const y = floats(model.predict({ x, lengths }).data.length, 4);
    const padded = x.map((value, i) => {
      const row = Math.floor(i / (STEPS * FEATURES));
      const step = Math.floor(i / FEATURES) % STEPS;
      return step < LENGTHS[row]! ? value : 9;
    });
    const grads = [x, padded].map((x) => {
      const loss = model.trainStep({ x, lengths }, y);
      return [loss, model.parameters.map(({ grad }) => [...grad])];
    });
    expect(grads[1]).toEqual(grads[0]);
    expect(model.parameters.every(({ grad }) => grad.some((value) => value !== 0))).toBe(true);
  });

  it("takes lengths of every type", () => {
    const expected = [...model.predict({ x, lengths }).data];
    const tensor = engine.tensor([BATCH, 1]);
    tensor.data.set(lengths);
    for (const each of [Int32Array.from(LENGTHS), Uint8Array.from(LENGTHS), tensor]) {
      expect([...model.predict({ x, lengths: each }).data]).toEqual(expected);
    }
    tensor.dispose();
  });
});

describe("lengths", () => {
  it("are nodes of ints or floats, [batch] or [batch, 1]", () => {
    const layer = bidirectional(gru(UNITS));
    const made = (lengths: (g: gradlane.LayerGraph, node: gradlane.Node) => gradlane.Node) =>
      modelOf(
        network((g, given) => g.use(layer, given.x, { lengths: lengths(g, given.lengths!) })),
        { x: [STEPS, FEATURES], lengths: [1] },
      );
    const models = [
      made((_, node) => node),
      made((g, node) => g.reshape(node, [node.shape[0]!])),
      // Where a row of [0, 1, ...] first is no less: its length, as an int.
      made((g, node) => {
        const places = g.constant(Float32Array.from({ length: STEPS + 1 }, (_, step) => step));
        return g.argmin(g.less(places, node), 1);
      }),
      made((g, node) => {
        const places = g.constant(Float32Array.from({ length: STEPS + 1 }, (_, step) => step));
        return g.argmin(g.less(places, node), 1, { keepDims: true });
      }),
    ];
    const results = models.map((model) => {
      return [...model.predict({ x, lengths: Float32Array.from(LENGTHS) }).data];
    });
    for (const result of results.slice(1)) expect(result).toEqual(results[0]);
    for (const model of models) model.dispose();
  });

  it("in bytes hide the same keys of an attention", () => {
    const model = modelWith(multiHeadAttention(3));
    const predict = (lengths: gradlane.Features) => [...model.predict({ x, lengths }).data];
    const expected = predict(Float32Array.from(LENGTHS));
    expect(predict(Uint8Array.from(LENGTHS))).toEqual(expected);
    expect(predict(Float32Array.of(5, 5, 5, 5))).not.toEqual(expected);
    model.dispose();
  });

  it("of a network's own making count as the nearest that there can be", () => {
    const net = network((g, { x, lengths }) => {
      return g.use(lstm(UNITS), x, { lengths: g.mul(g.scalar(2), lengths!) });
    });
    const model = modelOf(net, { x: [STEPS, FEATURES], lengths: [1] });
    const predict = (...lengths: number[]) => {
      return [...model.predict({ x, lengths: Float32Array.from(lengths) }).data];
    };
    expect(predict(3, -1, 1.25, 9)).toEqual(predict(2.5, 0, 1, 2.5));
    model.dispose();
  });

  it("in a graph by hand count as the nearest that there can be", () => {
    const g = engine.graph();
    const node = (seed: number, ...shape: number[]) => {
      return g.constant(
        floats(
          shape.reduce((a, b) => a * b, 1),
          seed,
        ),
        shape,
      );
    };
    const lengths = g.input("lengths", [BATCH], "int");
    const { h } = g.gru(
      g.constant(x, [BATCH, STEPS, FEATURES]),
      node(2, 3, 18),
      node(3, 6, 18),
      undefined,
      { lengths },
    );
    const step = g.compile(g.sum(h), { outputs: [h] });
    const hOf = (...of: number[]) => {
      step.run({ lengths: Int32Array.from(of) });
      return [...(step.value(h) as gradlane.ArrayValue).data];
    };
    expect(hOf(6, -1, 2, 2 ** 31 - 1)).toEqual(hOf(5, 0, 2, 5));
    expect(hOf(5, 0, 2, 5)).not.toEqual(hOf(5, 0, 2, 4));
    g.dispose();
  });
});

it("of sentences train an embedding through both directions", () => {
  // The class is the first of the ids that are no padding; the last one is the same in half of them.
  const [read, scores] = [bidirectional(lstm(6)), dense(3)];
  const words = embedding(5, 4);
  const net = network((g, { ids, lengths }) =>
    g.use(scores, g.use(read, g.use(words, ids!), { lengths })),
  );
  const model = engine.compile(net, {
    inputShape: { ids: [4], lengths: [1] },
    loss: crossEntropy(),
    optimizer: gradlane.adam({ learningRate: 0.05 }),
    seed: 3,
  });
  const y = Int32Array.from({ length: 24 }, (_, row) => row % 3);
  const lengths = Int32Array.from(y, (_, row) => 1 + (row % 4));
  const ids = Int32Array.from({ length: 96 }, (_, i) => {
    const [row, step] = [Math.floor(i / 4), i % 4];
    if (step === 0) return y[row]!;
    return step < lengths[row]! ? 3 + ((row + step) % 2) : (row * step) % 5;
  });
  let loss = Infinity;
  for (let step = 0; step < 100; step++) loss = model.trainStep({ ids, lengths }, y);
  expect(loss).toBeLessThan(0.05);
  const shuffled = ids.map((id, i) => (i % 4 < lengths[Math.floor(i / 4)]! ? id : 4 - id));
  expect([...model.predict({ ids: shuffled, lengths }).data]).toEqual([
    ...model.predict({ ids, lengths }).data,
  ]);
  model.dispose();
});
