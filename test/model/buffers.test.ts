import { describe, expect, it } from "vitest";
import { adam, batchNorm, createEngine, dense, mse, sequential, zeros } from "../../src/index.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/io/safetensors.ts";
import type { Layer, Model } from "../../src/index.ts";
import { bits, floats, weightsOf } from "../engine/fixtures.ts";

const engine = await createEngine();
const [ROWS, IN] = [20, 3];
const x = floats(ROWS * IN, 1);
const y = floats(ROWS, 2);

function normalised(seed = 1): Model {
  const layers = [dense(5), batchNorm(), dense(4, { activation: "relu" }), batchNorm(), dense(1)];
  const options = { inputShape: [IN], loss: mse(), optimizer: adam(), batchSize: 8, seed };
  return engine.compile(sequential(layers), options);
}

const buffersOf = (model: Model): number[][] => model.buffers.map(({ data }) => [...data]);

/** A file's tensors, changed by hand. */
function edited(
  file: Uint8Array,
  change: (tensors: { name: string; shape: readonly number[]; data: Float32Array }[]) => unknown,
): Uint8Array {
  const tensors = [...decodeSafetensors(file, "file").tensors].map(([name, { shape, data }]) => ({
    name,
    shape: [...shape],
    data: Float32Array.from(data),
  }));
  change(tensors);
  return encodeSafetensors(tensors);
}

describe("buffers in a safetensors file", () => {
  it("come after the parameters, by their names", async () => {
    const { tensors } = decodeSafetensors(await normalised().toSafetensors(), "file");
    const model = normalised();
    const names = [...model.parameters, ...model.buffers].map(({ name }) => name);
    expect([...tensors.keys()].sort()).toEqual([...names].sort());
    expect(model.buffers.map(({ name, shape }) => [name, shape])).toEqual([
      ["batchNorm1.runningMean", [5]],
      ["batchNorm1.runningVariance", [5]],
      ["batchNorm2.runningMean", [4]],
      ["batchNorm2.runningVariance", [4]],
    ]);
  });

  it("make the round trip, bit for bit, and predictions with them", async () => {
    const model = normalised();
    await model.fit({ x, y }, { epochs: 4 });
    const other = normalised(2);
    expect(buffersOf(other)).not.toEqual(buffersOf(model));
    await other.fromSafetensors(await model.toSafetensors());
    expect(buffersOf(other)).toEqual(buffersOf(model));
    expect(weightsOf(other)).toEqual(weightsOf(model));
    const [a, b] = [model, other].map((one) => one.predict(x).data.slice());
    expect(bits(b!)).toEqual(bits(a!));
    expect(await other.evaluate({ x, y })).toEqual(await model.evaluate({ x, y }));
    expect(await other.toSafetensors()).toEqual(await model.toSafetensors());
  });

  it("that are missing, of another shape or too many change nothing", async () => {
    const model = normalised();
    await model.fit({ x, y });
    const file = await normalised(2).toSafetensors();
    const before = [weightsOf(model), buffersOf(model)];
    const bad: [Uint8Array, RegExp][] = [
      [
        edited(file, (tensors) => tensors.pop()),
        /expected "batchNorm2.runningVariance" of shape \[4\], got no such tensor/,
      ],
      [
        edited(file, (tensors) => {
          Object.assign(tensors.at(-1)!, { shape: [5], data: new Float32Array(5) });
        }),
        /of shape \[4\], got \[5\]/,
      ],
      [
        edited(file, (tensors) =>
          tensors.push({ name: "more", shape: [1], data: new Float32Array(1) }),
        ),
        /expected only this model's arrays, got "more" as well/,
      ],
    ];
    for (const [bytes, error] of bad) {
      await expect(model.fromSafetensors(bytes)).rejects.toThrow(error);
      expect([weightsOf(model), buffersOf(model)]).toEqual(before);
    }
  });

  it("are not trained: no optimizer moves them", async () => {
    const layers = [batchNorm({ momentum: 0 }), dense(1)];
    const options = { inputShape: [IN], loss: mse(), optimizer: adam({ learningRate: 1 }) };
    const model = engine.compile(sequential(layers), options);
    await model.fit({ x, y }, { epochs: 3, batchSize: 10 });
    expect(buffersOf(model)).toEqual([
      [0, 0, 0],
      [1, 1, 1],
    ]);
  });
});

it("only training updates buffers, whatever a layer says", async () => {
  const counter: Layer = {
    kind: "counter",
    label: "counter",
    record(g, input) {
      const count = g.buffer("count", [1], zeros());
      g.update(count, g.add(count, g.scalar(1)));
      return input;
    },
  };
  const options = { inputShape: [IN], loss: mse(), optimizer: adam(), batchSize: 8 };
  const model = engine.compile(sequential([counter, dense(1)]), options);
  model.predict(x);
  await model.evaluate({ x, y });
  expect(buffersOf(model)).toEqual([[0]]);
  model.trainStep(x, y);
  expect(buffersOf(model)).toEqual([[1]]);
});
