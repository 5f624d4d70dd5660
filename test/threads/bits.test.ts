import { beforeEach, describe, expect, it, vi } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";
import * as gradlane from "../../src/index.ts";
import { golden, trainGolden } from "../model/golden.mjs";
import { engineOf } from "./fixtures.ts";

/** Number of chunks of each instruction, however small that is. */
const cost = vi.hoisted(() => ({ chunksFor: vi.fn<(work: number, threads: number) => number>() }));
vi.mock("../../src/plan/cost.ts", () => ({ ...cost, wakesThreads: () => true }));

const { train } = await loadDigits();

describe("the same weights on any number of threads, bit for bit", () => {
  beforeEach(() => {
    cost.chunksFor.mockReset();
  });

  it.each([
    [1, 1],
    [2, 2],
    [2, 8],
    [3, 3],
    [4, 16],
    [8, 8],
    [8, 32],
  ])("%d, for which every instruction is cut into %d chunks", async (threads, chunks) => {
    cost.chunksFor.mockReturnValue(chunks);
    const engine = await engineOf(threads);
    expect(engine.info.threads).toBe(threads);
    expect(await trainGolden(gradlane, engine, train)).toEqual(golden);
    expect(cost.chunksFor).toHaveBeenCalledWith(expect.any(Number), threads);
  });

  it.each([2, 5])(
    "%d, for which instructions are cut into few chunks, or many, or none",
    async (threads) => {
      let count = 0;
      cost.chunksFor.mockImplementation(() => [1, 3, 1, 7, 32, 2][++count % 6]!);
      const engine = await engineOf(threads);
      expect(await trainGolden(gradlane, engine, train)).toEqual(golden);
    },
  );
});
