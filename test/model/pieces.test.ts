import { describe, expect, it } from "vitest";
import { adam, createEngine, crossEntropy, dense, dropout, mse, network } from "../../src/index.ts";
import { sequential, sgd } from "../../src/index.ts";
import type {
  BatchEnd,
  CompileOptions,
  FitOptions,
  Model,
  Network,
  Tensor,
} from "../../src/index.ts";
import { floats, weightsOf, wrong } from "../engine/fixtures.ts";
import { CLASSES, COUNT, FEATURES, classifier, data } from "./networks.ts";

const engine = await createEngine();

/** The parameters as they are, one array after the other. */
function numbersOf(model: Model, what: "data" | "grad" = "data"): number[] {
  return model.parameters.flatMap((parameter) => [...parameter[what]]);
}

/** Steps of plain gradient descent: what float32 rounds differently is not blown up. */
function descent(options: Partial<CompileOptions> = {}): Model {
  return classifier(engine, { optimizer: sgd({ learningRate: 0.1 }), ...options });
}

async function trained(model: Model, options: FitOptions) {
  const losses: number[] = [];
  const onBatchEnd = ({ loss }: BatchEnd): void => void losses.push(loss);
  const { epochs } = await model.fit(data, { epochs: 2, batchSize: 20, onBatchEnd, ...options });
  return { losses, epochs, weights: numbersOf(model), gradients: numbersOf(model, "grad") };
}

describe("microBatchSize takes the step of the whole batch", () => {
  const cases = (["mean", "sum"] as const).flatMap((reduction) =>
    [1, 3, 7, 16, 19].map((size) => [reduction, size] as const),
  );

  it.each(cases)("of a loss that is a %s, in pieces of %d", async (reduction, microBatchSize) => {
    const options = {
      loss: crossEntropy({ reduction }),
      optimizer: sgd({ learningRate: reduction === "sum" ? 0.005 : 0.1 }),
    };
    const whole = await trained(descent(options), {});
    const pieces = await trained(descent(options), { microBatchSize });
    // Sums of up to 20 products in another order, over six steps: a few units of 2^-24 each, of
    // numbers of size 1 (a sum's gradients and losses are up to 20 times as large).
    const digits = reduction === "sum" ? 4 : 5;
    for (const what of ["losses", "weights", "gradients"] as const) {
      expect(pieces[what].length).toBe(whole[what].length);
      pieces[what].forEach((value, i) => {
        expect(value, `${what} ${i}`).toBeCloseTo(whole[what][i]!, digits);
      });
    }
    pieces.epochs.forEach(({ loss, accuracy }, i) => {
      expect(loss / whole.epochs[i]!.loss).toBeCloseTo(1, 6);
      expect(accuracy).toBe(whole.epochs[i]!.accuracy);
    });
  });

  it("with an optimizer that has moments and clips", async () => {
    const optimizer = adam({ learningRate: 0.01, clipNorm: 0.05 });
    const whole = await trained(descent({ optimizer }), {});
    const pieces = await trained(descent({ optimizer }), { microBatchSize: 6 });
    pieces.weights.forEach((value, i) => {
      expect(value).toBeCloseTo(whole.weights[i]!, 4);
    });
  });

  it.each(["mean", "sum"] as const)("weighs the losses of a %s exactly", async (reduction) => {
    const options = { loss: crossEntropy({ reduction }), optimizer: sgd({ learningRate: 0 }) };
    const { losses } = await trained(descent(options), { microBatchSize: 6, shuffle: false });
    const steps = descent(options);
    const expected = [20, 20, 10].map((rows, batch) => {
      let sum = 0;
      for (let at = 0; at < rows; at += 6) {
        const [from, to] = [batch * 20 + at, batch * 20 + Math.min(at + 6, rows)];
        const x = data.x.subarray(from * FEATURES, to * FEATURES);
        const loss = steps.trainStep(x, data.y.subarray(from, to));
        sum += reduction === "sum" ? loss : ((to - from) / rows) * loss;
      }
      return sum;
    });
    expect(losses).toEqual([...expected, ...expected]);
  });

  it("of one piece is the batch, bit for bit", async () => {
    const [plain, whole] = [classifier(engine), classifier(engine)];
    await plain.fit(data, { batchSize: 16 });
    await whole.fit(data, { batchSize: 16, microBatchSize: 16 });
    expect(weightsOf(whole)).toEqual(weightsOf(plain));
  });

  it("gives the same bits again, and bytes those of their floats", async () => {
    const pixels = Uint8Array.from({ length: COUNT * FEATURES }, (_, i) => (i * 91) % 256);
    const scale = Math.fround(1 / 255);
    const options = { batchSize: 20, microBatchSize: 7, epochs: 2 };
    const weights: Uint32Array[] = [];
    for (const x of [pixels, pixels, Float32Array.from(pixels, (byte) => byte * scale)]) {
      const model = classifier(engine);
      await model.fit({ x, y: data.y }, options);
      weights.push(weightsOf(model));
    }
    expect(weights[1]).toEqual(weights[0]);
    expect(weights[2]).toEqual(weights[0]);
  });

  it("of many pieces adds up without an error that grows with their number", async () => {
    const count = 2 ** 14 + 3;
    const model = engine.compile(sequential([dense(1)]), {
      inputShape: [1],
      loss: mse({ reduction: "sum" }),
      optimizer: sgd({ learningRate: 0 }),
    });
    // w = 0 and t = -0.05: d loss / d bias is 0.1 for each example, d loss / d w is 0.1 · x.
    model.parameters[0]!.data.fill(0);
    const set = {
      x: new Float32Array(count).fill(0.5),
      y: new Float32Array(count).fill(-0.05),
    };
    const { epochs } = await model.fit(set, { batchSize: count, microBatchSize: 1 });
    const term = 2 * Math.fround(0.05);
    const [weight, bias] = model.parameters.map(({ grad }) => grad[0]!);
    expect(Math.abs(bias! / (count * term) - 1)).toBeLessThan(1e-6);
    expect(Math.abs(weight! / (count * term * 0.5) - 1)).toBeLessThan(1e-6);
    expect(epochs[0]!.loss / (count * 0.05 ** 2)).toBeCloseTo(1, 6);
    model.dispose();
  });

  it("drops other elements in each piece", async () => {
    const model = engine.compile(
      network((g, { x }) => g.use(dense(1, { useBias: false }), g.use(dropout(0.5), x))),
      { inputShape: [64], loss: mse(), optimizer: sgd({ learningRate: 0 }), batchSize: 2 },
    );
    const x = new Float32Array(2 * 64).fill(1);
    await model.fit({ x, y: new Float32Array(2) }, { batchSize: 2, microBatchSize: 1 });
    // d loss / d w is (y1 · mask1 + y2 · mask2) / 2 · 2: with one mask only 0 and one other value.
    const values = new Set([...model.parameters[0]!.grad].map((value) => value.toFixed(4)));
    expect(values.size).toBe(4);
  });
});

describe("the memory of pieces", () => {
  const WIDTH = 256;
  const ROWS = 512;
  const wide: Network = sequential([dense(WIDTH, { activation: "tanh" }), dense(CLASSES)]);
  const compile = (): Model =>
    engine.compile(wide, {
      inputShape: [FEATURES],
      loss: crossEntropy(),
      optimizer: adam(),
      batchSize: 8,
    });
  const set = {
    x: floats(ROWS * FEATURES, 1),
    y: new Int32Array(ROWS).map((_, i) => i % CLASSES),
  };

  /** The most activations and gradients that a fit holds. */
  async function peak(model: Model, options: FitOptions): Promise<[number, number]> {
    let [activations, gradients] = [0, 0];
    const onBatchEnd = (): void => {
      const plan = model.memoryPlan;
      activations = Math.max(activations, plan.activations);
      gradients = Math.max(gradients, plan.gradients);
    };
    await model.fit(set, { ...options, onBatchEnd, validation: set });
    return [activations, gradients];
  }

  it.each([
    ["one more block", 16, 2],
    ["three more, of more than 32 pieces,", 8, 4],
  ])("is less than that of the whole batch, but for %s of gradients", async (_, size, blocks) => {
    const [model, whole] = [compile(), compile()];
    const { gradients } = model.memoryPlan;
    const small = await peak(model, { batchSize: ROWS, microBatchSize: size });
    const large = await peak(whole, { batchSize: ROWS });
    expect(large[0]).toBeGreaterThan(ROWS * WIDTH * 4);
    expect(small[0]).toBeLessThan(large[0] / 10);
    expect([small[1], large[1]]).toEqual([blocks * gradients, gradients]);
    model.dispose();
    whole.dispose();
  });

  it("is given back after fit, also after one that fails", async () => {
    const { used } = engine.memoryUsage;
    const model = compile();
    const options = { batchSize: 64, microBatchSize: 8 };
    await model.fit(set, options);
    const after = [engine.memoryUsage.used, model.memoryPlan];
    expect(model.memoryPlan.gradients).toBe(compile().memoryPlan.gradients);
    const held = engine.memoryUsage.used;
    for (let i = 0; i < 3; i++) await model.fit(set, options);
    const onBatchEnd = (): void => {
      throw new Error("enough");
    };
    await expect(model.fit(set, { ...options, onBatchEnd })).rejects.toThrow("enough");
    expect(engine.memoryUsage.used).toBe(held);
    expect(model.memoryPlan).toEqual(after[1]);
    model.dispose();
    expect(engine.memoryUsage.used).toBeGreaterThan(used);
  });

  it("is held only as a whole, wherever the room for it ends", async () => {
    const small = await createEngine({ maximumBytes: 2 ** 18 });
    const model = small.compile(sequential([dense(1)]), {
      inputShape: [1],
      loss: mse(),
      optimizer: sgd(),
    });
    const pair = { x: new Float32Array(2), y: new Float32Array(2) };
    // Fills the memory, whose free cache lines then come back one after the other.
    const lines: Tensor[] = [];
    expect(() => {
      for (;;) lines.push(small.tensor([16]));
    }).toThrow(RangeError);
    const errors: string[] = [];
    for (const line of lines.reverse()) {
      line.dispose();
      const { used } = small.memoryUsage;
      const error = await model.fit(pair, { batchSize: 2, microBatchSize: 1 }).catch(String);
      if (typeof error !== "string") break;
      if (!error.includes("microBatchSize")) continue;
      errors.push(error);
      expect(small.memoryUsage.used).toBe(used);
    }
    expect(errors.length).toBeGreaterThan(1);
    small.dispose();
  });

  it.each([
    [0, /microBatchSize to be a whole number from 1 to 20, got 0$/],
    [21, /microBatchSize to be a whole number from 1 to 20, got 21$/],
    [2.5, /got 2.5$/],
    ["4", /got "4"$/],
    [NaN, /got NaN$/],
  ])("refuses %j", async (microBatchSize, error) => {
    const model = classifier(engine);
    const before = weightsOf(model);
    const { used } = engine.memoryUsage;
    const options = { batchSize: 20, microBatchSize: wrong(microBatchSize) };
    await expect(model.fit(data, options)).rejects.toThrow(error);
    expect(weightsOf(model)).toEqual(before);
    expect(engine.memoryUsage.used).toBe(used);
  });
});
