import { describe, expect, it } from "vitest";
import type { Node } from "../../src/graph/node.ts";
import { dense, matmul } from "../../src/graph/ops/matmul.ts";
import { sum } from "../../src/graph/ops/reduce.ts";
import { reverseSweep } from "../../src/graph/reverse.ts";
import { Tape } from "../../src/graph/tape.ts";
import { fuseColumnSums } from "../../src/plan/fuse.ts";

/** The gradients of a dense layer with `units` outputs, pinned or not. */
function gradients(units: number) {
  const tape = new Tape(() => 0);
  const source = (name: string, shape: number[]) => tape.source(name, shape, { kind: "parameter" });
  const [weight, bias] = [source("weight", [3, units]), source("bias", [units])];
  const y = dense(tape, source("x", [5, 3]), weight, bias);
  const found = reverseSweep(tape, sum(tape, y), [weight, bias]);
  const [dw, db] = [found.get(weight)!, found.get(bias)!];
  return { tape, dw, db };
}

const pin = (...nodes: Node[]) => new Map(nodes.map((node, i) => [node, 64 * i]));

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
  const tape = new Tape(() => 0);
  const a = tape.source("a", [4, 4], { kind: "parameter" });
  const product = matmul(tape, a, a);
  const [one, other] = [sum(tape, a, 0), sum(tape, a, 0)];
  expect([...fuseColumnSums(tape.nodes, pin(one, other))]).toEqual([[product, one]]);
});
