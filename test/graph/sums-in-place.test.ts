import { describe, expect, it } from "vitest";
import { type Graph, type Node, createEngine } from "../../src/index.ts";
import { reverseSweep } from "../../src/graph/reverse.ts";
import { ops } from "../../src/graph/ops/index.ts";
import { Tape } from "../../src/graph/tape.ts";
import { bits, floats } from "../engine/fixtures.ts";
import { scratchOf } from "../support/scratch.ts";
import { flat } from "../support/trials.ts";

const engine = await createEngine();

/** The bits of the gradient by each of some parameters. */
function gradients(
  arrays: readonly (readonly number[])[],
  record: (g: Graph, nodes: Node[]) => Node,
  options: { checkFinite?: boolean } = {},
): number[][] {
  const g = engine.graph();
  const nodes = arrays.map((shape, i) => {
    return g.parameter(
      shape,
      floats(
        shape.reduce((n, length) => n * length, 1),
        i + 1,
      ),
    );
  });
  const step = g.compile(record(g, nodes), options);
  step.run();
  // A second run must not add to the first.
  step.run();
  const found = nodes.map((node) => [...bits(flat(step.gradient(node)))]);
  g.dispose();
  return found;
}

/** A loss in which each element has a slope of its own. */
function weighted(g: Graph, x: Node): Node {
  const n = x.shape.reduce((product, length) => product * length, 1);
  return g.sum(g.mul(x, g.constant(floats(n, 50), x.shape)));
}

/** h = tanh(x[:, t]·w + h·u) for every t: [batch, time, features]. */
function recurrence(g: Graph, [x, w, u]: Node[], copies: (node: Node) => Node): Node {
  const [batch, time, features] = x!.shape as [number, number, number];
  const units = u!.shape[0]!;
  let h = g.constant(0, [batch, units]);
  for (let t = 0; t < time; t++) {
    const row = g.reshape(g.slice(copies(x!), [0, t], [batch, t + 1]), [batch, features]);
    h = g.tanh(g.add(g.matmul(row, copies(w!)), g.matmul(h, copies(u!))));
  }
  return weighted(g, h);
}

describe("gradients that are added in place", () => {
  const shapes = [
    [3, 5, 4],
    [4, 6],
    [6, 6],
  ];
  const together = gradients(shapes, (g, nodes) => recurrence(g, nodes, (node) => node));

  it("have the bits of sums of whole arrays, in an unrolled recurrence", () => {
    // The gradient of a product with 1 is a node of its own, which is added as a whole.
    const apart = gradients(shapes, (g, nodes) => {
      return recurrence(g, nodes, (node) => g.mul(node, g.constant(1)));
    });
    expect(together).toEqual(apart);
  });

  it("are the same where every value is kept and checked", () => {
    const checked = gradients(shapes, (g, nodes) => recurrence(g, nodes, (node) => node), {
      checkFinite: true,
    });
    expect(checked).toEqual(together);
  });

  it("leave alone a gradient that another node shares", () => {
    const record =
      (copy: (g: Graph, node: Node) => Node) =>
      (g: Graph, [x, y]: Node[]) => {
        const sum = g.add(x!, y!);
        const parts = [g.slice(copy(g, x!), [1], [3]), g.slice(copy(g, x!), [0], [4], [2])];
        return parts.reduce((loss, part) => g.add(loss, weighted(g, part)), weighted(g, sum));
      };
    const two = [
      [4, 3],
      [4, 3],
    ];
    const shared = gradients(
      two,
      record((_, node) => node),
    );
    expect(shared).toEqual(
      gradients(
        two,
        record((g, node) => g.mul(node, g.constant(1))),
      ),
    );
    expect(shared[1]).toEqual([...bits(floats(12, 50))]);
  });

  it("add products of batches", () => {
    const record =
      (copy: (g: Graph, node: Node) => Node) =>
      (g: Graph, [a, b]: Node[]) => {
        const once = g.matmul(copy(g, a!), copy(g, b!));
        const twice = g.matmul(copy(g, b!), copy(g, a!), true, true, 0.25);
        return g.add(weighted(g, once), weighted(g, twice));
      };
    const two = [
      [2, 3, 4],
      [2, 4, 3],
    ];
    const sums = gradients(
      two,
      record((_, node) => node),
    );
    expect(sums).toEqual(
      gradients(
        two,
        record((g, node) => g.mul(node, g.constant(1))),
      ),
    );
  });

  it("take a node for each use, and one array for all", () => {
    const tape = new Tape(scratchOf(4096));
    const x = tape.source("x", [1, 100, 2], { kind: "parameter" });
    const parts = Array.from({ length: 100 }, (_, t) => ops.slice(tape, x, [0, t], [1, t + 1]));
    const loss = parts.map((part) => ops.sum(tape, part)).reduce((a, b) => ops.add(tape, a, b));
    reverseSweep(tape, loss, [x]);
    const whole = tape.nodes.filter(({ shape }) => shape[1] === 100);
    const arrays = whole.filter(({ computation }) => computation && !computation.updates);
    expect([whole.length, arrays.length]).toEqual([101, 1]);
  });
});
