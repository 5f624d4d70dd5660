import { beforeEach, expect, it, vi } from "vitest";
import type { Engine, Node } from "../../src/index.ts";
import { floats } from "../../src/verify/numbers.ts";
import { sha256 } from "../support/sha256.ts";
import { flat } from "../support/trials.ts";
import { engineOf } from "./fixtures.ts";

/** Number of chunks of each instruction, however small that is. */
const cost = vi.hoisted(() => ({ chunksFor: vi.fn<(work: number, threads: number) => number>() }));
vi.mock("../../src/plan/cost.ts", () => ({ ...cost, wakesThreads: () => true }));

/** Digest of the strict build on any machine. */
const SHA256 = "3d26cd55dbc43a27ddade1045ac0a886498927e7e12c0708018c8bdf026c5fde";

beforeEach(() => {
  cost.chunksFor.mockReset();
});

/** SHA-256 of the outputs and gradients of attentions with everything that they can have. */
async function digest(engine: Engine): Promise<string> {
  const g = engine.graph({ seed: 3 });
  const shape = [2, 3, 150, 12];
  const [q, k, v] = [1, 2, 3].map((seed) => g.parameter(shape, floats(10_800, seed))) as [
    Node,
    Node,
    Node,
  ];
  const mask = g.constant(
    floats(300, 4).map((x) => Number(x > -0.5)),
    [2, 1, 1, 150],
  );
  const y = g.add(
    g.scaledDotProductAttention(q, k, v, { causal: true, dropout: 0.2 }),
    g.scaledDotProductAttention(q, v, k, { mask }),
  );
  const step = g.compile(g.sum(g.mul(y, g.constant(floats(10_800, 5), shape))), { outputs: [y] });
  step.run();
  const arrays = [step.value(y), ...[q, k, v].map((node) => step.gradient(node))].map(flat);
  const numbers = arrays.flatMap((array) => [...array]);
  g.dispose();
  return sha256(numbers);
}

it.each([
  [1, 1],
  [2, 2],
  [2, 7],
  [3, 9],
  [8, 8],
  [8, 32],
])("attention has one SHA-256 on %d threads with %d chunks", async (threads, chunks) => {
  cost.chunksFor.mockReturnValue(chunks);
  const engine = await engineOf(threads);
  expect(engine.info.threads).toBe(threads);
  expect(await digest(engine)).toBe(SHA256);
});
