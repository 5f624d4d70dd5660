import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import { embedding, mse, multiHeadAttention, network, positionEmbedding } from "../../src/index.ts";
import { rotaryPositions, sequential, sinusoidalPositions } from "../../src/index.ts";
import { transformerBlock, unembedding } from "../../src/index.ts";
import { floats } from "../../src/verify/numbers.ts";
import { expectWithin } from "../support/expect.ts";
import { engine, modelOf, outputs } from "./sequences.ts";

type Layer = gradlane.Layer;

describe("multiHeadAttention", () => {
  const shape = [2, 5, 6] as const;
  const x = floats(60, 1);

  it("is dense layers around attention of heads", () => {
    const model = modelOf([multiHeadAttention(3, { keyDim: 4 })], [5, 6]);
    const sizes = model.parameters.map(({ name, shape }) => `${name} ${JSON.stringify(shape)}`);
    expect(sizes).toEqual([
      "multiHeadAttention1.inProjection.weight [6,36]",
      "multiHeadAttention1.inProjection.bias [36]",
      "multiHeadAttention1.outProjection.weight [12,6]",
      "multiHeadAttention1.outProjection.bias [6]",
    ]);
    const g = engine.graph();
    const [w, b, v, c] = model.parameters.map(({ shape, data }) =>
      g.parameter(shape, data.slice()),
    );
    const all = g.dense(g.constant(x, shape), w!, b);
    const heads = (first: number) => {
      const part = g.slice(all, [0, 0, 12 * first], [2, 5, 12 * first + 12]);
      return g.transpose(g.reshape(part, [2, 5, 3, 4]), [0, 2, 1, 3]);
    };
    const each = g.scaledDotProductAttention(heads(0), heads(1), heads(2));
    const y = g.dense(g.reshape(g.transpose(each, [0, 2, 1, 3]), [2, 5, 12]), v!, c);
    const target = floats(60, 3);
    const step = g.compile(g.mean(g.square(g.sub(y, g.constant(target, shape)))), { outputs: [y] });
    step.run();
    const value = step.value(y) as gradlane.ArrayValue;
    expectWithin(model.predict(x).data, value.data, () => 1e-6, "outputs");
    model.trainStep(x, target);
    [w!, b!, v!, c!].forEach((node, i) => {
      const { grad, name } = model.parameters[i]!;
      expectWithin(grad, (step.gradient(node) as gradlane.ArrayValue).data, () => 1e-6, name);
    });
    g.dispose();
    model.dispose();
  });

  it("if causal sees nothing that comes later", () => {
    const layers = [multiHeadAttention(2, { causal: true })];
    const later = x.map((value, i) => (i % 30 >= 18 ? 9 : value));
    const [first, second] = [outputs(layers, shape, x), outputs(layers, shape, later)];
    for (const example of [0, 30]) {
      const [one, other] = [first, second].map((y) => [...y.subarray(example, example + 18)]);
      expect(other).toEqual(one);
    }
    expect([...second.subarray(18, 30)]).not.toEqual([...first.subarray(18, 30)]);
  });

  it.each(["lengths", "mask"] as const)("sees no keys that %s hide", (name) => {
    const layer = multiHeadAttention(2);
    const inputShape = { x: [5, 6], [name]: name === "mask" ? [1, 1, 5] : [1] };
    const net = network((g, { x, lengths, mask }) =>
      g.use(layer, x, name === "mask" ? { mask } : { lengths }),
    );
    const model = modelOf(net, inputShape);
    const shown = name === "mask" ? [1, 1, 1, 0, 0, 1, 1, 1, 1, 1] : [3, 5];
    const predict = (x: Float32Array) => {
      return model.predict({ x, [name]: Float32Array.from(shown) }).data.slice();
    };
    const changed = x.map((value, i) => (i >= 18 && i < 30 ? 7 : value));
    const [first, second] = [predict(x), predict(changed)];
    expect([...second.subarray(0, 18)]).toEqual([...first.subarray(0, 18)]);
    expect([...second.subarray(30)]).toEqual([...first.subarray(30)]);
    model.dispose();
  });

  it("takes keys and values from a memory of another time", () => {
    const layer = multiHeadAttention(3);
    const cross = network((g, { x, memory }) => g.use(layer, x, { memory }));
    const own = modelOf([layer], [5, 6]);
    const model = modelOf(cross, { x: [5, 6], memory: [5, 6] });
    // A memory that is x itself gives self-attention.
    const same = model.predict({ x, memory: x }).data;
    expectWithin(same, own.predict(x).data, () => 1e-6);
    const longer = modelOf(cross, { x: [5, 6], memory: [7, 6] });
    const memory = floats(84, 8);
    expect(longer.predict({ x, memory }).shape).toEqual([2, 5, 6]);
    longer.trainStep({ x, memory }, floats(60, 2));
    expect(longer.parameters.every(({ grad }) => grad.some((value) => value !== 0))).toBe(true);
    for (const each of [own, model, longer]) each.dispose();
  });

  it.each([false, true])("to a memory is attention of projections, rotary: %s", (rotary) => {
    const layer = multiHeadAttention(3, { useBias: false, rotary, keyDim: 4 });
    const net = network((g, { x, memory }) => g.use(layer, x, { memory }));
    const model = modelOf(net, { x: [5, 6], memory: [7, 6] });
    expect(model.parameters.map(({ shape }) => shape)).toEqual([
      [6, 36],
      [12, 6],
    ]);
    const memory = floats(84, 8);
    const [weight, out] = model.parameters.map(({ data }) => data) as [Float32Array, Float32Array];
    const columns = (first: number) => {
      return Float32Array.from({ length: 72 }, (_, i) => {
        return weight[36 * Math.floor(i / 12) + 12 * first + (i % 12)]!;
      });
    };
    const g = engine.graph();
    const heads = (from: Float32Array, time: number, first: number, turns: boolean) => {
      const rows = g.constant(from, [2, time, 6]);
      const own = g.dense(rows, g.constant(columns(first), [6, 12]));
      const step = g.compile(g.sum(own), { outputs: [own] });
      step.run();
      const { data } = step.value(own) as gradlane.ArrayValue;
      const turned = turns
        ? outputs([rotaryPositions({ heads: 3 })], [2, time, 12], data.slice())
        : data.slice();
      const split = g.reshape(g.constant(turned, [2, time, 12]), [2, time, 3, 4]);
      return g.transpose(split, [0, 2, 1, 3]);
    };
    const each = g.scaledDotProductAttention(
      heads(x, 5, 0, rotary),
      heads(memory, 7, 1, rotary),
      heads(memory, 7, 2, false),
    );
    const joined = g.reshape(g.transpose(each, [0, 2, 1, 3]), [2, 5, 12]);
    const y = g.dense(joined, g.constant(out, [12, 6]));
    const step = g.compile(g.sum(y), { outputs: [y] });
    step.run();
    const expected = (step.value(y) as gradlane.ArrayValue).data;
    expectWithin(model.predict({ x, memory }).data, expected, () => 1e-6);
    g.dispose();
    model.dispose();
  });

  it("drops weights in training alone", () => {
    const [plain, dropping] = [0, 0.5].map((dropout) =>
      modelOf([multiHeadAttention(2, { dropout })], [5, 6]),
    ) as [gradlane.Model, gradlane.Model];
    expect([...dropping.predict(x).data]).toEqual([...plain.predict(x).data]);
    const target = floats(60, 3);
    const losses = [plain, dropping].map((model) => [1, 2].map(() => model.trainStep(x, target)));
    expect(losses[0]![0]).toBe(losses[0]![1]);
    expect(losses[1]![0]).not.toBe(losses[0]![0]);
    expect(losses[1]![0]).not.toBe(losses[1]![1]);
    for (const model of [plain, dropping]) model.dispose();
  });

  it("with rotary depends on distances alone", () => {
    // The same rows at two places of a longer input, of which a mask shows nothing else.
    const layer = multiHeadAttention(1, { rotary: true });
    const net = network((g, { x, mask }) => g.use(layer, x, { mask }));
    const model = modelOf(net, { x: [8, 6], mask: [1, 1, 8] }, { batchSize: 1 });
    const rows = floats(18, 5);
    const at = (first: number) => {
      const all = floats(48, 6);
      all.set(rows, 6 * first);
      const mask = Float32Array.from({ length: 8 }, (_, i) => Number(i >= first && i < first + 3));
      const { data } = model.predict({ x: all, mask });
      return data.slice(6 * first, 6 * first + 18);
    };
    expectWithin(at(4), at(1), () => 1e-6);
    const unturned = modelOf([multiHeadAttention(1)], [3, 6], { batchSize: 1 });
    const close = unturned.predict(rows).data.every((v, i) => Math.abs(v - at(1)[i]!) < 1e-3);
    expect(close).toBe(false);
    model.dispose();
    unturned.dispose();
  });
});

describe("errors of layers", () => {
  const compile = (layers: readonly Layer[], inputShape: readonly number[]) => () =>
    modelOf(layers, inputShape).dispose();

  it.each([
    [
      multiHeadAttention(3),
      [5, 8],
      "multiHeadAttention(3): expected heads that divide the width of x, or keyDim, got 3 heads for a width of 8 in [1, 5, 8]",
    ],
    [
      multiHeadAttention(3),
      [9],
      "multiHeadAttention(3): expected x of [batch, time, width], got [1, 9]",
    ],
    [
      transformerBlock(3, 8),
      [5, 8],
      "transformerBlock(3, 8): expected heads that divide the width of x, or keyDim, got 3 heads",
    ],
    [
      transformerBlock(3, 8),
      [9],
      "transformerBlock(3, 8): expected x of [batch, time, width], got [1, 9]",
    ],
    [
      positionEmbedding(4),
      [5, 8],
      "positionEmbedding(4): expected at most 4 steps, got 5 of [1, 5, 8]",
    ],
    [
      sinusoidalPositions(),
      [5],
      "sinusoidalPositions: expected x of [batch, time, width], got [1, 5]",
    ],
    [
      rotaryPositions({ heads: 3 }),
      [5, 8],
      "rotaryPositions({ heads: 3 }): expected heads that divide the width, got 3 heads for [1, 5, 8]",
    ],
    [
      rotaryPositions(),
      [5, 7],
      "expected heads of an even number of columns to rotate, got heads of 7",
    ],
    [
      multiHeadAttention(2, { rotary: true }),
      [5, 6],
      "multiHeadAttention(2): expected heads of an even number of columns to rotate, got heads of 3",
    ],
    [
      unembedding(gradlane.embedding(7, 4)),
      [5, 3],
      "unembedding(embedding(7, 4)): expected x of [batch, ..., 4], got [1, 5, 3]",
    ],
  ] as const)("%s of %j", (layer, inputShape, text) => {
    expect(compile([layer], inputShape)).toThrow(RangeError);
    expect(compile([layer], inputShape)).toThrow(text);
  });

  const uses = (layer: Layer, inputs: (given: gradlane.Inputs) => gradlane.LayerInputs) => () =>
    modelOf(
      network((g, given) => g.use(layer, given.x, inputs(given))),
      {
        x: [5, 6],
        other: [5, 4],
      },
    ).dispose();

  it("of inputs besides x", () => {
    const attention = multiHeadAttention(2);
    expect(uses(attention, ({ other }) => ({ key: other }))).toThrow(
      new RangeError('multiHeadAttention(2): expected inputs memory, lengths, mask, got "key"'),
    );
    expect(uses(gradlane.dense(2), ({ other }) => ({ memory: other }))).toThrow(
      new RangeError('dense(2): expected inputs none besides x, got "memory"'),
    );
    expect(uses(attention, ({ other }) => ({ memory: other }))).toThrow(
      "multiHeadAttention(2): expected memory of [batch, time, 6], got [1, 5, 4]",
    );
    expect(uses(attention, ({ other }) => ({ lengths: other }))).toThrow(
      "multiHeadAttention(2): expected lengths of [1] or [1, 1], got [1, 5, 4]",
    );
    expect(uses(attention, ({ other }) => ({ mask: other }))).toThrow(
      "multiHeadAttention(2): expected a mask that broadcasts to [batch, heads, queries, keys]",
    );
    expect(uses(attention, () => ({ mask: 1 as never }))).toThrow(TypeError);
  });

  it("of arguments", () => {
    expect(() => multiHeadAttention(0)).toThrow(RangeError);
    expect(() => transformerBlock(2, 0.5)).toThrow("transformerBlock: expected hidden to be");
    expect(() => positionEmbedding("4" as never)).toThrow(TypeError);
    expect(() => unembedding(gradlane.dense(3))).toThrow(
      "unembedding: expected table to be a layer of embedding()",
    );
  });
});

describe("transformerBlock", () => {
  it("learns, with everything that it can have", () => {
    const block = transformerBlock(2, 16, {
      causal: true,
      normFirst: true,
      rotary: true,
      dropout: 0.1,
    });
    const model = engine.compile(sequential([embedding(5, 8), block, gradlane.dense(5)]), {
      inputShape: [6],
      loss: mse(),
      optimizer: gradlane.adam({ learningRate: 0.01 }),
      seed: 1,
    });
    const ids = Float32Array.from({ length: 48 }, (_, i) => (i * 7) % 5);
    // The id before, one-hot.
    const target = Float32Array.from({ length: 240 }, (_, i) => {
      const at = Math.floor(i / 5);
      return Number(at % 6 > 0 && ids[at - 1] === i % 5);
    });
    const first = model.trainStep(ids, target);
    let last = first;
    for (let step = 0; step < 200; step++) last = model.trainStep(ids, target);
    expect(last).toBeLessThan(first / 10);
    model.dispose();
  });
});
