import { type Node, type Shape, checkValues, size } from "../graph/node.ts";
import { type OpMethods, opMethods } from "../graph/ops/index.ts";
import { Tape } from "../graph/tape.ts";
import { fillSource } from "../plan/pins.ts";
import { Ledger } from "../runtime/ledger.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { Step } from "./step.ts";

/** A graph by hand: a method for every op, by its name, and those that start and end it. */
export interface Graph extends OpMethods {
  /**
   * An array that has a gradient and keeps its values from run to run.
   * @param value one number for all elements, or one for each
   */
  parameter(shape: Shape, value: number | Float32Array): Node;
  /** An array that never changes; a scalar without a shape. */
  constant(value: number | Float32Array, shape?: Shape): Node;
  /** An array that `run` is given under this name; 0 until then. */
  input(name: string, shape: Shape): Node;
  /**
   * Plans forward and reverse sweep for a scalar.
   * @throws RangeError if the loss is not a scalar or the memory has no room
   */
  compile(loss: Node, options?: { readonly outputs?: readonly Node[] }): Step;
  /** Gives back the memory of the graph and of every step that was compiled from it. */
  dispose(): void;
}

/** An empty graph over a runtime. */
export function createGraph(runtime: Runtime): Graph {
  const tape = new Tape(runtime.gemmScratch);
  const ledger = new Ledger<"graph">(runtime.heap);
  const places = new Map<Node, number>();
  const keep = (node: Node, value: number | Float32Array): Node => {
    checkValues(node.name, node.shape, value);
    const at = ledger.allocate("graph", size(node.shape) * 4, node.name);
    fillSource(runtime, node, at, value);
    places.set(node, at);
    return node;
  };
  return {
    ...opMethods(tape),
    parameter: (shape, value) =>
      keep(tape.source("parameter", shape, { kind: "parameter" }), value),
    constant: (value, shape = []) => tape.source("constant", shape, { kind: "constant", value }),
    input: (name, shape) => keep(tape.source(name, shape, { kind: "input" }), 0),
    compile: (loss, { outputs = [] } = {}) =>
      new Step(runtime, ledger, tape, places, loss, outputs),
    dispose: () => {
      ledger.releaseAll();
    },
  };
}
