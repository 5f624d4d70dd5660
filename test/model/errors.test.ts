import { describe, expect, it } from "vitest";
import { type Dataset, type Model, createEngine, crossEntropy, mse } from "../../src/index.ts";
import { bits, weightsOf, wrong } from "../engine/fixtures.ts";
import { CLASSES, COUNT, FEATURES, classifier, data, oneHot } from "./networks.ts";

const engine = await createEngine();
const other = await createEngine();

const batch = { x: data.x.subarray(0, 16 * FEATURES), y: data.y.subarray(0, 16) };
const disposed = engine.tensor([16, FEATURES]);
disposed.dispose();

/** A copy with one number replaced. */
function withNumber<T extends Float32Array | Int32Array>(array: T, at: number, value: number): T {
  const copy = array.slice() as T;
  copy[at] = value;
  return copy;
}

/** Wrong arguments, and the text that the error must have. */
type Bad = [title: string, x: unknown, y: unknown, error: RegExp];

const badData: Bad[] = [
  ["a feature too few", batch.x.subarray(1), batch.y, /whole examples of 5 features, got 79/],
  ["an empty x", new Float32Array(0), batch.y, /x to hold examples, got an empty array/],
  ["a plain array as x", [1, 2, 3, 4, 5], batch.y, /x to be a Float32Array.*, got \[1, 2/],
  ["doubles as x", new Float64Array(80), batch.y, /x to be .*, got Float64Array/],
  ["null as x", null, batch.y, /x to be .*, got null/],
  ["undefined as x", undefined, batch.y, /x to be .*, got undefined/],
  ["a text as x", "0,1,2", batch.y, /x to be .*, got "0,1,2"/],
  ["a number as x", 5, batch.y, /x to be .*, got 5/],
  ["long integers as x", new BigInt64Array(80), batch.y, /x to be .*, got BigInt64Array/],
  ["an array buffer as x", new ArrayBuffer(320), batch.y, /x to be .*, got ArrayBuffer/],
  ["a tensor of another engine as x", other.tensor([16, FEATURES]), batch.y, /engine/],
  ["a disposed tensor as x", disposed, batch.y, /tensor\[16, 5\].* disposed/],
  [
    "a tensor of another width as x",
    engine.tensor([20, 4]),
    batch.y,
    /\[batch, 5\], got \[20, 4\]/,
  ],
  ["a tensor that is flat as x", engine.tensor([80]), batch.y, /\[batch, 5\], got \[80\]/],
  ["a label too few", batch.x, batch.y.subarray(1), /y to hold 16 class indices.*, got 15/],
  ["an empty y", batch.x, new Int32Array(0), /y to hold 16 class indices.*, got 0/],
  ["a negative label", batch.x, withNumber(batch.y, 3, -1), /from 0 to 2, y has -1 at 3/],
  ["a label too high", batch.x, withNumber(batch.y, 5, CLASSES), /from 0 to 2, y has 3 at 5/],
  ["a byte that is too high", batch.x, new Uint8Array(16).fill(255), /from 0 to 2, y has 255 at 0/],
  [
    "floats that are no rows",
    batch.x,
    new Float32Array(16),
    /y to hold 48 numbers, 3 for each.*16/,
  ],
  ["a plain array as y", batch.x, [0, 1, 2], /y to be an Int32Array.*, got \[0, 1, 2\]/],
  ["doubles as y", batch.x, new Float64Array(48), /y to be .*, got Float64Array/],
  ["null as y", batch.x, null, /y to be .*, got null/],
  ["undefined as y", batch.x, undefined, /y to be .*, got undefined/],
  ["long integers as y", batch.x, new BigInt64Array(16), /y to be .*, got BigInt64Array/],
  ["a tensor of another engine as y", batch.x, other.tensor([16, CLASSES]), /engine/],
  ["a disposed tensor as y", batch.x, disposed, /disposed/],
];

const notFinite: Bad[] = [
  [
    "NaN in x",
    withNumber(batch.x, 7, NaN),
    batch.y,
    /finite numbers, x has NaN in row 1, column 2$/,
  ],
  [
    "infinity in x",
    withNumber(batch.x, 79, -Infinity),
    batch.y,
    /x has -Infinity in row 15, column 4$/,
  ],
  [
    "NaN in y",
    batch.x,
    withNumber(oneHot(batch.y, CLASSES), 4, NaN),
    /finite numbers, y has NaN in row 1, column 1$/,
  ],
];

/** The model after the error is the model before it: weights, optimizer, memory, next step. */
async function expectUnharmed(
  make: () => Model,
  call: (model: Model) => unknown,
  error: RegExp,
): Promise<void> {
  const [model, twin] = [make(), make()];
  for (const one of [model, twin]) one.trainStep(batch.x, batch.y);
  const before = weightsOf(model);
  const gradients = model.parameters.map(({ grad }) => bits(grad as Float32Array<ArrayBuffer>));
  const { used } = engine.memoryUsage;
  const thrown: unknown = await Promise.resolve()
    .then(() => call(model))
    .then(
      () => undefined,
      (reason: unknown) => reason,
    );
  expect(thrown).toBeInstanceOf(Error);
  const { message, name } = thrown as Error;
  expect(message).toMatch(error);
  expect(name).toMatch(/^(Type|Range)Error$/);
  expect(engine.memoryUsage.used).toBe(used);
  expect(weightsOf(model)).toEqual(before);
  expect(model.parameters.map(({ grad }) => bits(grad as Float32Array<ArrayBuffer>))).toEqual(
    gradients,
  );
  for (const one of [model, twin]) {
    one.trainStep(batch.x, batch.y);
    await one.fit(data);
  }
  expect(weightsOf(model)).toEqual(weightsOf(twin));
  model.dispose();
  twin.dispose();
}

const make = (): Model => classifier(engine);
const careful = (): Model => classifier(engine, { checkFinite: true });

describe("bad data leaves the model as it was", () => {
  it.each(badData)("trainStep with %s", async (_, x, y, error) => {
    await expectUnharmed(make, (model) => model.trainStep(wrong(x), wrong(y)), error);
  });

  it.each(badData)("fit with %s", async (_, x, y, error) => {
    const set = { x: wrong(x), y: wrong(y) };
    await expectUnharmed(make, (model) => model.fit(set), error);
    await expectUnharmed(make, (model) => model.fit(data, { validation: set }), error);
  });

  it.each(badData)("evaluate with %s", async (_, x, y, error) => {
    await expectUnharmed(make, (model) => model.evaluate({ x: wrong(x), y: wrong(y) }), error);
  });

  it.each([
    ["an array, as in Keras", data.x, /data to be an object \{ x, y \}, got Float32Array$/],
    ["a pair", [data.x, data.y], /an object \{ x, y \}, got \[Float32Array, Int32Array\]$/],
    ["a tensor", engine.tensor([16, FEATURES]), /an object \{ x, y \}, got Tensor$/],
    ["a part of the examples", 0.2, /an object \{ x, y \}, got 0.2$/],
    ["a path", "train.csv", /an object \{ x, y \}, got "train.csv"$/],
  ])("data that is %s", async (_, set, error) => {
    const validation: Dataset = wrong(set);
    await expectUnharmed(make, (model) => model.fit(validation), error);
    await expectUnharmed(make, (model) => model.evaluate(validation), error);
    await expectUnharmed(make, (model) => model.fit(data, { validation }), error);
  });

  it("no data", async () => {
    const error = /data to be an object \{ x, y \}, got undefined$/;
    await expectUnharmed(make, (model) => model.fit(wrong(undefined)), error);
    await expectUnharmed(make, (model) => model.evaluate(wrong(undefined)), error);
  });

  it.each(badData.filter(([, x]) => x !== batch.x))("predict with %s", async (_, x, __, error) => {
    await expectUnharmed(make, (model) => model.predict(wrong(x)), error);
  });

  it.each(notFinite)("%s, where numbers are checked", async (_, x, y, error) => {
    const set = { x: wrong(x), y: wrong(y) };
    await expectUnharmed(careful, (model) => model.trainStep(set.x, set.y), error);
    await expectUnharmed(careful, (model) => model.fit(set), error);
    await expectUnharmed(careful, (model) => model.evaluate(set), error);
  });

  it("lets NaN pass where numbers are not checked, and shows it in the loss", () => {
    const model = make();
    expect(model.trainStep(withNumber(batch.x, 7, NaN), batch.y)).toBeNaN();
    expect(careful().trainStep(batch.x, batch.y)).toBeGreaterThan(0);
  });

  it("takes numbers, not classes, for a loss without classes", async () => {
    const regression = (): Model => classifier(engine, { loss: mse() });
    const model = regression();
    expect(() => model.trainStep(batch.x, batch.y)).toThrow(
      /y to hold 48 numbers, 3 for each of 16/,
    );
    await expect(model.evaluate(data)).rejects.toThrow(/y to hold 150 numbers/);
  });
});

describe("bad options leave the model as it was", () => {
  it.each([
    ["batchSize", COUNT + 1, /batchSize of at most 50, the examples, got 51/],
    ["batchSize", 0, /batchSize to be a whole number from 1 on, got 0/],
    ["batchSize", 2.5, /batchSize to be a whole number from 1 on, got 2.5/],
    ["batchSize", "16", /batchSize to be a whole number from 1 on, got "16"/],
    ["epochs", 0, /epochs to be a whole number from 1 on, got 0/],
    ["epochs", NaN, /epochs to be a whole number from 1 on, got NaN/],
    ["epochs", Infinity, /epochs to be a whole number from 1 on, got Infinity/],
    ["epochs", null, /epochs to be a whole number from 1 on, got null/],
  ])("fit with %s %s", async (name, value, error) => {
    await expectUnharmed(make, (model) => model.fit(data, { [name]: value }), error);
  });

  it.each([0, -1, 1.5, NaN])("evaluate with batchSize %d", async (batchSize) => {
    const call = (model: Model): unknown => model.evaluate(data, { batchSize });
    await expectUnharmed(make, call, /^evaluate: expected batchSize to be a whole number/);
  });

  it.each([-1, NaN, Infinity, "fast"])("learningRate %s", async (rate) => {
    const call = (model: Model): void => {
      model.learningRate = wrong(rate);
    };
    await expectUnharmed(
      make,
      call,
      /^model: expected learningRate to be a number from 0 on, got /,
    );
  });

  it("uses a new learning rate from the next step on", () => {
    const model = classifier(engine, { loss: crossEntropy() });
    expect(model.learningRate).toBe(0.01);
    model.learningRate = 0;
    const before = weightsOf(model);
    model.trainStep(batch.x, batch.y);
    expect(weightsOf(model)).toEqual(before);
    model.learningRate = 0.5;
    model.trainStep(batch.x, batch.y);
    expect(weightsOf(model)).not.toEqual(before);
  });
});

it("a disposed model says so, whatever is asked of it", async () => {
  const model = make();
  model.dispose();
  const text = "model: expected a live model, it has been disposed";
  expect(() => model.trainStep(batch.x, batch.y)).toThrow(text);
  expect(() => model.predict(batch.x)).toThrow(text);
  expect(() => model.learningRate).toThrow(text);
  expect(() => {
    model.learningRate = 1;
  }).toThrow(text);
  await expect(model.fit(data)).rejects.toThrow(text);
  await expect(model.evaluate(data)).rejects.toThrow(text);
  await expect(model.toSafetensors()).rejects.toThrow(text);
  await expect(model.fromSafetensors(new Uint8Array(8))).rejects.toThrow(text);
  await expect(model.save("never.safetensors")).rejects.toThrow(text);
  await expect(model.load("never.safetensors")).rejects.toThrow(text);
});
