import { beforeEach, describe, expect, inject, it, vi } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";
import * as gradlane from "../../src/index.ts";
import { golden, trainGolden } from "../model/golden.mjs";
import { engineOf } from "./fixtures.ts";

/** On how many lanes a record is run, however small it is. */
const worth = vi.hoisted(() => ({ lanesFor: vi.fn<(work: number, lanes: number) => number>() }));
vi.mock("../../src/plan/worth.ts", () => ({ ...worth, wakesLanes: () => true }));

// Lanes that spin as if each had a processor of its own, and have not, take minutes.
vi.mock(import("../../src/threads/cores.ts"), async (original) => ({
  ...(await original()),
  coreCount: () => inject("processors"),
}));

const { train } = await loadDigits();

describe("the same weights on any number of lanes, bit for bit", () => {
  beforeEach(() => {
    worth.lanesFor.mockReset().mockImplementation((_work, lanes) => lanes);
  });

  it.each([1, 2, 3, 4, 8])("%d, which share every record", async (threads) => {
    const engine = await engineOf(threads);
    expect(engine.info.threads).toBe(threads);
    expect(await trainGolden(gradlane, engine, train)).toEqual(golden);
    expect(worth.lanesFor).toHaveReturnedWith(threads);
  });

  it.each([2, 5])("%d, of which records use some or one", async (threads) => {
    let count = 0;
    worth.lanesFor.mockImplementation((_work, lanes) => {
      return 1 + ((++count * 7) % 10 < 5 ? 0 : count % lanes);
    });
    const engine = await engineOf(threads);
    expect(await trainGolden(gradlane, engine, train)).toEqual(golden);
  });
});
