import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import { adagrad, adam, batchNorm, cosineDecay, dense, dropout, mse } from "../../src/index.ts";
import { type Optimizer, nadam, sequential, sgd } from "../../src/index.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/io/safetensors.ts";
import { weightsOf } from "../engine/fixtures.ts";
import { CLASSES, classifier, data } from "./networks.ts";

const engine = await createEngine();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradlane-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe("save and load", () => {
  it("bring the same bits to another model", async () => {
    const path = join(folder, "weights.safetensors");
    const model = classifier(engine);
    await model.fit(data, { epochs: 3 });
    await model.save(path);
    const other = classifier(engine, { seed: 99 });
    expect(weightsOf(other)).not.toEqual(weightsOf(model));
    await other.load(path);
    expect(weightsOf(other)).toEqual(weightsOf(model));
    expect(other.predict(data.x).data).toEqual(model.predict(data.x).data.slice());
    expect(await other.toSafetensors()).toEqual(await model.toSafetensors());
    expect(new Uint8Array(await readFile(path))).toEqual(await model.toSafetensors());
    other.trainStep(data.x, data.y);
    expect(weightsOf(other)).not.toEqual(weightsOf(model));
  });

  it("name the arrays as the model does, NaN and infinities among them", async () => {
    const model = classifier(engine);
    model.parameters[1]!.data.set([NaN, Infinity, -Infinity, -0]);
    const { tensors } = decodeSafetensors(await model.toSafetensors(), "weights");
    expect([...tensors.keys()]).toEqual(model.parameters.map(({ name }) => name));
    for (const { name, shape, data } of model.parameters) {
      expect(tensors.get(name)).toEqual({ shape, data });
    }
    const other = classifier(engine, { seed: 99 });
    await other.fromSafetensors(await model.toSafetensors());
    expect(weightsOf(other)).toEqual(weightsOf(model));
  });

  it("write the weights as they are at the call, whatever is trained meanwhile", async () => {
    const path = join(folder, "early.safetensors");
    const model = classifier(engine);
    const before = weightsOf(model);
    const saved = model.save(path);
    model.trainStep(data.x, data.y);
    expect(weightsOf(model)).not.toEqual(before);
    await saved;
    await model.load(path);
    expect(weightsOf(model)).toEqual(before);
  });

  it("replace an older file", async () => {
    const path = join(folder, "twice.safetensors");
    const model = classifier(engine);
    await model.save(path);
    model.trainStep(data.x, data.y);
    await model.save(path);
    const other = classifier(engine);
    await other.load(path);
    expect(weightsOf(other)).toEqual(weightsOf(model));
  });
});

/** The bytes of a file whose header says what it likes. */
function lying(header: object, dataBytes: number): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const F32 = { dtype: "F32" };

describe("load refuses and changes no weight", () => {
  const good = classifier(engine).parameters.map(({ name, shape, data }) => ({
    name,
    shape,
    data: data.slice(),
  }));
  const changed = (i: number, change: object) =>
    good.map((tensor, j) => (i === j ? { ...tensor, ...change } : tensor));
  const deeper = engine.compile(sequential([dense(8), dense(8), dense(3)]), {
    inputShape: [5],
    loss: mse(),
    optimizer: adam(),
  });

  it.each<[string, () => Uint8Array | Promise<Uint8Array>, RegExp]>([
    [
      "another network",
      () => deeper.toSafetensors(),
      /expected "dense2.weight" of shape \[8, 3\], got \[8, 8\]/,
    ],
    [
      "a missing array",
      () => encodeSafetensors(good.slice(0, 3)),
      /expected "dense2.bias" of shape \[3\], got no such tensor/,
    ],
    [
      "an array too many",
      () => encodeSafetensors([...good, { name: "extra", shape: [1], data: new Float32Array(1) }]),
      /only this model's .*, got "extra" as well/,
    ],
    [
      "another name",
      () => encodeSafetensors(changed(2, { name: "other" })),
      /expected "dense2.weight"/,
    ],
    [
      "a shape the other way round",
      () => encodeSafetensors(changed(0, { shape: [8, 5] })),
      /expected "dense1.weight" of shape \[5, 8\], got \[8, 5\]/,
    ],
    ["a shape that is flat", () => encodeSafetensors(changed(0, { shape: [40] })), /got \[40\]/],
    ["an empty file", () => new Uint8Array(0), /header/],
    ["a file cut short", () => encodeSafetensors(good).slice(0, -4), /weights/],
    [
      "a file with something after it",
      () => new Uint8Array([...encodeSafetensors(good), 0, 0, 0, 0]),
      /weights/,
    ],
    [
      "a header longer than the file",
      () => new Uint8Array([255, 255, 255, 255, 255, 255, 255, 127, 123, 125]),
      /header of at most 2 bytes/,
    ],
    ["a header that is no JSON", () => new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 123, 123]), /JSON/],
    [
      "offsets beyond the file",
      () => lying({ "dense1.weight": { ...F32, shape: [5, 8], data_offsets: [0, 160] } }, 16),
      /within 16 bytes, got 160/,
    ],
    [
      "a shape that does not match its bytes",
      () => lying({ "dense1.weight": { ...F32, shape: [5, 8], data_offsets: [0, 16] } }, 16),
      /the bytes of F32 \[5, 8\], got 16/,
    ],
    [
      "a size that overflows",
      () => lying({ a: { ...F32, shape: [2 ** 32, 2 ** 32], data_offsets: [0, 0] } }, 0),
      /weights/,
    ],
    [
      "arrays that overlap",
      () =>
        lying(
          {
            a: { ...F32, shape: [4], data_offsets: [0, 16] },
            b: { ...F32, shape: [4], data_offsets: [8, 24] },
          },
          24,
        ),
      /overlap/,
    ],
  ])("%s", async (_, make, error) => {
    const model = classifier(engine);
    const before = weightsOf(model);
    const { used } = engine.memoryUsage;
    const bytes = await make();
    await expect(model.fromSafetensors(bytes, { source: "weights" })).rejects.toThrow(error);
    await expect(model.fromSafetensors(bytes, { source: "weights" })).rejects.toThrow(RangeError);
    expect(weightsOf(model)).toEqual(before);
    expect(engine.memoryUsage.used).toBe(used);
    await model.fromSafetensors(encodeSafetensors(good));
    model.dispose();
  });

  it("a file that is not there, or is damaged, by its path", async () => {
    const model = classifier(engine);
    const before = weightsOf(model);
    const missing = join(folder, "missing.safetensors");
    await expect(model.load(missing)).rejects.toThrow(
      /missing.safetensors: expected a file that can be read/,
    );
    const damaged = join(folder, "damaged.safetensors");
    await writeFile(damaged, encodeSafetensors(good).subarray(0, 100));
    await expect(model.load(damaged)).rejects.toThrow(/damaged.safetensors/);
    expect(weightsOf(model)).toEqual(before);
  });
});

it("save into a folder that is not there leaves nothing", async () => {
  const model = classifier(engine);
  const before = await readdir(folder);
  const path = join(folder, "no", "such", "folder.safetensors");
  await expect(model.save(path)).rejects.toThrow(
    /expected a file that can be written, got no such folder/,
  );
  expect(await readdir(folder)).toEqual(before);
  expect(model.trainStep(data.x, data.y)).toBeGreaterThan(0);
});

describe("the optimizer's state", () => {
  /** A network with dropout, running means and a schedule; optimizers with numbers that count. */
  const optimizers = {
    adam: () =>
      adam({ learningRate: cosineDecay({ learningRate: 0.01, steps: 20 }), clipNorm: 0.5 }),
    nadam: () => nadam(),
    adagrad: () => adagrad({ learningRate: 0.1, learningRateDecay: 0.01 }),
    momentum: () => sgd({ learningRate: 0.05, momentum: 0.9 }),
  };
  const layers = () => [
    dense(8, { activation: "tanh" }),
    batchNorm(),
    dropout(0.3),
    dense(CLASSES),
  ];
  const compile = (optimizer: Optimizer, seed = 7) =>
    classifier(engine, { optimizer, seed, network: sequential(layers()) });

  it.each(Object.entries(optimizers))("lets %s go on as if it had not stopped", async (_, make) => {
    const steady = compile(make());
    await steady.fit(data, { epochs: 5 });
    const first = compile(make());
    await first.fit(data, { epochs: 2 });
    const file = await first.toSafetensors({ includeOptimizer: true });
    const second = compile(make(), 99);
    await second.fit(data, { epochs: 1 });
    await second.fromSafetensors(file, { includeOptimizer: true });
    expect(await second.toSafetensors({ includeOptimizer: true })).toEqual(file);
    await second.fit(data, { epochs: 3 });
    expect(weightsOf(second)).toEqual(weightsOf(steady));
    const all = { includeOptimizer: true };
    expect(await second.toSafetensors(all)).toEqual(await steady.toSafetensors(all));
  });

  it("goes through a file, whose weights alone can be taken too", async () => {
    const path = join(folder, "state.safetensors");
    const model = classifier(engine);
    await model.fit(data, { epochs: 2 });
    await model.save(path, { includeOptimizer: true });
    const other = classifier(engine, { optimizer: sgd({ learningRate: 0.1 }) });
    await other.load(path);
    expect(weightsOf(other)).toEqual(weightsOf(model));
    const same = classifier(engine);
    await same.load(path, { includeOptimizer: true });
    expect(same.trainStep(data.x, data.y)).toBe(model.trainStep(data.x, data.y));
    expect(weightsOf(same)).toEqual(weightsOf(model));
  });

  it("is refused where it is missing, damaged, or another optimizer's; nothing changes", async () => {
    const model = classifier(engine);
    model.trainStep(data.x, data.y);
    const before = await model.toSafetensors({ includeOptimizer: true });
    const { tensors, metadata } = decodeSafetensors(before, "state");
    const arrays = [...tensors].map(([name, tensor]) => ({ name, ...tensor }));
    const state = metadata["gradlane.training"]!;
    const changed = (text: string) => encodeSafetensors(arrays, { "gradlane.training": text });
    const less = arrays.filter(({ name }) => name !== "moment1:dense1.weight");
    const wrong: [Uint8Array, string][] = [
      [await model.toSafetensors(), "expected an optimizer's state beside the weights, got none"],
      [changed("{"), 'expected an optimizer\'s state in "gradlane.training", got "{"'],
      [changed(state.replace('"steps":1', '"steps":-1')), "expected an optimizer's state in"],
      [changed(state.replace('"0.01"', '"x"')), "expected an optimizer's state in"],
      [changed(state.replace('"0.01"', '""')), "expected an optimizer's state in"],
      [
        changed(state.replace(/(?<="random":\[)\d+/, String(2 ** 32))),
        "expected an optimizer's state in",
      ],
      [
        encodeSafetensors(less, metadata),
        'expected "moment1:dense1.weight" of shape [5, 8], got no',
      ],
      [
        await classifier(engine, { optimizer: nadam() }).toSafetensors({ includeOptimizer: true }),
        "expected the state of adam with 9 numbers, got that of nadam with 13",
      ],
    ];
    for (const [bytes, message] of wrong) {
      const refused = model.fromSafetensors(bytes, { includeOptimizer: true, source: "state" });
      await expect(refused).rejects.toThrow(`state: ${message}`);
      expect(await model.toSafetensors({ includeOptimizer: true })).toEqual(before);
    }
  });
});
