import { expect, it } from "vitest";
import { ops } from "../../src/graph/ops/index.ts";
import { reverseSweep } from "../../src/graph/reverse.ts";
import { Tape } from "../../src/graph/tape.ts";
import { Plan } from "../../src/plan/plan.ts";
import { scratchOf } from "../support/scratch.ts";

it("reserves the scratch that a kernel's docstring declares, for each thread", () => {
  const tape = new Tape(scratchOf(4096));
  const [x, weight] = [[6, 32], [32]].map((shape, i) =>
    tape.source(`input ${i}`, shape, { kind: "input" }),
  );
  const loss = ops.sum(tape, ops.layerNorm(tape, x!, weight));
  const slopes = reverseSweep(tape, loss, [weight!]).get(weight!)!;
  const pinned = new Map([x!, weight!].map((node, i) => [node, 64 + 1024 * i]));
  // groupNormSums: f64[2, channels]
  const bytes = 8 * 2 * 32;
  expect(new Plan({ outputs: [slopes], pinned }).scratchBytes).toBe(bytes);
  expect(new Plan({ outputs: [slopes], pinned, threads: 3 }).scratchBytes).toBe(3 * bytes);
  // A product asks for what the kernel tells it to.
  const product = ops.matmul(tape, x!, x!, true);
  expect(new Plan({ outputs: [slopes, product], pinned, threads: 2 }).scratchBytes).toBe(2 * 4096);
});
