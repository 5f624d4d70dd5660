import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import { bidirectional, crossEntropy, dense, flatten, gru, lstm } from "../../src/index.ts";
import { multiHeadAttention, network, simpleRnn, transformerBlock } from "../../src/index.ts";
import { floats } from "../../src/verify/numbers.ts";
import { weightsOf } from "../engine/fixtures.ts";
import { TAKERS, messagesOf } from "../support/refused.ts";
import { engine, modelOf } from "./sequences.ts";

/** Errors of lengths, and of other inputs that layers of sequences take beside x. */

type Layer = gradlane.Layer;

const STEPS = 5;

describe("a number that is no length", () => {
  const [rows, features] = [3, 4] as const;
  const inputs = { x: [STEPS, features], lengths: [1] };
  const uses = (layer: Layer) =>
    network((g, { x, lengths }) => g.use(dense(2), g.use(flatten(), g.use(layer, x, { lengths }))));
  const ops = network((g, { x, lengths }) => {
    const [weight, recurrent] = [g.constant(0.5, [features, 12]), g.constant(0.5, [3, 12])];
    const length = g.reshape(lengths!, [x.shape[0]!]);
    return g.use(dense(2), g.lstm(x, weight, recurrent, undefined, { lengths: length }).h);
  });
  const compile = (net: gradlane.Network) =>
    engine.compile(net, { inputShape: inputs, loss: crossEntropy(), optimizer: gradlane.adam() });

  it.each([
    ["lstm(3)", uses(lstm(3))],
    ["gru(3)", uses(gru(3, { returnSequences: true, reverse: true }))],
    ["simpleRnn(3)", uses(simpleRnn(3))],
    ["gru(2)", uses(bidirectional(gru(2)))],
    ["multiHeadAttention(2)", uses(multiHeadAttention(2))],
    ["transformerBlock(2, 8)", uses(transformerBlock(2, 8))],
    ["lstm", ops],
  ] as const)("of %s is refused before anything is changed", async (label, net) => {
    const model = compile(net);
    const y = Int32Array.of(0, 1, 0);
    const data = (lengths: gradlane.Features) => {
      return { x: { x: floats(rows * STEPS * features, 2), lengths }, y };
    };
    const good = data(Int32Array.of(5, 0, 2));
    for (const [lengths, came] of [
      [Int32Array.of(5, 6, 0), "6 in row 1"],
      [Int32Array.of(-1, 6, 0), "-1 in row 0"],
      [Uint8Array.of(5, 0, 255), "255 in row 2"],
      [Float32Array.of(1.5, 0, 0), "1.5 in row 0"],
      [Float32Array.of(1, NaN, 0), "NaN in row 1"],
      [Float32Array.of(1, Infinity, 0), "Infinity in row 1"],
    ] as const) {
      const expected = `${label}: expected whole lengths from 0 to 5, lengths has ${came}, column 0`;
      expect(await messagesOf(model, data(lengths), good)).toEqual(
        TAKERS.map((who) => `${who}: ${expected}`),
      );
    }
    expect(model.trainStep(good.x, y)).toBeGreaterThan(0);
    model.dispose();
  });

  it("is one that the shortest of all readers has no steps for", () => {
    const [long, short] = [lstm(2), multiHeadAttention(2)];
    const net = network((g, { x, lengths, memory }) => {
      const own = g.use(long, x, { lengths });
      const others = g.use(short, x, { memory, lengths });
      return g.use(dense(2), g.concat([own, g.use(flatten(), others)], 1));
    });
    const model = engine.compile(net, {
      inputShape: { ...inputs, memory: [3, features] },
      loss: crossEntropy(),
      optimizer: gradlane.adam(),
    });
    const given = { x: new Float32Array(40), memory: new Float32Array(24) };
    expect(() => model.predict({ ...given, lengths: Int32Array.of(3, 4) })).toThrow(
      new RangeError(
        "predict: multiHeadAttention(2): expected whole lengths from 0 to 3, lengths has 4 in row 1, column 0",
      ),
    );
    expect(model.predict({ ...given, lengths: Int32Array.of(3, 0) }).shape).toEqual([2, 2]);
    model.dispose();
  });

  it("is refused in a tensor", () => {
    const model = compile(uses(lstm(3)));
    const lengths = engine.tensor([2, 1]);
    lengths.data.set([2, 6]);
    expect(() => model.predict({ x: new Float32Array(40), lengths })).toThrow(
      "predict: lstm(3): expected whole lengths from 0 to 5, lengths has 6 in row 1, column 0",
    );
    lengths.dispose();
    model.dispose();
  });
});

describe("what does not fit a layer of sequences", () => {
  const uses = (layer: Layer, name: string) => () =>
    modelOf(
      network((g, { x, other }) => g.use(layer, x, { [name]: other })),
      { x: [5, 6], other: [2] },
    ).dispose();

  it.each([
    [lstm(3), "lengths", "lstm(3): expected lengths of [1] or [1, 1], got [1, 2]"],
    [gru(3), "lengths", "gru(3): expected lengths of [1] or [1, 1], got [1, 2]"],
    [simpleRnn(3), "lengths", "simpleRnn(3): expected lengths of [1] or [1, 1], got [1, 2]"],
    [bidirectional(lstm(3)), "lengths", "lstm(3): expected lengths of [1] or [1, 1], got [1, 2]"],
    [
      multiHeadAttention(3),
      "lengths",
      "multiHeadAttention(3): expected lengths of [1] or [1, 1], got [1, 2]",
    ],
    [
      transformerBlock(3, 8),
      "lengths",
      "transformerBlock(3, 8): expected lengths of [1] or [1, 1], got [1, 2]",
    ],
    [
      multiHeadAttention(3),
      "mask",
      "multiHeadAttention(3): expected a mask that broadcasts to [batch, heads, queries, keys], " +
        "[1, 3, 5, 5], got [1, 2]",
    ],
    [lstm(3), "mask", 'lstm(3): expected inputs lengths, got "mask"'],
    [bidirectional(gru(3)), "mask", 'bidirectional(gru(3)): expected inputs lengths, got "mask"'],
  ] as const)("%s with %s", (layer, name, text) => {
    expect(uses(layer, name)).toThrow(new RangeError(text));
  });

  it("is a number of lengths that is not that of the examples", () => {
    const layer = lstm(3);
    const net = network((g, { x, lengths }) => g.use(layer, x, { lengths }));
    const model = modelOf(net, { x: [STEPS, 3], lengths: [1] }, { batchSize: 4 });
    const before = weightsOf(model);
    const [x, lengths] = [new Float32Array(60), Int32Array.of(1, 2, 3)];
    expect(() => model.trainStep({ x, lengths }, new Float32Array(12))).toThrow(
      new RangeError("trainStep: expected 4 examples in lengths, got 3"),
    );
    expect(weightsOf(model)).toEqual(before);
    model.dispose();
  });
});
