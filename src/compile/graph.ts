import {
  type IntNode,
  type Node,
  type Shape,
  type Values,
  checkValues,
  size,
} from "../graph/node.ts";
import { type OpMethods, opMethods } from "../graph/ops/index.ts";
import { Tape } from "../graph/tape.ts";
import { writeValues } from "../plan/values.ts";
import { Allocations } from "../memory/allocations.ts";
import type { Runtime } from "../wasm/runtime.ts";
import { check, checkOptions, oneOf, text, whole } from "../base/arguments.ts";
import { made, withMethods } from "../base/printable.ts";
import { seedWords } from "../initializers.ts";
import { type GraphHome, Step, type StepOptions } from "./step.ts";

/** A graph by hand: a method for every op, by its name, and those that start and end it. */
export interface Graph extends OpMethods {
  /**
   * An array that has a gradient and keeps its values from run to run.
   * @param value one number for all elements, or one for each
   * @example
   * const weight = g.parameter([2, 3], 0.1);
   * const bias = g.parameter([3], Float32Array.of(1, 2, 3));
   */
  parameter(shape: Shape, value: number | Float32Array): Node;
  /**
   * An array of int32 that never changes: class indices.
   * @example
   * g.constant(Int32Array.of(2, 0, 1)); // [2, 0, 1]
   */
  constant(value: Int32Array, shape?: Shape): IntNode;
  /**
   * An array that never changes; a number is a scalar, a list [n].
   * @example
   * g.constant(Float32Array.of(1, 2, 3, 4), [2, 2]); // [[1, 2], [3, 4]]
   */
  constant(value: Values, shape?: Shape): Node;
  /**
   * An array of int32, as class indices or lengths, that `run` is given; 0 until then.
   * @example
   * const labels = g.input("labels", [3], "int");
   */
  input(name: string, shape: Shape, type: "int"): IntNode;
  /**
   * An array that `run` is given under this name; 0 until then.
   * @example
   * const sum = g.sum(g.input("x", [2]));
   * const step = g.compile(sum);
   * step.run({ x: Float32Array.of(1, 2) });
   * step.value(sum); // 3
   */
  input(name: string, shape: Shape, type?: Node["type"]): Node;
  /**
   * Plans forward and reverse sweep for a scalar.
   * @throws RangeError if the loss is not a scalar or the memory has no room
   * @example
   * const w = g.parameter([2], Float32Array.of(1, 2));
   * const loss = g.sum(g.square(w));
   * const step = g.compile(loss);
   * step.run();
   * step.value(loss); // 5
   */
  compile(loss: Node, options?: StepOptions): Step;
  /**
   * Gives back the memory of the graph and of every step that was compiled from it. They throw an
   * Error from then on; views of their values that were kept must not be used any more.
   * @example
   * g.dispose();
   */
  dispose(): void;
}

/** What a graph by hand takes. */
export interface GraphOptions {
  /** Decides what dropout drops: a whole number from 0 to 2^53 - 1; 0 by default. */
  readonly seed?: number;
}

/** An empty graph over a runtime. */
export function createGraph(runtime: Runtime, options: GraphOptions = {}): Graph {
  const { seed = 0 } = checkOptions("graph", options, { seed: whole(0) });
  const tape = new Tape(runtime.gemmScratch);
  const allocations = new Allocations<"graph">(runtime.heap, "graph");
  const random = allocations.allocate("graph", 16, "graph");
  runtime.heap.words.set([...seedWords(seed), 0, 0], random / 4);
  const home: GraphHome = {
    runtime,
    allocations,
    tape,
    places: new Map(),
    inputs: new Map(),
    random,
  };
  const keep = (node: Node, value: Values): Node => {
    allocations.checkLive();
    checkValues(node.name, node.shape, value);
    const at = allocations.allocate("graph", size(node.shape) * 4, node.name);
    writeValues(runtime, node, at, value);
    home.places.set(node, at);
    return node;
  };
  return made(
    withMethods<Graph>({
      ...opMethods(tape),
      parameter: (shape, value) =>
        keep(tape.source("parameter", shape, { kind: "parameter" }), value),
      constant: ((value, shape) => tape.constant(value, shape)) as Graph["constant"],
      input: ((name, shape, type = "float") => {
        check("input", "name", name, text());
        check("input", "type", type, oneOf("float", "int"));
        if (home.inputs.has(name)) {
          throw new RangeError(`input: expected a name of its own, "${name}" is taken`);
        }
        const node = keep(tape.source(name, shape, { kind: "input" }, type), 0);
        home.inputs.set(name, node);
        return node;
      }) as Graph["input"],
      compile: (loss, options) => new Step(home, loss, options),
      dispose: () => {
        allocations.releaseAll();
      },
    }),
    "Graph",
    () => {
      allocations.checkLive();
      return tape.title;
    },
  );
}
