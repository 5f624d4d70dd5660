import { beforeAll, expect, describe, it } from "vitest";
import {
  type Engine,
  type Layer,
  bidirectional,
  conv1d,
  createDecoder,
  createEngine,
  dense,
  flatten,
  globalAvgPool1d,
  groupNorm,
  gru,
  layerNorm,
  lstm,
  maxPool1d,
  mse,
  multiHeadAttention,
  network,
  permute,
  sequential,
  sgd,
} from "../../src/index.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine();
});

describe("createDecoder refuses", () => {
  const [cross, short] = [multiHeadAttention(2, { causal: true }), gru(3)];

  const features = (layers: readonly Layer[]) => {
    const options = { inputShape: [6, 4], loss: mse(), optimizer: sgd() };
    return engine.compile(sequential(layers), options);
  };

  it.each<[string, readonly Layer[], string]>([
    ["bidirectional", [bidirectional(lstm(3))], "lstm(3): expected to read forwards in a decoder"],
    ["reverse", [gru(3, { reverse: true })], "gru(3): expected to read forwards in a decoder"],
    [
      "attention to later steps",
      [multiHeadAttention(2)],
      "multiHeadAttention(2): expected a causal attention without mask and lengths in a decoder",
    ],
    ...[
      ...[conv1d(4, 3, { padding: "causal" }), maxPool1d(2), globalAvgPool1d(), flatten()],
      ...[groupNorm(2), permute([2, 1])],
    ].map((layer): [string, readonly Layer[], string] => {
      const text =
        "expected layers that a decoder can go on with, such as lstm and causal attention";
      return [layer.label, [layer], `${layer.label}: ${text}, got one that mixes steps`];
    }),
    [
      "memory that is read",
      [
        {
          kind: "cross",
          label: "cross",
          record: (g, x) => g.use(cross, g.use(layerNorm(), x), { memory: x }),
        },
      ],
      "multiHeadAttention(2): expected a decoder's memory not to depend on its input",
    ],
    [
      "lengths",
      [
        {
          kind: "short",
          label: "short",
          record: (g, x) =>
            g.use(short, x, { lengths: g.constant(new Int32Array(x.shape[0]!).fill(1)) }),
        },
      ],
      "gru(3): expected no lengths in a decoder",
    ],
  ])("%s", (_, layers, text) => {
    const model = features(layers);
    const held = model.memoryPlan;
    const decode = () => createDecoder(model).predict(new Float32Array(4));
    expect(decode).toThrow(RangeError);
    expect(decode).toThrow(text);
    expect(model.memoryPlan).toEqual(held);
  });

  it("networks of several inputs, wrong options, and what is no model", () => {
    const several = network((g, { a, b }) => g.use(dense(1), g.add(a!, b!)));
    const options = { loss: mse(), optimizer: sgd() };
    const model = engine.compile(several, { inputShape: { a: [2], b: [2] }, ...options });
    expect(() => createDecoder(model)).toThrow("expected a network of one input, got a, b");
    const rows = engine.compile(sequential([dense(2)]), { inputShape: [3], ...options });
    expect(() => createDecoder(rows)).toThrow(
      "createDecoder: expected a network of sequences [steps, features] or of ids [steps], got [3]",
    );
    const one = features([gru(3)]);
    expect(() => createDecoder(one, { batchSize: 0 })).toThrow(RangeError);
    expect(() => createDecoder(one, { length: 1.5 })).toThrow(RangeError);
    expect(() => createDecoder(one, { steps: 1 } as never)).toThrow(RangeError);
    expect(() => createDecoder({} as never)).toThrow(
      new TypeError("createDecoder: expected model to be a model of compile, got an empty object"),
    );
  });
});
