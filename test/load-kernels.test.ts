import binaryen from "assemblyscript/binaryen";
import { describe, expect, it } from "vitest";
import { createEngine } from "../src/index.ts";
import { type KernelOptions, loadKernels } from "../src/kernels.ts";
import { type Build, buildBytes } from "../src/wasm/build.ts";
import { hasFeature } from "../src/wasm/features.ts";

const plain = (pages = 1) => new WebAssembly.Memory({ initial: pages });
const shared = () => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });

async function moduleOf(build: Build): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await buildBytes(build));
}

/** A module with these parts, and abiVersion. */
function imitation(version: number, parts = ""): WebAssembly.Module {
  const abiVersion = `(func (export "abiVersion") (result i32) (i32.const ${version}))`;
  const module = binaryen.parseText(`(module ${parts} ${abiVersion})`);
  return new WebAssembly.Module(new Uint8Array(module.emitBinary()));
}

/** Options that TypeScript would not let pass. */
const wrong = (options: unknown) => options as KernelOptions;

const text = new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));

describe("loadKernels", () => {
  it("needs no memory but a page to put operands in", async () => {
    const memory = plain();
    const { relu, sgemmScratchBytes, adam } = await loadKernels({ memory, tile: "4x8" });
    new Float32Array(memory.buffer, 65536 - 12).set([-1, 2, -3]);
    relu(65536 - 12, 0, 3);
    expect([...new Float32Array(memory.buffer, 0, 3)]).toEqual([0, 2, 0]);
    expect(sgemmScratchBytes(0, 1, 1)).toBe(0);
    expect(() => {
      adam(65536, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1);
    }).toThrow(WebAssembly.RuntimeError);
  });

  it("gives kernels that follow a memory that its owner grows", async () => {
    const memory = plain();
    const { add } = await loadKernels({ memory, tile: "4x8" });
    memory.grow(1);
    new Float32Array(memory.buffer, 65536, 2).set([1, 2]);
    add(65536, 1, 65540, 1, 131068, 1);
    expect(new Float32Array(memory.buffer, 131068, 1)[0]).toBe(3);
  });

  it("takes the build for a shared memory by itself", async () => {
    const kernels = await loadKernels({ memory: shared(), tile: "4x8" });
    expect(Boolean(kernels.hasThreads())).toBe(true);
    expect(Boolean((await loadKernels({ memory: plain(), tile: "4x8" })).hasThreads())).toBe(false);
  });

  it.each(["strict", "threads"] as const)("takes the %s build as a module", async (build) => {
    const memory = build === "threads" ? shared() : plain();
    const kernels = await loadKernels({ memory, module: await moduleOf(build) });
    expect(Boolean(kernels.hasThreads())).toBe(build === "threads");
  });

  it.each([
    [{}, TypeError, /^loadKernels: expected memory to be a WebAssembly.Memory, got undefined$/],
    [{ memory: new ArrayBuffer(8) }, TypeError, /^loadKernels: .*Memory, got ArrayBuffer$/],
    [
      { memory: plain(0) },
      RangeError,
      /^loadKernels: expected a memory of at least 65536 bytes, got one of 0$/,
    ],
    [{ memory: plain(), math: "fast" }, RangeError, /^loadKernels: expected math .* got "fast"$/],
    [{ memory: shared(), math: "relaxed" }, RangeError, /math strict for a shared memory/],
    [{ memory: plain(), tile: "1x1" }, RangeError, /^loadKernels: expected tile .*, got "1x1"$/],
    [{ memory: plain(), threads: 2 }, RangeError, /^loadKernels: expected options .*"threads"$/],
    [
      { memory: plain(), module: new Uint8Array(8) },
      TypeError,
      /^loadKernels: expected module to be a WebAssembly.Module, got Uint8Array$/,
    ],
    [
      { memory: plain(), module: text },
      TypeError,
      /^module: expected a build of gradlane, it has no export abiVersion$/,
    ],
    [
      { memory: plain(), module: imitation(99) },
      TypeError,
      /^module: expected a build of gradlane with ABI \d+, it has version 99$/,
    ],
    [
      { memory: plain(), module: imitation(1, '(func (import "env" "now"))') },
      TypeError,
      /^module: expected a build of gradlane, it imports env.now$/,
    ],
    [
      { memory: plain(2), module: imitation(1, '(memory (import "env" "memory") 3)') },
      TypeError,
      /^module: expected a build of gradlane, a memory of 131072 bytes is none for it$/,
    ],
  ])("refuses %j", async (options, type, message) => {
    const refused = expect(loadKernels(wrong(options))).rejects;
    await refused.toThrow(type);
    await refused.toThrow(message);
  });

  it("refuses the threads build without a shared memory, and others with one", async () => {
    const threads = await moduleOf("threads");
    const refused = expect(loadKernels({ memory: plain(), module: threads })).rejects;
    await refused.toThrow(TypeError);
    await refused.toThrow(
      "memory: expected a shared memory for this build of gradlane, got a memory that is not shared",
    );
    const other = expect(
      loadKernels({ memory: shared(), module: await moduleOf("strict") }),
    ).rejects;
    await other.toThrow(TypeError);
    await other.toThrow("memory: expected a memory that is not shared for this build");
  });

  it("refuses a module for other math than is asked for", async () => {
    const module = await moduleOf("strict");
    const load = loadKernels({ memory: plain(), math: "relaxed", module });
    await expect(load).rejects.toThrow(
      hasFeature("relaxedSimd")
        ? "loadKernels: expected a module for math relaxed, got one for the other"
        : "loadKernels: expected relaxed SIMD for math relaxed, there is none here",
    );
  });
});

describe("createEngine", () => {
  it("refuses the threads build without a shared memory, in the same words", async () => {
    const created = createEngine({ module: await moduleOf("threads"), tile: "4x8" });
    await expect(created).rejects.toThrow("memory: expected a shared memory for this build");
  });
});
