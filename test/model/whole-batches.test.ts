import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { adam, batchNorm, createEngine, crossEntropy, dense, groupNorm } from "../../src/index.ts";
import { l1, l2, layerNorm, mse, network, residual, sequential, sgd } from "../../src/index.ts";
import { zeros } from "../../src/index.ts";
import type {
  BatchEnd,
  Engine,
  Layer,
  Model,
  Network,
  Penalty,
  Reduction,
} from "../../src/index.ts";
import { classLabels, floats } from "../engine/fixtures.ts";
import { Regions, expectRefused } from "./regions.ts";

const [ROWS, IN, OUT] = [8, 5, 3];

let engine: Engine;
let regions: Regions;

beforeEach(async () => {
  engine = await createEngine();
  regions = new Regions();
});

afterEach(() => {
  vi.restoreAllMocks();
});

function compile(net: Network): Model {
  const options = { inputShape: [IN], optimizer: sgd({ learningRate: 0.1 }), batchSize: ROWS };
  return engine.compile(net, { ...options, loss: mse() });
}

/** A layer that counts its training steps, or keeps the largest number of any, in a buffer. */
function counter(): Layer {
  return {
    kind: "counter",
    label: "counter",
    record(g, x) {
      const count = g.buffer("count", [1], zeros());
      if (g.training) g.update(count, g.add(count, g.constant(1, [1])));
      return x;
    },
  };
}

describe("microBatchSize and layers that need whole batches", () => {
  const data = { x: floats(ROWS * IN, 1), y: floats(ROWS * OUT, 2) };

  it.each<[string, string, Network]>([
    ["batchNorm", "batchNorm1", sequential([dense(OUT), batchNorm()])],
    ["one of momentum 0", "batchNorm1", sequential([batchNorm({ momentum: 0 }), dense(OUT)])],
    ["one of several", "batchNorm1", sequential([layerNorm(), dense(OUT), batchNorm()])],
    ["one within a residual", "batchNorm1", sequential([residual([batchNorm()]), dense(OUT)])],
    ["a layer of one's own with a buffer", "counter1", sequential([counter(), dense(OUT)])],
    ["the op", "batchMoments", network((g, { x }) => g.batchNorm(g.use(dense(OUT), x)))],
  ])("refuses %s", async (_, name, net) => {
    const model = compile(net);
    compile(net);
    const text =
      `fit: expected no microBatchSize with ${name}, which needs whole batches; ` +
      "take a smaller batchSize, or layerNorm or groupNorm for it";
    const options = { batchSize: ROWS, microBatchSize: 4 };
    await expectRefused(engine, regions, () => model.fit(data, options), new RangeError(text));
    // The same, of one piece.
    await model.fit(data, { batchSize: ROWS, microBatchSize: ROWS });
    await model.fit(data, { batchSize: 4 });
  });

  it("takes the running variance of the whole batch where it is one piece", async () => {
    // Four rows around 0 and four around 100, whose variance within fours is small.
    const x = Float32Array.from({ length: ROWS }, (_, i) => (i < 4 ? 0 : 107) + (i % 4));
    const model = engine.compile(sequential([batchNorm()]), {
      inputShape: [1],
      loss: mse(),
      optimizer: adam(),
      batchSize: ROWS,
    });
    await model.fit({ x, y: x }, { batchSize: ROWS, microBatchSize: ROWS });
    const mean = x.reduce((sum, value) => sum + value, 0) / ROWS;
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (ROWS - 1);
    expect(model.buffers[1]!.data[0]! / (0.9 + 0.1 * variance)).toBeCloseTo(1, 5);
  });

  it.each<[string, Layer]>([
    ["layerNorm", layerNorm()],
    ["groupNorm", groupNorm(1)],
  ])("takes %s instead, to the same losses and weights", async (_, norm) => {
    const net = sequential([dense(OUT), norm, dense(OUT)]);
    const [whole, pieces] = [compile(net), compile(net)];
    await whole.fit(data, { epochs: 3, batchSize: ROWS });
    await pieces.fit(data, { epochs: 3, batchSize: ROWS, microBatchSize: 3 });
    expectClose(pieces, whole);
  });
});

/** Sums of up to 20 products in another order: some units of 2^-24 of numbers of size 1. */
function expectClose(pieces: Model, whole: Model): void {
  whole.parameters.forEach(({ name, data }, i) => {
    const other = pieces.parameters[i]!.data;
    data.forEach((value, k) => {
      expect(other[k], name).toBeCloseTo(value, 5);
    });
  });
}

describe("the step of the whole batch in pieces, the last batch being smaller", () => {
  const reductions: readonly Reduction[] = ["mean", "sum", "meanOverExamples"];
  const penalties: readonly (readonly [string, Penalty | undefined])[] = [
    ["no penalty", undefined],
    ["l1", l1(0.01)],
    ["l2", l2(0.01)],
  ];
  const cases = reductions.flatMap((reduction) =>
    penalties.map(([name, weightPenalty]) => [reduction, name, weightPenalty] as const),
  );
  const count = 19;
  const x = floats(count * IN, 3);
  const classes = { x, y: classLabels(count, OUT, 4) };
  const values = { x, y: floats(count * OUT, 5) };

  it.each(cases)("has its loss and its weights: %s, %s", async (reduction, _, weightPenalty) => {
    for (const [loss, data] of [
      [crossEntropy({ reduction }), classes],
      [mse({ reduction }), values],
    ] as const) {
      const net = sequential([dense(6, { activation: "tanh", weightPenalty }), dense(OUT)]);
      const trained = async (microBatchSize: number) => {
        const learningRate = reduction === "sum" ? 0.005 : 0.1;
        const optimizer = sgd({ learningRate });
        const model = engine.compile(net, { inputShape: [IN], loss, optimizer, seed: 2 });
        const losses: number[] = [];
        const onBatchEnd = ({ loss }: BatchEnd): void => void losses.push(loss);
        const { epochs } = await model.fit(data, {
          epochs: 2,
          batchSize: 8,
          microBatchSize,
          onBatchEnd,
        });
        return { model, losses: [...losses, ...epochs.map(({ loss }) => loss)] };
      };
      const [whole, pieces] = [await trained(8), await trained(3)];
      pieces.losses.forEach((value, i) => {
        expect(value / whole.losses[i]!).toBeCloseTo(1, 5);
      });
      expectClose(pieces.model, whole.model);
    }
  });
});
