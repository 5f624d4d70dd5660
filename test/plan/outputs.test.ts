import { describe, expect, it } from "vitest";
import { type GraphParts, Step } from "../../src/compile/step.ts";
import {
  type Node,
  type Operand,
  OUTPUT,
  type Recorder,
  float,
  instruction,
  outputAt,
  size,
} from "../../src/graph/node.ts";
import { ops } from "../../src/graph/ops/index.ts";
import { Tape } from "../../src/graph/tape.ts";
import { Allocations } from "../../src/memory/allocations.ts";
import { Heap } from "../../src/memory/heap.ts";
import { Plan } from "../../src/plan/plan.ts";
import { compileBuild } from "../../src/wasm/build.ts";
import { Runtime } from "../../src/wasm/runtime.ts";
import { bits, floats } from "../engine/fixtures.ts";

const [ROWS, COLS] = [5, 6];

const heap = new Heap(new WebAssembly.Memory({ initial: 8 }));
const runtime = await Runtime.create(heap, await compileBuild("strict"));

/** A graph by hand with a parameter x [ROWS, COLS], and labels. */
function setUp() {
  const allocations = new Allocations<"graph">(heap, "graph");
  const tape = new Tape(runtime.kernels);
  const x = tape.source("x", [ROWS, COLS], { kind: "parameter" });
  const labels = tape.constant(new Int32Array([0, 5, 2, 2, 1]));
  const places = new Map([[x, allocations.allocate("graph", 4 * size(x.shape), "x")]]);
  const parts: GraphParts = { runtime, allocations, tape, places, inputs: new Map(), random: 0 };
  const bitsOfGradient = (loss: Node): number[] => {
    const step = new Step(parts, loss);
    step.set(x, floats(size(x.shape), 1));
    step.run();
    return [...bits((step.gradient(x) as { data: Float32Array }).data)];
  };
  return { tape, x, labels, allocations, bitsOfGradient };
}

/** Cross-entropy of rows, and their probabilities, by one instruction. */
function lossesAndProbabilities(tape: Tape, x: Node, labels: Node, isOptional = false): Node[] {
  const [rows, cols] = x.shape as [number, number];
  return tape.appendAll(
    {
      op: "both",
      ints: [labels],
      gradientOfOutputs(g, [, probabilities], [dLosses, dProbabilities]) {
        const ofLosses = (dloss: Node): Node => {
          const dx = instruction("crossEntropySmoothedGrad", {
            probabilities: probabilities!,
            labels,
            weights: 0,
            dloss,
            dx: OUTPUT,
            rows,
            cols,
            smoothing: float(0),
            ignore: -100,
          });
          return g.append({ op: "dLosses", ints: [labels], instruction: dx }, x.shape);
        };
        const ofProbabilities = (dy: Node): Node => {
          const dx = instruction("rowsGrad", {
            kernel: "softmaxGrad",
            y: probabilities!,
            dy,
            dx: OUTPUT,
            rows,
            cols,
          });
          return g.append({ op: "dProbabilities", instruction: dx }, x.shape);
        };
        const found = [
          ...(dProbabilities ? [ofProbabilities(dProbabilities)] : []),
          ...(dLosses ? [ofLosses(dLosses)] : []),
        ];
        return [() => found.reduce((sum, term) => ops.add(g, sum, term)), null];
      },
      instruction: instruction("crossEntropySmoothed", {
        x,
        labels,
        weights: 0,
        probabilities: outputAt(1),
        loss: outputAt(0),
        rows,
        cols,
        smoothing: float(0),
        ignore: -100,
      }),
    },
    [{ shape: [rows] }, { shape: x.shape, isOptional }],
  );
}

describe("a node with several outputs", () => {
  const losses = {
    both: (tape: Tape, [l, p]: Node[]) => ops.add(tape, ops.sum(tape, l!), weighted(tape, p!)),
    "the first": (tape: Tape, [l]: Node[]) => ops.sum(tape, l!),
    "the second": (tape: Tape, [, p]: Node[]) => weighted(tape, p!),
  };
  const weighted = (tape: Tape, p: Node): Node =>
    ops.sum(tape, ops.mul(tape, p, tape.constant(floats(size(p.shape), 2), p.shape)));

  it.each(Object.entries(losses))("has the gradient of ops apart, if %s is read", (_, of) => {
    const { tape, x, labels, allocations, bitsOfGradient } = setUp();
    const together = bitsOfGradient(of(tape, lossesAndProbabilities(tape, x, labels)));
    const apart = [ops.crossEntropy(tape, x, labels, "none"), ops.softmax(tape, x)];
    expect(together).toEqual(bitsOfGradient(of(tape, apart)));
    allocations.releaseAll();
  });

  it("has an address for an optional output where somebody reads it", () => {
    const { tape, x, labels, allocations } = setUp();
    const [losses, probabilities] = lossesAndProbabilities(tape, x, labels, true) as [Node, Node];
    const pinned = new Map([[x, 64]]);
    const bases = { arena: 1 << 16, scratch: 0, constants: 1 << 15 };
    const addresses = [[losses], [losses, probabilities]].map((outputs) => {
      const plan = new Plan({ outputs, pinned });
      const { instruction, node } = plan.jobs[0]!;
      const operands = instruction.slice(4, 6) as Operand[];
      return operands.map((operand) => plan.resolve(operand, bases, node));
    });
    const [[none, alone], [second, first]] = addresses as [[number, number], [number, number]];
    expect(none).toBe(0);
    expect([alone, first, second].every((at) => at >= bases.arena)).toBe(true);
    expect(Math.abs(first - second)).toBeGreaterThanOrEqual(64);
    allocations.releaseAll();
  });

  it("computes a gradient where it is to be, as one of its outputs", () => {
    const { tape, x, allocations, bitsOfGradient } = setUp();
    const n = size(x.shape);
    const copies = (g: Recorder, dy: Node): Node => {
      // The second row of the parts is not read by anybody.
      const outputs = [{ shape: x.shape }, { shape: [COLS] }];
      const copied = instruction("gather", {
        src: dy,
        indices: 0,
        dst: outputAt(0),
        rows: 1,
        width: n,
      });
      return g.appendAll({ op: "copies", instruction: copied }, outputs)[0]!;
    };
    const same = tape.append(
      {
        op: "same",
        gradient: (g, _node, dy) => [() => copies(g, dy)],
        instruction: instruction("gather", { src: x, indices: 0, dst: OUTPUT, rows: 1, width: n }),
      },
      x.shape,
    );
    expect(bitsOfGradient(weighted(tape, same))).toEqual([...bits(floats(n, 2))]);
    allocations.releaseAll();
  });
});
