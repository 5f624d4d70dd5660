import { beforeAll, describe, expect, it } from "vitest";
import { instantiate } from "../../../build/asc/ceiling.js";
import { embedded as binary } from "../../../build/ceiling.ts";
import { fromBase64 } from "../../../src/base/embedded-bytes.ts";
import { inflate } from "../../../src/base/embedded-bytes.ts";
import { Ceiling, perNanosecond } from "../../../src/cli/bench/ceiling.ts";
import { quickBudget } from "../../../src/cli/bench/timing.ts";

const AT = 0;
const RING = 256;
const RING_FLOATS = 15360 / 4;

let memory: WebAssembly.Memory;
let loops: Awaited<ReturnType<typeof instantiate>>;
beforeAll(async () => {
  memory = new WebAssembly.Memory({ initial: 1 });
  const module = await WebAssembly.compile(await inflate(fromBase64(binary)));
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  loops = exports as unknown as typeof loops;
});

/** The 16 accumulators of four lanes after some laps of a loop, from 2 over a ring of threes. */
function after(loop: "registers" | "loads", chains: 8 | 10 | 12 | 16, laps: number): number[] {
  new Float32Array(memory.buffer, AT, 64).fill(2);
  new Float32Array(memory.buffer, RING, RING_FLOATS).fill(3);
  loops[`${loop}${chains}`](laps, 0.5, RING, AT);
  return [...new Float32Array(memory.buffer, AT, 64)];
}

describe.each([8, 10, 12, 16] as const)("a peak loop of %i chains", (chains) => {
  const turns = 960 / chains;

  it("multiplies and adds in every chain, as often as it says", () => {
    expect(turns * chains).toBe(loops.maddsPerLap());
    const grown = after("loads", chains, 2);
    const sum = 2 + 2 * turns * 3 * 3;
    expect(grown).toEqual([
      ...new Array<number>(4 * chains).fill(sum),
      ...new Array<number>(64 - 4 * chains).fill(2),
    ]);
  });

  it("goes to 1 from registers", () => {
    const settled = after("registers", chains, 1);
    expect(settled).toEqual([
      ...new Array<number>(4 * chains).fill(1),
      ...new Array<number>(64 - 4 * chains).fill(2),
    ]);
  });
});

describe("copy", () => {
  it("copies all of it and nothing more", () => {
    const bytes = new Uint8Array(memory.buffer, 0, 640);
    bytes.forEach((_, i) => (bytes[i] = i % 251));
    const source = bytes.slice(64, 64 + 192);
    loops.copy(64, 320, 192);
    expect(bytes.slice(320, 512)).toEqual(source);
    expect([bytes[319], bytes[512]]).toEqual([319 % 251, 512 % 251]);
  });
});

describe("Ceiling", () => {
  it("picks the fastest of its loops", async () => {
    const ceiling = await Ceiling.create("strict");
    const { loop, gflops } = await ceiling.peak(quickBudget);
    expect(gflops).toHaveLength(8);
    expect(ceiling.loops.indexOf(loop)).toBe(gflops.indexOf(Math.max(...gflops)));
  });

  it("counts the bytes that a copy reads and writes, in whole lines", async () => {
    const ceiling = await Ceiling.create("strict");
    expect(ceiling.copy(5000, 500).amount).toBe(2 * 512);
    expect(() => ceiling.copy(2 ** 26, 64)).toThrow(
      "ceiling: expected 67108864 bytes in all, got 67108928",
    );
  });

  it("counts in billions a second", () => {
    expect(perNanosecond(3e9, 1000)).toBe(3);
  });
});
