import { describe, expect, it } from "vitest";
import { batchNorm, createEngine, dense, mse, network, sequential } from "../../src/index.ts";
import { sgd } from "../../src/index.ts";
import type { Layer, Loss, Model, Network } from "../../src/index.ts";
import { floats, weightsOf } from "../engine/fixtures.ts";

const engine = await createEngine();
const [ROWS, WIDTH] = [8, 4];
const x = floats(ROWS * WIDTH, 1);
const y = floats(ROWS * WIDTH, 2);

function compile(net: Network, loss: Loss = mse(), learningRate = 0.1): Model {
  const optimizer = sgd({ learningRate });
  return engine.compile(net, { inputShape: [WIDTH], loss, optimizer, batchSize: ROWS, seed: 6 });
}

describe("a layer that is used twice", () => {
  it("has its parameters once", () => {
    const layer = dense(WIDTH);
    const model = compile(sequential([layer, dense(WIDTH), layer]));
    expect(model.parameters.map(({ name }) => name)).toEqual([
      "dense1.weight",
      "dense1.bias",
      "dense2.weight",
      "dense2.bias",
    ]);
    expect(model.memoryPlan.parameters).toBe(4 * 64);
  });

  it("gets the sum of the gradients of both uses", () => {
    const layer = dense(WIDTH, { activation: "tanh" });
    const shared = compile(sequential([layer, layer]), mse(), 0);
    const [first, second] = [dense(WIDTH, { activation: "tanh" }), dense(WIDTH)];
    const apart = compile(
      network((g, { x }) => g.tanh(g.use(second, g.use(first, x)))),
      mse(),
      0,
    );
    const [weight, bias] = shared.parameters;
    bias!.data.set(floats(WIDTH, 3));
    apart.parameters.forEach(({ data }, i) => {
      data.set(i % 2 === 0 ? weight!.data : bias!.data);
    });
    expect(shared.trainStep(x, y)).toBe(apart.trainStep(x, y));
    shared.parameters.forEach(({ grad }, i) => {
      const other = apart.parameters[i + 2]!.grad;
      const sums = apart.parameters[i]!.grad.map((value, j) => value + other[j]!);
      // The sum of two is the same in either order.
      expect(grad).toEqual(sums);
    });
  });

  it("of one number, by hand: (w (w x + b) + b - y)²", () => {
    const layer = dense(1);
    const net = sequential([layer, layer]);
    const options = { inputShape: [1], loss: mse(), optimizer: sgd({ learningRate: 0.5 }) };
    const model = engine.compile(net, options);
    const [weight, bias] = model.parameters;
    weight!.data[0] = 2;
    bias!.data[0] = 1;
    // 2 (2 · 3 + 1) + 1 = 15; d/dw = w x + b + w x = 13, d/db = w + 1 = 3.
    expect(model.trainStep(new Float32Array([3]), new Float32Array([14]))).toBe(1);
    expect([weight!.grad[0], bias!.grad[0]]).toEqual([2 * 13, 2 * 3]);
    expect([weight!.data[0], bias!.data[0]]).toEqual([2 - 13, 1 - 3]);
  });

  it("on two inputs, as in a Siamese network", () => {
    const layer = dense(3, { activation: "tanh" });
    const options = { loss: mse(), optimizer: sgd({ learningRate: 0.1 }) };
    const model = engine.compile(
      network((g, { a, b }) => g.sub(g.use(layer, a!), g.use(layer, b!))),
      { ...options, inputShape: { a: [WIDTH], b: [WIDTH] } },
    );
    expect(model.parameters.length).toBe(2);
    const before = weightsOf(model);
    expect(model.trainStep({ a: x, b: x }, new Float32Array(ROWS * 3))).toBe(0);
    expect(weightsOf(model)).toEqual(before);
    const { data } = model.predict({ a: x, b: x.toReversed() });
    expect(data.some((value) => value !== 0)).toBe(true);
  });

  it("must get one shape in all its uses", () => {
    const layer = dense(2);
    expect(() => compile(sequential([layer, layer]))).toThrow(
      new RangeError(
        "dense1.weight: expected one shape in all uses of the layer, got [4, 2], and [2, 2] in a later one",
      ),
    );
  });

  it("keeps running statistics once", () => {
    const norm: Layer = batchNorm({ affine: false, momentum: 0.5 });
    const model = compile(network((g, { x }) => g.use(norm, g.mul(g.use(norm, x), g.scalar(3)))));
    expect(model.buffers.length).toBe(2);
    expect(model.trainStep(x, y)).toBeGreaterThan(0);
    const [, variance] = model.buffers;
    expect([...variance!.data].every(Number.isFinite)).toBe(true);
  });
});

describe("a loss of one's own", () => {
  const own: Loss = {
    name: "own",
    takesClasses: false,
    reduction: "mean",
    record: (g, p, t) => g.mean(g.square(g.sub(p, t))),
  };
  const layers = () => sequential([dense(6, { activation: "relu" }), dense(WIDTH)]);

  it("by methods of ops is mse, as near as float32 is", async () => {
    const [model, plain] = [compile(layers(), own), compile(layers())];
    for (let step = 0; step < 10; step++) {
      expect(model.trainStep(x, y)).toBeCloseTo(plain.trainStep(x, y), 6);
    }
    model.parameters.forEach(({ data }, i) => {
      data.forEach((value, j) => {
        expect(value).toBeCloseTo(plain.parameters[i]!.data[j]!, 5);
      });
    });
    const [one, other] = [await model.evaluate({ x, y }), await plain.evaluate({ x, y })];
    expect(one.loss).toBeCloseTo(other.loss, 6);
    const { epochs } = await model.fit({ x, y }, { batchSize: 3, microBatchSize: 2 });
    expect(epochs[0]!.loss).toBeGreaterThan(0);
  });

  it("may hold weights of the batch and constants", () => {
    const weighted: Loss = {
      ...own,
      record: (g, p, t) => g.mul(g.scalar(0.5), g.mean(g.abs(g.sub(p, t)))),
    };
    const model = compile(sequential([dense(WIDTH)]), weighted, 0);
    const { data } = model.predict(x);
    const mean = data.reduce((sum, value, i) => sum + Math.abs(value - y[i]!), 0) / data.length;
    expect(model.trainStep(x, y)).toBeCloseTo(mean / 2, 6);
  });

  it("that is no scalar is refused by name", () => {
    const { used } = engine.memoryUsage;
    const rows: Loss = { ...own, record: (g, p, t) => g.sub(p, t) };
    expect(() => compile(layers(), rows)).toThrow(
      /^own: expected a scalar to differentiate, got shape \[8, 4\]$/,
    );
    expect(engine.memoryUsage.used).toBe(used);
  });
});
