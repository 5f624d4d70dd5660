import { describe, expect, it } from "vitest";
import { tileWorks } from "../../../examples/browser/benchmark/works.ts";
import { type Instruments, measureInTurns } from "../../../src/cli/bench/measure.ts";
import type { Work } from "../../../src/cli/bench/work.ts";
import { Workbench } from "../../../src/cli/bench/workbench.ts";
import { TILES, tileSize } from "../../../src/wasm/tiles.ts";

describe("measureInTurns", () => {
  const rounds = 5;
  const calls: string[] = [];

  /**
   * Returns a work that takes a number of milliseconds, and a hundred times as many in the third
   * round.
   */
  function timed(name: string, milliseconds: number) {
    let samples = 0;
    const run = (): number => {
      calls.push(name);
      return Math.floor(samples++ / 3) === 2 ? 100 * milliseconds : milliseconds;
    };
    return { run, timesItself: true };
  }

  function work(name: string, milliseconds: number): Work {
    const prepare = () => ({
      ...timed(name, milliseconds),
      yardstick: { kind: "multiply-add" } as const,
    });
    return { name, flops: 1e6, prepare };
  }

  it("times all in each round, and a noisy round does not count", async () => {
    const instruments = {
      bench: { clear: () => undefined },
      peak: { ...timed("peak", 10), name: "peak", amount: 1e6 },
      budget: { rounds, time: 1, warmUpTime: 0 },
    } as unknown as Instruments;
    const results = await measureInTurns([work("a", 20), work("b", 40)], instruments);
    const round = ["peak", "a", "b"].flatMap((name) => [name, name, name]);
    expect(calls).toEqual(Array.from({ length: rounds }, () => round).flat());
    expect(results).toMatchObject([
      { work: "a", milliseconds: 20, spread: 0, shareOfCeiling: 0.5, gflops: 0.05 },
      { work: "b", milliseconds: 40, spread: 0, shareOfCeiling: 0.25, gflops: 0.025 },
    ]);
  });
});

describe("works by register tile", () => {
  it("set their tile with each call, as they are timed in turns", async () => {
    const bench = await Workbench.create();
    const set: string[] = [];
    const { setTile } = bench.kernels;
    Object.defineProperty(bench, "kernels", {
      value: {
        ...bench.kernels,
        setTile: (...size: Parameters<typeof setTile>) => {
          set.push(size.join("x"));
          setTile(...size);
        },
      },
    });
    try {
      const works = tileWorks.works.map((one) => one.prepare(bench));
      for (const { run } of [...works, ...works]) run();
      const sizes = TILES.map((tile) => tileSize(tile).join("x"));
      expect(set).toEqual([...sizes, ...sizes]);
    } finally {
      bench.dispose();
    }
  });
});
