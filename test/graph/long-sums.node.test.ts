import { afterEach, describe, expect, it } from "vitest";
import { type Graph, type Model, createEngine } from "../../src/index.ts";
import { dense, l1, l2, mse, sequential, sgd } from "../../src/index.ts";
import { flat } from "../support/trials.ts";

/** Every sum of a graph or a model whose float32 terms may be a million. */

const MILLION = 1_000_000;
const LIMIT = 1e-6;
const TENTH = Math.fround(0.1);

const engine = await createEngine();
const owned: (Graph | Model)[] = [];
afterEach(() => {
  for (const one of owned.splice(0)) one.dispose();
});

function graph(): Graph {
  const g = engine.graph();
  owned.push(g);
  return g;
}

function expectNear(values: ArrayLike<number>, expected: number): void {
  for (const value of Array.from(values)) {
    if (!(Math.abs(value / expected - 1) < LIMIT)) expect.fail(`${value}, not ${expected}`);
  }
}

describe("sum and mean", () => {
  it.each([
    [[MILLION, 4], 0, MILLION],
    [[MILLION, 4], undefined, 4 * MILLION],
    [[4, MILLION], 1, MILLION],
    [[2, MILLION, 3], 1, MILLION],
    [[1000, 3, 1000], [0, 2], MILLION],
    [[65_537, 17], 0, 65_537],
  ] as const)("of %j over %j have their digits", (shape, axis, terms) => {
    const g = graph();
    const x = g.input("x", shape);
    const size = shape.reduce((product, length) => product * length, 1);
    const [sum, mean] = [g.sum(x, axis), g.mean(x, axis)];
    const step = g.compile(g.sum(sum), { outputs: [sum, mean] });
    step.run({ x: new Float32Array(size).fill(0.1) });
    expectNear(flat(step.value(sum)), terms * TENTH);
    expectNear(flat(step.value(mean)), TENTH);
  });
});

describe("gradients of what is broadcast", () => {
  const shapes = [[4], [1], [], [1, 4]] as const;
  const ops = ["add", "sub", "mul", "div"] as const;
  const cases = ops.flatMap((op) => shapes.map((shape) => [op, shape] as const));

  it.each(cases)("%s, of %j over a million rows", (op, shape) => {
    const g = graph();
    const x = g.input("x", [MILLION, 4]);
    const b = g.parameter(shape, 1);
    // d/db of the sum of x · (x op b) with x = 0.1 and b = 1.
    const step = g.compile(g.sum(g.mul(x, g[op](x, b))));
    step.run({ x: new Float32Array(4 * MILLION).fill(0.1) });
    const slope = { add: TENTH, sub: -TENTH, mul: TENTH ** 2, div: -(TENTH ** 2) }[op];
    const terms = flat(step.gradient(b)).length === 4 ? MILLION : 4 * MILLION;
    expectNear(flat(step.gradient(b)), slope * terms);
  });

  it("of a column along a million columns", () => {
    const g = graph();
    const x = g.input("x", [3, MILLION]);
    const b = g.parameter([3, 1], 1);
    const step = g.compile(g.sum(g.mul(x, g.add(x, b))));
    step.run({ x: new Float32Array(3 * MILLION).fill(0.1) });
    expectNear(flat(step.gradient(b)), TENTH * MILLION);
  });
});

describe("means of losses", () => {
  const rows = MILLION + 3;

  it.each([
    ["mse", 0.1, 0, TENTH ** 2],
    ["mae", 0.1, 0, TENTH],
    ["huber", 0.1, 0, TENTH ** 2 / 2],
    ["bce", 0.25, 1, -Math.log(0.25)],
    ["bceWithLogits", -2, 1, Math.log1p(Math.exp(2))],
    ["klDiv", -2, 0.5, 0.5 * (Math.log(0.5) + 2)],
  ] as const)("%s over a million rows", (name, x, t, expected) => {
    const g = graph();
    const loss = g[name](g.input("x", [rows, 1]), g.input("t", [rows, 1]), { reduction: "mean" });
    const step = g.compile(loss);
    step.run({ x: new Float32Array(rows).fill(x), t: new Float32Array(rows).fill(t) });
    expectNear([step.value(loss) as number], expected);
  });

  it("crossEntropy and nll over a million rows", () => {
    const g = graph();
    const [x, labels] = [g.input("x", [rows, 2]), g.input("labels", [rows], "int")];
    const losses = [g.crossEntropy(x, labels), g.nll(x, labels)] as const;
    const step = g.compile(g.add(...losses), { outputs: losses });
    step.run({ x: Float32Array.from({ length: 2 * rows }, (_, i) => (i % 2 ? 0 : -0.1)) });
    expectNear([step.value(losses[0]) as number], Math.log1p(Math.exp(TENTH)));
    expectNear([step.value(losses[1]) as number], TENTH);
  });

  it("over more rows than float32 can count", () => {
    const rows = 2 ** 24 + 3;
    const g = graph();
    const loss = g.mae(g.input("x", [rows]), g.input("t", [rows]));
    const step = g.compile(loss);
    step.run({ x: new Float32Array(rows).fill(0.1) });
    expectNear([step.value(loss) as number], TENTH);
  });
});

describe("penalties", () => {
  it.each([
    [l1(1), TENTH * MILLION],
    [l2(1), TENTH ** 2 * MILLION],
  ])("of a million weights, $name", (weightPenalty, expected) => {
    const model = engine.compile(sequential([dense(1000, { weightPenalty })]), {
      inputShape: [1000],
      loss: mse(),
      optimizer: sgd({ learningRate: 0 }),
    });
    owned.push(model);
    model.parameters[0]!.data.fill(0.1);
    // No error: what is left of the loss is the penalty.
    expectNear([model.trainStep(new Float32Array(1000), new Float32Array(1000))], expected);
  });
});

describe("a model", () => {
  it.each([1, 2, 17])("has the bias gradient of many rows, %d units", (units) => {
    const rows = units > 2 ? 100_000 : MILLION;
    const model = engine.compile(sequential([dense(units)]), {
      inputShape: [1],
      loss: mse({ reduction: "meanOverExamples" }),
      optimizer: sgd({ learningRate: 0 }),
      batchSize: rows,
    });
    owned.push(model);
    // Each row's error is 0.5, its slope 1, and the mean of these 1.
    model.parameters[0]!.data.fill(0);
    const targets = new Float32Array(rows * units).fill(-0.5);
    const loss = model.trainStep(new Float32Array(rows).fill(0.1), targets);
    expectNear(model.parameters[1]!.grad, 1);
    expectNear([loss], units / 4);
  });

  it("has the gradient of an embedding of which one id comes a million times", () => {
    const g = graph();
    const ids = g.input("ids", [MILLION], "int");
    const table = g.parameter([5, 4], 1);
    const looked = g.embedding(ids, table);
    const step = g.compile(g.sum(g.mul(looked, g.constant(0.1))));
    step.run({ ids: new Int32Array(MILLION).fill(3) });
    const gradient = flat(step.gradient(table));
    expectNear(gradient.subarray(12, 16), TENTH * MILLION);
    expect([...gradient].filter((v) => v === 0).length).toBe(16);
  });
});
