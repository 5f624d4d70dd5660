import { describe, expect, it } from "vitest";
import {
  adam,
  batchNorm,
  createEngine,
  dense,
  flatten,
  mse,
  network,
  residual,
  sequential,
} from "../../src/index.ts";
import type { Model, Network } from "../../src/index.ts";
import { bits, floats, weightsOf, wrong } from "../engine/fixtures.ts";

const engine = await createEngine();
const [ROWS, WIDTH] = [12, 6];
const x = floats(ROWS * WIDTH, 1);
const y = floats(ROWS, 2);

function compile(net: Network): Model {
  const options = { inputShape: [WIDTH], loss: mse(), optimizer: adam(), batchSize: 8, seed: 5 };
  return engine.compile(net, options);
}

const inner = () => [dense(9, { activation: "relu" }), dense(WIDTH)] as const;

describe("residual", () => {
  it("is x + f(x) by hand, bit for bit", async () => {
    const block = compile(sequential([residual(inner()), dense(1)]));
    const byHand = compile(
      network((g, { x }) => {
        const y = inner().reduce((input, layer) => g.use(layer, input), x);
        return g.use(dense(1), g.add(x, y));
      }),
    );
    expect(weightsOf(block)).toEqual(weightsOf(byHand));
    for (const model of [block, byHand]) await model.fit({ x, y }, { epochs: 3 });
    expect(weightsOf(block)).toEqual(weightsOf(byHand));
    const [a, b] = [block, byHand].map((model) => model.predict(x).data.slice());
    expect(bits(a!)).toEqual(bits(b!));
  });

  it("with layers that give 0 passes x", () => {
    const model = compile(sequential([residual([dense(WIDTH)])]));
    model.parameters[0]!.data.fill(0);
    expect(model.predict(x).data.slice()).toEqual(x);
  });

  it("counts as one layer, whose parameters have names of their own", () => {
    const model = compile(sequential([dense(WIDTH), residual(inner()), dense(1)]));
    expect(model.parameters.map(({ name }) => name)).toEqual([
      "dense1.weight",
      "dense1.bias",
      "dense2.weight",
      "dense2.bias",
      "dense3.weight",
      "dense3.bias",
      "dense4.weight",
      "dense4.bias",
    ]);
    const line = model
      .summary()
      .split("\n")
      .find((row) => row.startsWith("residual1"));
    const parameters = WIDTH * 9 + 9 + 9 * WIDTH + WIDTH;
    expect(line).toMatch(
      new RegExp(`dense\\(9\\), dense\\(6\\).* ${parameters} +${2 * WIDTH * 9}$`),
    );
  });

  it("may hold another, and layers that keep running statistics", () => {
    const block = residual([batchNorm(), residual(inner())]);
    const model = compile(sequential([block, block, dense(1)]));
    expect(model.buffers.map(({ name }) => name)).toEqual([
      "batchNorm1.runningMean",
      "batchNorm1.runningVariance",
    ]);
    const before = weightsOf(model);
    expect(model.trainStep(x, y)).toBeGreaterThan(0);
    expect(weightsOf(model)).not.toEqual(before);
  });

  it("refuses layers that change the shape, and names itself", () => {
    const { used } = engine.memoryUsage;
    expect(() => compile(sequential([residual([dense(4)]), dense(1)]))).toThrow(
      new RangeError("residual(dense(4)): expected the layers to keep [1, 6], got [1, 4]"),
    );
    expect(() => compile(sequential([residual([dense(1)])]))).toThrow(/^residual\(dense\(1\)\): /);
    const options = { inputShape: [2, 3], loss: mse(), optimizer: adam() };
    expect(() => engine.compile(sequential([residual([flatten()])]), options)).toThrow(RangeError);
    expect(engine.memoryUsage.used).toBe(used);
  });

  it.each([[[]], [null], [[dense(6), null]], [["dense"]], [dense(6)]])("refuses %j", (layers) => {
    expect(() => residual(wrong(layers))).toThrow(/expected a (list of at least 1 )?layer/);
    expect(() => residual(wrong(layers))).toThrow(TypeError);
  });
});
