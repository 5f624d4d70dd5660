import { beforeEach, expect, it, vi } from "vitest";
import type { Engine } from "../../src/index.ts";
import { floats } from "../../src/verify/numbers.ts";
import { sha256 } from "../support/sha256.ts";
import { flat } from "../support/trials.ts";
import { engineOf } from "./fixtures.ts";

/** Number of chunks of each instruction, however small that is. */
const cost = vi.hoisted(() => ({ chunksFor: vi.fn<(work: number, threads: number) => number>() }));
vi.mock("../../src/plan/cost.ts", () => ({ ...cost, wakesThreads: () => true }));

/** Digest on any machine. */
const SHA256 = "72aab0e30ea27d32d9581c4ea023649256326d09ceec442c1a13c8f93daa9389";

beforeEach(() => {
  cost.chunksFor.mockReset();
});

/** SHA-256 of images with every change that there is, in three steps. */
async function digest(engine: Engine): Promise<string> {
  const g = engine.graph({ seed: 3 });
  const x = g.constant(floats(37 * 9 * 12 * 3, 1), [37, 9, 12, 3]);
  const moves = { horizontal: true, vertical: true, translation: 0.2, rotation: 90, zoom: 0.3 };
  const y = g.augment(x, { ...moves, crop: [8, 10], cutout: [2, 3], fill: "nearest" });
  const step = g.compile(g.sum(y), { outputs: [y] });
  const images = Array.from({ length: 3 }, () => {
    step.run();
    return [...flat(step.value(y))];
  });
  g.dispose();
  return sha256(images.flat());
}

it.each([
  [1, 1],
  [2, 2],
  [2, 7],
  [3, 9],
  [8, 32],
])("augmentation has one SHA-256 on %d threads with %d chunks", async (threads, chunks) => {
  cost.chunksFor.mockReturnValue(chunks);
  const engine = await engineOf(threads);
  expect(engine.info.threads).toBe(threads);
  expect(await digest(engine)).toBe(SHA256);
});
