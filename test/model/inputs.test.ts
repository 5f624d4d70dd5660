import { describe, expect, it } from "vitest";
import { adam, createEngine, crossEntropy, dense, mse, network } from "../../src/index.ts";
import { sequential, sgd } from "../../src/index.ts";
import type {
  CompileOptions,
  Dataset,
  Engine,
  Features,
  Model,
  NamedFeatures,
} from "../../src/index.ts";
import { bits, classLabels, floats, weightsOf, wrong } from "../engine/fixtures.ts";

const engine = await createEngine();

const ROWS = 24;
const [A, B, CLASSES] = [5, 3, 4];
const a = floats(ROWS * A, 1);
const b = floats(ROWS * B, 2);
const y = classLabels(ROWS, CLASSES, 3);

/** dense(a) + dense(b), with a dense layer above. */
function twoInputs(where: Engine, options: Partial<CompileOptions> = {}): Model {
  const net = network((g, inputs) => {
    const left = g.use(dense(6), inputs.a!);
    const right = g.use(dense(6), inputs.b!);
    return g.use(dense(CLASSES), g.tanh(g.add(left, right)));
  });
  return where.compile(net, {
    inputShape: { a: [A], b: [B] },
    loss: crossEntropy(),
    optimizer: adam({ learningRate: 0.01 }),
    metrics: ["accuracy"],
    batchSize: 8,
    seed: 3,
    ...options,
  });
}

/** The weights after two epochs in the order of the data, and after as many single steps. */
async function fitAndSteps(x: NamedFeatures, options: Partial<CompileOptions> = {}) {
  const [fitted, stepped] = [twoInputs(engine, options), twoInputs(engine, options)];
  await fitted.fit({ x, y }, { epochs: 2, shuffle: false });
  for (let step = 0; step < 6; step++) {
    const from = (step % 3) * 8;
    const rows = (value: Features, width: number): Features => {
      const data = ArrayBuffer.isView(value) ? value : value.data;
      return data.slice(from * width, (from + 8) * width);
    };
    stepped.trainStep({ a: rows(x.a!, A), b: rows(x.b!, B) }, y.subarray(from, from + 8));
  }
  return { fitted, stepped };
}

describe("a network with two inputs", () => {
  it("adds the products of both, as by hand", () => {
    const model = engine.compile(
      network((g, { u, v }) => g.add(g.use(dense(1), u!), g.use(dense(1), v!))),
      { inputShape: { u: [2], v: [1] }, loss: mse(), optimizer: sgd() },
    );
    const [w, c, v, d] = model.parameters;
    w!.data.set([2, 3]);
    c!.data.set([0.5]);
    v!.data.set([-4]);
    d!.data.set([0.25]);
    const x = { v: new Float32Array([10, 20]), u: new Float32Array([1, 2, 3, 4]) };
    expect([...model.predict(x).data]).toEqual([8 + 0.5 - 40 + 0.25, 18 + 0.5 - 80 + 0.25]);
  });

  it("is trained by fit as by trainStep, bit for bit", async () => {
    const { fitted, stepped } = await fitAndSteps({ a, b });
    expect(weightsOf(fitted)).toEqual(weightsOf(stepped));
    expect(weightsOf(fitted)).not.toEqual(weightsOf(twoInputs(engine)));
  });

  it("shuffles both inputs and the targets alike", async () => {
    const index = Float32Array.from({ length: ROWS }, (_, i) => i);
    const model = engine.compile(
      network((g, { p, q }) => g.sub(q!, p!)),
      { inputShape: { p: [1], q: [1] }, loss: mse(), optimizer: sgd(), batchSize: 5, seed: 9 },
    );
    const losses: number[] = [];
    await model.fit(
      { x: { p: index, q: index.map((i) => 3 * i) }, y: index.map((i) => 2 * i) },
      { epochs: 3, onBatchEnd: ({ loss }) => void losses.push(loss) },
    );
    expect(losses).toEqual(losses.map(() => 0));
  });

  it("evaluates as it predicts, whatever the batches", async () => {
    const model = twoInputs(engine);
    const { data } = model.predict({ a, b });
    const rows = Array.from({ length: ROWS }, (_, i) => [...data.slice(i * CLASSES, (i + 1) * 4)]);
    const right = rows.filter((row, i) => row.indexOf(Math.max(...row)) === y[i]).length;
    const losses = rows.map((row, i) => {
      const sum = row.reduce((total, logit) => total + Math.exp(logit), 0);
      return Math.log(sum) - row[y[i]!]!;
    });
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / ROWS;
    for (const batchSize of [24, 8, 7, 1]) {
      const evaluation = await model.evaluate({ x: { a, b }, y }, { batchSize });
      expect(evaluation.accuracy).toBe(right / ROWS);
      expect(evaluation.loss).toBeCloseTo(mean, 6);
    }
  });

  it("predicts more than a batch as it predicts each batch, bit for bit", () => {
    const model = twoInputs(engine);
    const all = bits(model.predict({ a, b }).data);
    for (let from = 0; from < ROWS; from += 8) {
      const x = { a: a.slice(from * A, (from + 8) * A), b: b.slice(from * B, (from + 8) * B) };
      const part = bits(model.predict(x).data);
      expect(part).toEqual(all.slice(from * CLASSES, (from + 8) * CLASSES));
    }
  });

  it("does not mind the order of the names", () => {
    const [one, other] = [twoInputs(engine), twoInputs(engine)];
    one.trainStep({ a, b }, y);
    other.trainStep({ b, a }, y);
    expect(weightsOf(other)).toEqual(weightsOf(one));
  });

  it("has one bias and weight for each use of a new layer, in order", () => {
    expect(twoInputs(engine).parameters.map(({ name, shape }) => [name, shape])).toEqual([
      ["dense1.weight", [A, 6]],
      ["dense1.bias", [6]],
      ["dense2.weight", [B, 6]],
      ["dense2.bias", [6]],
      ["dense3.weight", [6, CLASSES]],
      ["dense3.bias", [CLASSES]],
    ]);
  });
});

describe("bytes, integers and tensors among the inputs", () => {
  const pixels = Uint8Array.from({ length: ROWS * A }, (_, i) => (i * 37) % 256);
  const scale = Math.fround(1 / 255);
  const scaled = Float32Array.from(pixels, (byte) => byte * scale);
  const whole = Int32Array.from({ length: ROWS * B }, (_, i) => (i % 7) - 3);

  it("are what their floats are, in fit and trainStep", async () => {
    const plain = await fitAndSteps({ a: scaled, b });
    const bytes = await fitAndSteps({ a: pixels, b });
    expect(weightsOf(bytes.fitted)).toEqual(weightsOf(plain.fitted));
    expect(weightsOf(bytes.stepped)).toEqual(weightsOf(plain.fitted));
    const integers = await fitAndSteps({ a, b: whole });
    const same = await fitAndSteps({ a, b: Float32Array.from(whole) });
    expect(weightsOf(integers.fitted)).toEqual(weightsOf(same.fitted));
    expect(weightsOf(integers.stepped)).toEqual(weightsOf(same.fitted));
  });

  it("in the second place only", async () => {
    const small = pixels.subarray(0, ROWS * B);
    const options = { byteScale: 0.5 };
    const floatsOf = Float32Array.from(small, (byte) => byte / 2);
    const bytes = await fitAndSteps({ a, b: small }, options);
    const plain = await fitAndSteps({ a, b: floatsOf }, options);
    expect(weightsOf(bytes.fitted)).toEqual(weightsOf(plain.fitted));
    expect(weightsOf(bytes.stepped)).toEqual(weightsOf(plain.fitted));
  });

  it("tensors are read where they lie", async () => {
    const [ta, tb] = [engine.tensor([ROWS, A]), engine.tensor([ROWS, B])];
    ta.data.set(a);
    tb.data.set(b);
    const { fitted } = await fitAndSteps({ a: ta, b: tb });
    const mixed = (await fitAndSteps({ a, b: tb })).fitted;
    const plain = (await fitAndSteps({ a, b })).fitted;
    expect(weightsOf(fitted)).toEqual(weightsOf(plain));
    expect(weightsOf(mixed)).toEqual(weightsOf(plain));
    const set = { x: { a: ta, b: tb }, y };
    expect(await fitted.evaluate(set)).toEqual(await plain.evaluate({ x: { a, b }, y }));
    ta.dispose();
    tb.dispose();
  });

  it.each(["evaluate", "predict"])(
    "%s finds a tensor when bytes make memory grow",
    async (call) => {
      const rows = 4096;
      const own = await createEngine();
      const compile = (): Model =>
        own.compile(
          network((g, { bytes, others }) => g.use(dense(1), g.concat([bytes!, others!], 1))),
          {
            inputShape: { bytes: [64], others: [1] },
            loss: mse(),
            optimizer: sgd(),
            batchSize: rows / 2,
          },
        );
      const [others, target] = [own.tensor([rows, 1]), own.tensor([rows, 1])];
      others.data.set(floats(rows, 1));
      target.data.set(floats(rows, 2));
      const bytes = new Uint8Array(rows * 64).map((_, i) => i % 251);
      const plain = { x: { bytes, others: others.data.slice() }, y: target.data.slice() };
      const model = compile();
      const results = async (one: Model, set: Dataset) =>
        call === "evaluate" ? one.evaluate(set) : one.predict(set.x).data.slice();
      const expected = await results(compile(), plain);
      // All is there but the place where bytes are staged, and no room for it.
      await results(model, { ...plain, x: { ...plain.x, bytes: Float32Array.from(bytes) } });
      const { reserved } = own.memoryUsage;
      while (own.memoryUsage.reserved === reserved) own.tensor([8192]);
      const grown = own.memoryUsage.reserved;
      expect(await results(model, { x: { bytes, others }, y: target })).toEqual(expected);
      expect(own.memoryUsage.reserved).toBeGreaterThan(grown);
    },
  );
});

describe("wrong inputs", () => {
  const model = twoInputs(engine);
  const expected = /expected x to be an object of arrays a, b, got /;
  const bad: [title: string, x: unknown, error: RegExp][] = [
    ["one array for both", a, /an object of arrays a, b, got Float32Array$/],
    ["a tensor for both", engine.tensor([ROWS, A]), /an object of arrays a, b, got Tensor$/],
    ["a missing name", { a }, /an object of arrays a, b, got an object of a$/],
    ["another name", { a, c: b }, /got an object of a, c$/],
    ["a name too many", { a, b, c: b }, /got an object of a, b, c$/],
    ["no name", {}, /got an empty object$/],
    ["a list", [a, b], expected],
    ["null", null, expected],
    ["undefined", undefined, expected],
    ["another count", { a, b: b.subarray(B) }, /expected 24 examples in b, got 23$/],
    ["part of an example", { a, b: b.subarray(1) }, /b to hold whole examples of 3 features/],
    ["an empty input", { a: new Float32Array(0), b }, /a to hold examples, got an empty array$/],
    ["a plain list in one", { a: [1, 2, 3, 4, 5], b }, /a to be a Float32Array/],
    ["null in one", { a, b: null }, /b to be a Float32Array.*, got null$/],
    ["undefined in one", { a, b: undefined }, /b to be a Float32Array.*, got undefined$/],
    ["a tensor of another shape", { a: engine.tensor([A, ROWS]), b }, /a of shape \[batch, 5\]/],
  ];

  it.each(bad)("%s: refused by every call, nothing is changed", async (_, x, error) => {
    const before = weightsOf(model);
    const { used } = engine.memoryUsage;
    expect(() => model.trainStep(wrong(x), y)).toThrow(error);
    expect(() => model.predict(wrong(x))).toThrow(error);
    await expect(model.fit({ x: wrong(x), y })).rejects.toThrow(error);
    await expect(model.evaluate({ x: wrong(x), y })).rejects.toThrow(error);
    const validation = { x: wrong(x), y } as never;
    await expect(model.fit({ x: { a, b }, y }, { validation })).rejects.toThrow(error);
    expect(weightsOf(model)).toEqual(before);
    expect(engine.memoryUsage.used).toBe(used);
  });

  it("one input may come by its name", () => {
    const one = engine.compile(
      network((g, { x }) => g.use(dense(2), x)),
      { inputShape: [A], loss: mse(), optimizer: sgd() },
    );
    const plain = one.predict(a).data.slice();
    expect(one.predict({ x: a }).data.slice()).toEqual(plain);
    expect(() => one.predict({ z: a })).toThrow(
      /x to be a Float32Array, .* or a tensor, got an object of z$/,
    );
  });

  it.each([
    [{}, /expected inputShape to name an input, got an empty object/],
    [{ a: [A], b: [] }, /expected inputShape of b to be a list of sizes such as \[784\], got \[\]/],
    [{ a: 5, b: [B] }, /expected inputShape of a to be a list .*, got 5/],
  ])("compile refuses the shapes %j", (inputShape, error) => {
    expect(() => twoInputs(engine, { inputShape: wrong(inputShape) })).toThrow(error);
  });

  it("a sequential network takes one", () => {
    expect(() =>
      engine.compile(sequential([dense(1)]), {
        inputShape: { a: [A], b: [B] },
        loss: mse(),
        optimizer: sgd(),
      }),
    ).toThrow(new RangeError("sequential: expected one input; a network() takes several"));
  });
});
