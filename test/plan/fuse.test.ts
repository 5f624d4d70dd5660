import { describe, expect, it } from "vitest";
import type { Node } from "../../src/graph/node.ts";
import { dense, matmul } from "../../src/graph/ops/matmul.ts";
import { sum } from "../../src/graph/ops/reduce.ts";
import { reverseSweep } from "../../src/graph/reverse.ts";
import { ops } from "../../src/graph/ops/index.ts";
import { Tape } from "../../src/graph/tape.ts";
import { fuseColumnSums, fuseEpilogues } from "../../src/plan/fuse.ts";
import { Plan } from "../../src/plan/plan.ts";
import { scratchOf } from "../support/scratch.ts";

/** The gradients of a dense layer with `units` outputs, pinned or not. */
function gradients(units: number) {
  const tape = new Tape(scratchOf(0));
  const source = (name: string, shape: number[]) => tape.source(name, shape, { kind: "parameter" });
  const [weight, bias] = [source("weight", [3, units]), source("bias", [units])];
  const y = dense(tape, source("x", [5, 3]), weight, bias);
  const found = reverseSweep(tape, sum(tape, y), [weight, bias]);
  const [dw, db] = [found.get(weight)!, found.get(bias)!];
  return { tape, dw, db };
}

const pin = (...nodes: Node[]) => new Map(nodes.map((node, i) => [node, 64 + 64 * i]));

describe("the bias gradient of a dense layer", () => {
  it("is computed by the product that gives the weight's", () => {
    const { tape, dw, db } = gradients(4);
    expect([...fuseColumnSums(tape.nodes, pin(dw, db))]).toEqual([[dw, db]]);
  });

  it("is an instruction of its own where it has no place of its own", () => {
    const { tape, dw } = gradients(4);
    expect(fuseColumnSums(tape.nodes, pin(dw)).size).toBe(0);
  });

  it("is an instruction of its own where the product is left out", () => {
    const { tape, dw, db } = gradients(4);
    const others = tape.nodes.filter((node) => node !== dw);
    expect(fuseColumnSums(others, pin(db)).size).toBe(0);
  });

  it("is an instruction of its own for one output, whose sum has another order", () => {
    const { tape, dw, db } = gradients(1);
    expect(fuseColumnSums(tape.nodes, pin(dw, db)).size).toBe(0);
  });
});

it("gives a product one sum only", () => {
  const tape = new Tape(scratchOf(0));
  const a = tape.source("a", [4, 4], { kind: "parameter" });
  const product = matmul(tape, a, a);
  const [one, other] = [sum(tape, a, 0), sum(tape, a, 0)];
  expect([...fuseColumnSums(tape.nodes, pin(one, other))]).toEqual([[product, one]]);
});

describe("an activation behind an op that can apply it", () => {
  const always = () => true;
  const record = (second?: (tape: Tape, y: Node) => Node) => {
    const tape = new Tape(scratchOf(0));
    const source = (name: string, shape: number[]) => tape.source(name, shape, { kind: "input" });
    const [x, mean, variance] = [[5, 3], [3], [3]].map((shape, i) => source(`input ${i}`, shape));
    const y = ops.normalize(tape, x!, mean!, variance!);
    const other = second?.(tape, y);
    const z = ops.gelu(tape, y);
    return { tape, pinned: pin(x!, mean!, variance!), y, z, other };
  };

  it("is part of its instruction", () => {
    const { tape, pinned, y, z } = record();
    expect([...fuseEpilogues(tape.nodes, always)]).toEqual([[y, z]]);
    const { jobs } = new Plan({ outputs: [z], pinned });
    expect(jobs.map(({ node }) => node)).toEqual([y]);
    expect(jobs[0]!.instruction).toContain("gelu");
  });

  it.each([
    ["once more", (tape: Tape, y: Node) => ops.relu(tape, y)],
    ["reshaped", (tape: Tape, y: Node) => ops.reshape(tape, y, [15])],
  ])("is an instruction of its own where its input is read %s", (_, second) => {
    const { tape, pinned, y, z, other } = record(second);
    expect(fuseEpilogues(tape.nodes, always).size).toBe(0);
    expect(new Plan({ outputs: [z, other!], pinned }).jobs.map(({ node }) => node)).toContain(z);
    expect(new Plan({ outputs: [z], pinned }).jobs.map(({ node }) => node)).toEqual([y]);
  });

  it("is an instruction of its own where its input is kept", () => {
    const { pinned, y, z } = record();
    const kept = [
      new Plan({ outputs: [z, y], pinned }),
      new Plan({ outputs: [z], pinned, keepsAll: true }),
      new Plan({ outputs: [z], pinned: new Map([...pinned, [y, 1024]]) }),
    ];
    for (const { jobs } of kept) expect(jobs.map(({ node }) => node)).toEqual([y, z]);
  });

  it("is not added to an activation that a product has already", () => {
    const tape = new Tape(scratchOf(0));
    const [x, w] = [
      [5, 3],
      [3, 4],
    ].map((shape) => tape.source("x", shape, { kind: "input" }));
    const plain = dense(tape, x!, w!);
    const after = ops.tanh(tape, plain);
    ops.tanh(tape, dense(tape, x!, w!, undefined, { name: "relu", parameter: 0 }));
    expect([...fuseEpilogues(tape.nodes, always)]).toEqual([[plain, after]]);
  });
});
