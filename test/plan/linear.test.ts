import { describe, expect, it } from "vitest";
import type { Computation, Node, Shape } from "../../src/graph/node.ts";
import { gradientsOf } from "../../src/graph/copies.ts";
import { ops } from "../../src/graph/ops/index.ts";
import { Tape } from "../../src/graph/tape.ts";
import { type Buffer, placeBuffers } from "../../src/plan/offsets.ts";
import { Plan } from "../../src/plan/plan.ts";
import { scratchOf } from "../support/scratch.ts";

/** Counts what is read of the objects that it is asked about. */
class Reads {
  count = 0;

  of<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, key) => {
        this.count++;
        return object[key as keyof T];
      },
      // A write is no read, and comes rarely.
      set: (object, key, value) => Reflect.set(object, key, value),
    });
  }
}

/** Counts what is read of the computations of its nodes. */
class CountingTape extends Tape {
  readonly reads = new Reads();

  constructor() {
    super(scratchOf(64));
  }

  override append(computation: Computation, shape: Shape): Node {
    return super.append(this.reads.of(computation), shape);
  }

  leaf(kind: "parameter" | "input", shape: Shape): Node {
    return this.source(kind, shape, { kind });
  }
}

type Make = (tape: CountingTape, length: number) => readonly [last: Node, targets: readonly Node[]];

const graphs: Record<string, Make> = {
  "a chain": (tape, length) => {
    const target = tape.leaf("parameter", [2, 3]);
    let x = target;
    for (let i = 0; i < length; i++) x = ops.tanh(tape, ops.mul(tape, x, target));
    return [x, [target]];
  },
  "layers with weights of their own and residuals": (tape, length) => {
    const targets: Node[] = [];
    let x = tape.leaf("input", [2, 3]);
    for (let i = 0; i < length; i++) {
      const [weight, bias] = [tape.leaf("parameter", [3, 3]), tape.leaf("parameter", [3])];
      x = ops.add(tape, x, ops.dense(tape, x, weight, bias));
      targets.push(weight, bias);
    }
    return [x, targets];
  },
  "a recurrence that shares its weights": (tape, length) => {
    const [input, own] = [tape.leaf("parameter", [3, 4]), tape.leaf("parameter", [4, 4])];
    let h = tape.leaf("input", [2, 4]);
    for (let i = 0; i < length; i++) {
      const x = tape.leaf("input", [2, 3]);
      h = ops.tanh(tape, ops.add(tape, ops.matmul(tape, x, input), ops.matmul(tape, h, own)));
    }
    return [h, [input, own]];
  },
};

/** Reads that recording, sweep and plan take. */
function readsOf(make: Make, length: number): number {
  const tape = new CountingTape();
  const [last, targets] = make(tape, length);
  const loss = ops.mean(tape, last);
  const gradients = [...gradientsOf(tape, loss, targets).values()];
  const kept = [...targets, ...gradients, loss];
  const pinned = new Map(kept.map((node, i) => [node, 64 * (i + 1)]));
  const plan = new Plan({ outputs: [loss, ...gradients], pinned });
  expect(plan.arenaBytes).toBeGreaterThan(64 * length);
  return tape.reads.count;
}

describe("a graph of twice the length is recorded, swept and planned with twice the reads", () => {
  it.each(Object.entries(graphs))("%s", (_, make) => {
    const reads = readsOf(make, 200);
    expect(reads).toBeGreaterThan(200);
    expect(readsOf(make, 400) / reads).toBeLessThan(2.05);
  });
});

/** Reads that it takes to place buffers. */
function readsToPlace(spans: readonly (readonly [bytes: number, from: number, to: number])[]) {
  const reads = new Reads();
  const buffers = spans.map(([bytes, from, to]): Buffer => {
    return reads.of({ bytes, from, to, offset: 0 });
  });
  placeBuffers(buffers);
  return reads.count;
}

it("looks at a buffer as often, however many others there are", () => {
  const nested = (length: number) =>
    Array.from({ length }, (_, i) => [100 + (i % 7), i, 2 * length - i] as const);
  const reads = readsToPlace(nested(500));
  expect(reads).toBeGreaterThan(500);
  // Sorting takes n log n.
  expect(readsToPlace(nested(1000)) / reads).toBeLessThan(2.5);
});
