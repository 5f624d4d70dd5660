import { beforeAll, describe, expect, it } from "vitest";
import { ABI_VERSION } from "../../build/constants.ts";
import { type Build, buildBytes, instantiateBuild, isKernel } from "../../src/wasm/build.ts";
import { hasFeature } from "../../src/wasm/features.ts";
import { families } from "../../src/verify/families.ts";
import { build, createArena } from "../support/arena.ts";

/** Sections of a module by their number, as the WebAssembly specification has them. */
const IMPORT = 2;
const MEMORY = 5;
const START = 8;
const DATA = 11;
const DATA_COUNT = 12;

const relaxed = hasFeature("relaxedSimd") ? (["relaxed"] as const) : [];
const builds: readonly Build[] = ["strict", "threads", ...relaxed];

/** Numbers of the sections of a module. */
function sections(module: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = 8; at < module.length;) {
    found.push(module[at++]!);
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++]!;
      length |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    at += length;
  }
  return found;
}

/** The functions that a module exports. */
function exportsOf(module: WebAssembly.Module): string[] {
  const functions = WebAssembly.Module.exports(module).filter(({ kind }) => kind === "function");
  return functions.map(({ name }) => name);
}

it("is what these tests run over", async () => {
  const { kernels } = await createArena();
  expect(Boolean(kernels.isRelaxed())).toBe(build === "relaxed");
  expect(Boolean(kernels.hasThreads())).toBe(build === "threads");
});

describe.each(builds)("the %s build", (name) => {
  let bytes: Uint8Array<ArrayBuffer>;
  let compiled: WebAssembly.Module;
  beforeAll(async () => {
    bytes = await buildBytes(name);
    compiled = await WebAssembly.compile(bytes);
  });

  const memoryOf = () =>
    new WebAssembly.Memory({
      ...{ initial: 1, maximum: 65536 },
      shared: name === "threads",
    });

  it("says what it is", async () => {
    const memory = memoryOf();
    const { abiVersion, isRelaxed, hasThreads } = await instantiateBuild(memory, compiled);
    expect(abiVersion()).toBe(ABI_VERSION);
    expect(Boolean(isRelaxed())).toBe(name === "relaxed");
    expect(Boolean(hasThreads())).toBe(name === "threads");
  });

  it("has no data, which every instance over a shared memory would write again", () => {
    expect(sections(bytes)).not.toContain(DATA);
    expect(sections(bytes)).not.toContain(DATA_COUNT);
  });

  it("has no memory of its own and starts nothing", () => {
    expect(sections(bytes)).toContain(IMPORT);
    expect(sections(bytes)).not.toContain(MEMORY);
    expect(sections(bytes)).not.toContain(START);
  });

  it("imports a memory and nothing else", () => {
    // Engines with type reflection tell more of each.
    expect(WebAssembly.Module.imports(compiled)).toMatchObject([
      { module: "env", name: "memory", kind: "memory" },
    ]);
  });

  it("takes a memory of any size, and writes nothing into it when it is instantiated", async () => {
    const memory = memoryOf();
    await WebAssembly.instantiate(compiled, { env: { memory } });
    expect(new Uint8Array(memory.buffer).every((byte) => byte === 0)).toBe(true);
  });

  it("exports its memory, its table, and functions", () => {
    const others = WebAssembly.Module.exports(compiled).filter(({ kind }) => kind !== "function");
    expect(others).toMatchObject([
      { name: "memory", kind: "memory" },
      { name: "table", kind: "table" },
    ]);
  });

  it("exports the kernels that are checked against formulas, and no others", () => {
    const checked = families.flatMap(({ kernels }) => Object.keys(kernels));
    const about = ["abiVersion", "isRelaxed", "hasThreads"];
    expect(exportsOf(compiled).filter(isKernel).toSorted()).toEqual(
      [...about, ...checked].toSorted(),
    );
  });
});
