import { describe, expect, it } from "vitest";
import { adam, batchNorm, dense, layerNorm, mse, ones } from "../../src/index.ts";
import { sequential, sgd } from "../../src/index.ts";
import type { Layer, Model } from "../../src/index.ts";
import { weightsOf } from "../engine/fixtures.ts";
import { IN, OUT, ROWS, type Record, compile, engine } from "./recorded.ts";
import { refuses, watchRegions, x, y } from "./recorded.ts";

const one = { x: x.subarray(0, IN), y: y.subarray(0, 1) };

watchRegions();

/** All that a model can be asked to do with eight examples. */
const calls: readonly (readonly [string, string, (model: Model) => unknown])[] = [
  ["trainStep", "training", (model) => model.trainStep(x, y)],
  ["fit", "training", (model) => model.fit({ x, y }, { batchSize: ROWS })],
  [
    "fit in pieces",
    "training",
    (model) => model.fit({ x, y }, { batchSize: 8, microBatchSize: 4 }),
  ],
  ["evaluate", "evaluation", (model) => model.evaluate({ x, y }, { batchSize: ROWS })],
];

const same = (name: string, where: string, rows: number, came: string): string =>
  `${name}: expected the same in training on a batch of 1 and in ${where} on a batch of ${rows}, ${came}`;

describe("a network that records differently for another batch size", () => {
  const norm: Record = (g, x) => {
    const h = g.use(dense(OUT), x);
    return x.shape[0]! > 1 ? g.use(batchNorm(), h) : h;
  };

  it("is refused by compile where that plans for such a batch", async () => {
    await refuses(
      () => compile(norm, { batchSize: 32 }),
      same("batchNorm1.weight", "training", 32, "got none and [3]"),
    );
  });

  it.each(calls)("is refused by %s, and goes on for those that fit", async (name, where, call) => {
    const [model, twin] = [compile(norm), compile(norm)];
    model.trainStep(one.x, one.y);
    twin.trainStep(one.x, one.y);
    const rows = name === "fit in pieces" ? 4 : ROWS;
    // In pieces the layer itself is what is refused.
    const text =
      name === "fit in pieces"
        ? "fit: expected no microBatchSize with batchNorm1, which needs whole batches; " +
          "take a smaller batchSize, or layerNorm or groupNorm for it"
        : same("batchNorm1.weight", where, rows, "got none and [3]");
    await refuses(() => call(model), text);
    for (const each of [model, twin]) {
      each.trainStep(one.x, one.y);
      await each.fit({ x, y }, { batchSize: 1 });
    }
    expect(weightsOf(model)).toEqual(weightsOf(twin));
  });

  it("is refused by predict", async () => {
    const record: Record = (g, x) => (x.shape[0] === 4 ? norm(g, x) : g.use(dense(OUT), x));
    const model = compile(record, { batchSize: ROWS });
    await refuses(
      () => model.predict(x.subarray(0, 4 * IN)),
      same("batchNorm1.weight", "prediction", 4, "got none and [3]"),
    );
    expect(model.predict(x).shape).toEqual([ROWS, OUT]);
  });

  it.each<[string, Record, string]>([
    [
      "a parameter that is missing",
      (g, x) => {
        const h = g.use(dense(OUT), x);
        return x.shape[0] === 1 ? g.use(layerNorm(), h) : h;
      },
      same("layerNorm1.weight", "training", ROWS, "got [3] and none"),
    ],
    [
      "a parameter of another shape",
      (g, x) => g.use(dense(OUT), g.use(dense(x.shape[0] === 1 ? 4 : 6), x)),
      same("dense1.weight", "training", ROWS, "got [5, 4] and [5, 6]"),
    ],
    [
      "another kind first",
      (g, x) => {
        const layers = [dense(IN), layerNorm()];
        if (x.shape[0]! > 1) layers.reverse();
        return g.use(dense(OUT), g.use(sequentialLayer(layers), x));
      },
      same("dense1.weight", "training", ROWS, "got another order"),
    ],
    [
      "a buffer that is missing",
      (g, x) => g.use(dense(OUT), g.use(counter(x.shape[0] === 1), x)),
      same("counter1.count", "training", ROWS, "got [1] and none"),
    ],
    [
      "a buffer of another shape",
      (g, x) => g.use(dense(OUT), g.use(counter(true, x.shape[0]), x)),
      same("counter1.count", "training", ROWS, "got [1] and [8]"),
    ],
    [
      "another output",
      (g, x) => (x.shape[0] === 1 ? g.use(dense(OUT), x) : g.use(dense(OUT), g.concat([x, x], 1))),
      same("dense1.weight", "training", ROWS, "got [5, 3] and [10, 3]"),
    ],
    [
      "an output of another width",
      (g, x) => {
        const h = g.use(dense(4), x);
        return x.shape[0] === 1 ? h : g.concat([h, h], 1);
      },
      "network: expected an output of [8, 4] in training on a batch of 8, got [8, 8]",
    ],
    [
      "an output of other rows",
      (g, x) =>
        g.reshape(g.use(dense(4), x), [x.shape[0] === 1 ? 1 : 16, x.shape[0] === 1 ? 4 : 2]),
      "network: expected an output of [8, 4] in training on a batch of 8, got [16, 2]",
    ],
  ])("with %s", async (_, record, error) => {
    const model = compile(record);
    model.trainStep(one.x, one.y);
    await refuses(() => model.trainStep(x, y), error);
    model.trainStep(one.x, one.y);
  });

  it("with an output that is no row for each example, from the start", async () => {
    await refuses(
      () => compile((g, x) => g.reshape(g.use(dense(4), x), [2, 2])),
      "network: expected an output of [1, 2] in training on a batch of 1, got [2, 2]",
    );
  });

  it("with layers made outside that come in another order", async () => {
    const [a, b] = [dense(IN), dense(IN)];
    const record: Record = (g, x) => {
      const [first, second] = x.shape[0] === 1 ? [a, b] : [b, a];
      return g.use(dense(OUT), g.use(second, g.use(first, x)));
    };
    const model = compile(record);
    await refuses(
      () => model.trainStep(x, y),
      same("dense1.weight", "training", ROWS, "got another order"),
    );
  });

  it("with another layer made outside in the place of one", async () => {
    const [a, b] = [dense(OUT), dense(OUT)];
    const model = compile((g, x) => g.use(x.shape[0] === 1 ? a : b, x));
    await refuses(
      () => model.trainStep(x, y),
      same("dense2.weight", "training", ROWS, "got none and [5, 3]"),
    );
  });
});

/** A layer of other layers. */
function sequentialLayer(layers: readonly Layer[]): Layer {
  const inner = sequential(layers);
  return { kind: "block", label: "block", record: (g, x) => inner.record(g, { x }) };
}

/** A layer with a buffer and nothing else, or without even that. */
function counter(counts: boolean, length = 1): Layer {
  const record: Record = (g, x) => {
    if (!counts) return x;
    const count = g.buffer("count", [length], ones());
    if (g.training) g.update(count, g.add(count, g.scalar(1)));
    return x;
  };
  return { kind: "counter", label: "counter", record };
}

it("a layer that is made when it is first needed is one of those that last", () => {
  let layer: Layer | undefined;
  const model = compile((g, x) => g.use((layer ??= dense(OUT)), x), { batchSize: ROWS });
  model.trainStep(x, y);
  expect(model.parameters.map(({ name }) => name)).toEqual(["dense1.weight", "dense1.bias"]);
});

it("a gradient that another batch size has left is not taken for one's own", () => {
  const record: Record = (g, x) => {
    const [a, b] = [g.use(dense(OUT), x), g.use(dense(OUT), x)];
    return x.shape[0] === 1 ? a : g.add(a, b);
  };
  const model = compile(record, { optimizer: sgd({ learningRate: 0.1 }), loss: mse() });
  model.trainStep(x, new Float32Array(ROWS * OUT));
  const [weight, bias] = model.parameters.slice(2);
  const before = [weight!.data.slice(), bias!.data.slice()];
  model.trainStep(one.x, new Float32Array(OUT));
  expect(weight!.grad.every((gradient) => gradient === 0)).toBe(true);
  expect([weight!.data, bias!.data]).toEqual(before);
});

it("bytes are ids or measures as they were in the first recording", () => {
  const ids: Layer = {
    kind: "ids",
    label: "ids",
    record(g, x) {
      if (x.shape[0] === 1) g.readsIds(x);
      return x;
    },
  };
  const options = { inputShape: [2], loss: mse(), optimizer: adam() };
  const model = engine.compile(sequential([ids]), options);
  expect(model.predict(Uint8Array.of(8, 0, 3, 255)).data).toEqual(Float32Array.of(8, 0, 3, 255));
});
