import { expect, it } from "vitest";
import { ops } from "../../src/graph/ops/index.ts";
import { Tape } from "../../src/graph/tape.ts";
import { Plan } from "../../src/plan/plan.ts";

it("reserves the scratch that a kernel's docstring declares, for each thread", () => {
  const tape = new Tape(() => 4096);
  const [x, mean, variance] = [[6, 32], [32], [32]].map((shape, i) =>
    tape.source(`input ${i}`, shape, { kind: "input" }),
  );
  const y = ops.normalize(tape, x!, mean!, variance!);
  const pinned = new Map([x!, mean!, variance!].map((node, i) => [node, 64 + 1024 * i]));
  // channelNorm: f64[2, cols]
  const bytes = 8 * 2 * 32;
  expect(new Plan({ outputs: [y], pinned }).scratchBytes).toBe(bytes);
  expect(new Plan({ outputs: [y], pinned, threads: 3 }).scratchBytes).toBe(3 * bytes);
  // A product asks for what the kernel tells it to.
  const product = ops.matmul(tape, x!, x!, true);
  expect(new Plan({ outputs: [y, product], pinned, threads: 2 }).scratchBytes).toBe(2 * 4096);
});
