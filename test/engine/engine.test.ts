import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import { createEngine } from "../../src/index.ts";
import { buildBytes } from "../../src/wasm/build.ts";
import { TILES } from "../../src/wasm/tiles.ts";
import { classifier, data } from "../model/networks.ts";
import { weightsOf, wrong } from "./fixtures.ts";

describe("createEngine", () => {
  it("tells what it runs on", async () => {
    const engine = await createEngine();
    expect(engine.info).toEqual({
      build: "strict",
      math: "strict",
      threads: 1,
      tile: expect.stringMatching(/^\d+x\d+$/) as string,
      revectorize: false,
      notes: [],
    });
  });

  it("runs on the tile that it is given, and else on one that it finds the fastest", async () => {
    for (const tile of TILES) {
      expect((await createEngine({ tile })).info.tile).toBe(tile);
    }
    const { info } = await createEngine();
    expect(TILES).toContain(info.tile);
    expect((await createEngine()).info.tile).toBe(info.tile);
  });

  it("trains to the same bits on every tile", async () => {
    const [expected, ...others] = await Promise.all(
      TILES.map(async (tile) => {
        const model = classifier(await createEngine({ tile }));
        for (let i = 0; i < 3; i++) model.trainStep(data.x, data.y);
        return weightsOf(model);
      }),
    );
    for (const weights of others) expect(weights).toEqual(expected);
  });

  it.each([
    [{ math: "fast" }, /^createEngine: expected math .*, got "fast"$/],
    [{ threads: 0 }, /^createEngine: expected threads .*, got 0$/],
    [{ threads: 1.5 }, /^createEngine: expected threads .*, got 1.5$/],
    [{ threads: "many" }, /^createEngine: expected threads .*, got "many"$/],
    [{ revectorize: "yes" }, /^createEngine: expected revectorize to be true or false, got "yes"$/],
    [{ tile: "8x8" }, /^createEngine: expected tile to be "4x8", "3x8", .*, got "8x8"$/],
    [{ maximumBytes: 0 }, /^createEngine: expected maximumBytes .*, got 0$/],
    [{ maximumBytes: 2 ** 32 + 1 }, /^createEngine: expected maximumBytes/],
    [{ maximumBytes: 1.5 }, /^createEngine: expected maximumBytes/],
    [{ maximumBytes: "1" }, /^createEngine: expected maximumBytes/],
    [
      { memory: {} },
      /^createEngine: expected memory to be a WebAssembly.Memory, got an empty object$/,
    ],
    [{ memory: new ArrayBuffer(65536) }, /^createEngine: expected memory .*, got ArrayBuffer$/],
  ])("refuses %j", async (options, error) => {
    await expect(createEngine(wrong(options))).rejects.toThrow(error);
  });

  it("refuses a module that is not its own", async () => {
    const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    await expect(createEngine({ module: empty })).rejects.toThrow(
      "module: expected a build of gradlane, it has no export abiVersion",
    );
    await expect(createEngine({ module: new Uint8Array([1, 2, 3]) })).rejects.toThrow(
      WebAssembly.CompileError,
    );
    await expect(createEngine({ module: wrong("kernels.wasm") })).rejects.toThrow(
      new TypeError(
        "createEngine: expected module to be a WebAssembly.Module, its bytes or a URL, " +
          'got "kernels.wasm"',
      ),
    );
    const nothing = createEngine({ module: new URL("data:nothing") });
    await expect(nothing).rejects.toThrow(TypeError);
    await expect(nothing).rejects.toThrow("createEngine: expected a module at data:nothing, got ");
  });

  it("takes the kernels as bytes, as a module and from an address", async () => {
    const bytes = await buildBytes("strict");
    const module = await WebAssembly.compile(bytes);
    const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    const address = new URL(`data:application/wasm;base64,${base64}`);
    const expected = classifier(await createEngine());
    expected.trainStep(data.x, data.y);
    for (const source of [bytes, module, address]) {
      const model = classifier(await createEngine({ module: source }));
      model.trainStep(data.x, data.y);
      expect(weightsOf(model)).toEqual(weightsOf(expected));
    }
  });

  it("lives in the memory that it is given", async () => {
    const memory = new WebAssembly.Memory({ initial: 0, maximum: 20 });
    const engine = await createEngine({ memory });
    expect(engine.memory).toBe(memory);
    expect(engine.memoryUsage).toEqual({ used: 0, reserved: 0 });
    const model = classifier(engine);
    expect(model.parameters[0]!.data.buffer).toBe(memory.buffer);
    expect(model.parameters[0]!.data.byteOffset).toBeGreaterThan(0);
    const twin = classifier(await createEngine());
    for (const one of [model, twin]) one.trainStep(data.x, data.y);
    expect(weightsOf(model)).toEqual(weightsOf(twin));
  });

  it("keeps to maximumBytes", async () => {
    const engine = await createEngine({ maximumBytes: 200_000 });
    expect(() => engine.tensor([60_000])).toThrow(RangeError);
    engine.tensor([20_000]);
    expect(engine.memoryUsage.reserved).toBeLessThanOrEqual(200_000);
  });

  it("makes engines that have nothing to do with each other", async () => {
    const [one, two] = [await createEngine(), await createEngine()];
    const tensor = one.tensor([4]);
    tensor.data.fill(3);
    two.tensor([4]).data.fill(5);
    expect([...tensor.data]).toEqual([3, 3, 3, 3]);
    expect(one.memory).not.toBe(two.memory);
  });
});

describe("an engine", () => {
  it("shows its memory, and what models and tensors take of it", async () => {
    const engine = await createEngine();
    expect(engine.memoryUsage.used).toBe(0);
    const model = classifier(engine);
    const tensor = engine.tensor([16]);
    expect(engine.memoryUsage.used).toBe(model.memoryPlan.total + 64);
    expect(engine.memoryUsage.reserved).toBe(engine.memory.buffer.byteLength);
    model.dispose();
    tensor.dispose();
    expect(engine.memoryUsage.used).toBe(0);
  });

  it("says so when it has been disposed", async () => {
    const engine = await createEngine();
    engine.dispose();
    engine[Symbol.dispose]();
    const text = "engine: expected a live engine, it has been disposed";
    expect(() => engine.graph()).toThrow(text);
    expect(() => engine.tensor([1])).toThrow(text);
    expect(() => engine.memoryUsage).toThrow(text);
    expect(() => engine.memory).toThrow(text);
    expect(() => classifier(engine)).toThrow(text);
    expect(engine.info.math).toBe("strict");
  });

  it("keeps live views through growth of the memory", async () => {
    const engine = await createEngine();
    const model = classifier(engine);
    const [weight] = model.parameters;
    const before = weight!.data;
    weight!.data[0] = 42;
    const { reserved } = engine.memoryUsage;
    engine.tensor([100_000]);
    expect(engine.memoryUsage.reserved).toBeGreaterThan(reserved);
    expect(before.length).toBe(0);
    expect(weight!.data[0]).toBe(42);
    weight!.data[0] = 43;
    expect(weight!.data[0]).toBe(43);
    expect(weight!.grad.length).toBe(40);
  });

  it("draws the first weights that its initializers promise", async () => {
    const engine = await createEngine();
    const first = (weightInitializer: gradlane.Initializer): Float32Array => {
      const layer = gradlane.dense(200, { weightInitializer });
      const model = engine.compile(gradlane.sequential([layer]), {
        inputShape: [300],
        loss: gradlane.mse(),
        optimizer: gradlane.sgd(),
        seed: 3,
      });
      const values = model.parameters[0]!.data.slice();
      expect(model.parameters[1]!.data.every((bias) => bias === 0)).toBe(true);
      model.dispose();
      return values;
    };
    const variances: [gradlane.Initializer, number][] = [
      [gradlane.glorotUniform(), 2 / 500],
      [gradlane.glorotNormal(), 2 / 500],
      [gradlane.heUniform(), 2 / 300],
      [gradlane.heNormal(), 2 / 300],
      [gradlane.lecunUniform(), 1 / 300],
      [gradlane.lecunNormal(), 1 / 300],
    ];
    for (const [initializer, variance] of variances) {
      const values = first(initializer);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const spread = values.reduce((sum, value) => sum + value * value, 0) / values.length;
      // 60,000 numbers: the mean strays by σ/245, the variance by less than 1 %.
      expect(Math.abs(mean), initializer.name).toBeLessThan(5 * Math.sqrt(variance / 60_000));
      expect(spread / variance, initializer.name).toBeCloseTo(1, 1);
      const limit = initializer.name.endsWith("Uniform") ? Math.sqrt(3 * variance) : Infinity;
      expect(values.every((value) => Math.abs(value) <= limit * (1 + 1e-6))).toBe(true);
    }
    expect(first(gradlane.constant(0.5)).every((value) => value === 0.5)).toBe(true);
  });
});
