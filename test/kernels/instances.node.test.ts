import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { buildBytes, instantiateBuild } from "../../src/wasm/build.ts";
import { createMemory } from "../../src/memory/linear-memory.ts";
import { TILES, tileSize } from "../../src/wasm/tiles.ts";
import { build } from "../support/arena.ts";
import { expectSameBits } from "../support/expect.ts";
import { floats } from "../../src/verify/numbers.ts";

const [M, N, K] = [20, 100, 100];

/** Operands of one product and one step of Adam, and scratch, from an address on. */
function places(base: number) {
  const bytes = [M * K, K * N, M * N, M * N].map((count) => 4 * count);
  const [a, b, c, m] = bytes.map((_, i) => base + bytes.slice(0, i).reduce((x, y) => x + y, 0));
  return { a: a!, b: b!, c: c!, m: m!, v: m! + 4 * M * N, scratch: m! + 8 * M * N };
}

/** Bytes that they take. */
const ROOM = 512 * 1024;

const module = await WebAssembly.compile(await buildBytes(build));
const instance = (memory: WebAssembly.Memory) => instantiateBuild(memory, module);

type Instance = Awaited<ReturnType<typeof instance>>;

function fill(memory: WebAssembly.Memory, base: number, seed: number): void {
  const { a, b, c } = places(base);
  new Float32Array(memory.buffer, base, ROOM / 4).fill(0);
  new Float32Array(memory.buffer, a).set(floats(M * K, seed));
  new Float32Array(memory.buffer, b).set(floats(K * N, seed + 1));
  new Float32Array(memory.buffer, c).set(floats(M * N, seed + 2));
}

/** One step of work: c += a · b, and then B takes a step of Adam as if C were its gradient. */
function work({ sgemm, adam }: Instance, base: number): void {
  const { a, b, c, m, v, scratch } = places(base);
  sgemm(false, false, M, N, K, 0.5, a, K, b, N, 0.5, c, N, scratch);
  adam(b, c, m, v, M * N, 1e-3, 0.9, 0.999, 1e-8, 0.1, 0.001);
}

function result(memory: WebAssembly.Memory, base: number): Uint32Array {
  return new Uint32Array(memory.buffer, base, ROOM / 4).slice();
}

const STEPS = 5;

/** Returns the results of a seed in an instance that runs alone. */
async function alone(seed: number): Promise<Uint32Array> {
  const memory = createMemory(build === "threads", ROOM / 65536, ROOM);
  const kernels = await instance(memory);
  fill(memory, 0, seed);
  for (let i = 0; i < STEPS; i++) work(kernels, 0);
  return result(memory, 0);
}

/** Bits of the outputs, without scratch, which is the tile's own business. */
function outputs(words: Uint32Array): Uint32Array {
  return words.subarray(0, places(0).scratch / 4);
}

describe("several instances side by side", () => {
  it.each(["one memory", "memories of their own"])(
    "over %s know nothing of each other",
    async (where) => {
      const count = TILES.length;
      const size = (where === "one memory" ? count : 1) * ROOM;
      const make = () => createMemory(build === "threads", size / 65536, size);
      const one = make();
      const all = await Promise.all(
        TILES.map(async (tile, i) => {
          const memory = where === "one memory" ? one : make();
          const kernels = await instance(memory);
          kernels.setTile(...tileSize(tile));
          const base = where === "one memory" ? i * ROOM : 0;
          fill(memory, base, 10 * i);
          return { memory, kernels, base };
        }),
      );
      for (let i = 0; i < STEPS; i++) for (const { kernels, base } of all) work(kernels, base);
      for (const [i, { memory, base }] of all.entries()) {
        const expected = outputs(await alone(10 * i));
        expectSameBits(outputs(result(memory, base)), expected, TILES[i]);
      }
    },
  );
});

/** Script of a thread: it repeats a call, with an instance of its own. */
const threadSource = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { memory, module, args, times } = workerData;
  WebAssembly.instantiate(module, { env: { memory } }).then(({ exports }) => {
    for (let i = 0; i < times; i++) exports.sgemm(...args);
    parentPort.postMessage("done");
  });`;

describe.runIf(build === "threads")("several instances at the same time", () => {
  it("read one operand, and write each its own, with the bits of one alone", async () => {
    const [threads, times] = [3, 300];
    const memory = createMemory(true, (threads * ROOM) / 65536, threads * ROOM);
    const { a } = places(0);
    const calls = Array.from({ length: threads }, (_, i) => {
      const { b, c, scratch } = places(i * ROOM);
      fill(memory, i * ROOM, 10 * i);
      return [0, 0, M, N, K, 1, a, K, b, N, 0, c, N, scratch];
    });
    const kernels = await instance(memory);
    const look = () => calls.map((_, i) => outputs(result(memory, i * ROOM)));
    for (const args of calls) Reflect.apply(kernels.sgemm, undefined, args);
    const expected = look();
    calls.forEach((_, i) => {
      new Float32Array(memory.buffer, places(i * ROOM).c, M * N).fill(NaN);
    });
    await Promise.all(
      calls.map((args) => {
        const workerData = { memory, module, args, times };
        const worker = new Worker(threadSource, { eval: true, workerData });
        return new Promise((resolve, reject) => worker.on("message", resolve).on("error", reject));
      }),
    );
    expect(look()).toEqual(expected);
  });
});
