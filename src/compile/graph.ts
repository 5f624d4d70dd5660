import { type IntNode, type Node, type Shape, type Values, size } from "../graph/node.ts";
import { type OpMethods, opMethods } from "../graph/ops/index.ts";
import { Tape, checkValues } from "../graph/tape.ts";
import { writeValues } from "../plan/values.ts";
import { Allocations } from "../memory/allocations.ts";
import type { Runtime } from "../wasm/runtime.ts";
import { check, checkOptions, oneOf, text, whole } from "../base/arguments.ts";
import { immutable, withMethods } from "../base/printable.ts";
import { seedWords } from "../initializers.ts";
import { type GraphParts, Step, type StepOptions } from "./step.ts";

/**
 * A graph that is built by hand: a method for each op, under the op's name, and methods for its
 * parameters, inputs and constants, for its steps and for its end.
 */
export interface Graph extends OpMethods {
  /**
   * Appends a parameter: a float32 array that has a gradient and keeps its values from run to run.
   * @param value first value: one number for all elements, or one for each
   * @throws TypeError or RangeError if the shape or the values are not valid, RangeError if the
   * memory has no room, Error after dispose
   * @example
   * const weight = g.parameter([2, 3], 0.1);
   * const bias = g.parameter([3], Float32Array.of(1, 2, 3));
   */
  parameter(shape: Shape, value: number | Float32Array): Node;
  /**
   * Appends an int32 array that never changes, such as class indices; its shape is [n] by default.
   * @throws TypeError or RangeError if an argument is not valid
   * @example
   * g.constant(Int32Array.of(2, 0, 1)); // [2, 0, 1]
   */
  constant(value: Int32Array, shape?: Shape): IntNode;
  /**
   * Appends an array that never changes. By default, a number has shape [], and an array of n
   * elements has shape [n].
   * @throws TypeError or RangeError if an argument is not valid
   * @example
   * g.constant(Float32Array.of(1, 2, 3, 4), [2, 2]); // [[1, 2], [3, 4]]
   */
  constant(value: Values, shape?: Shape): Node;
  /**
   * Appends an int32 array, such as class indices or lengths, that `run` fills; it is 0 until then.
   * @throws TypeError or RangeError if an argument is not valid, RangeError if the name is taken or
   * the memory has no room, Error after dispose
   * @example
   * const labels = g.input("labels", [3], "int");
   */
  input(name: string, shape: Shape, type: "int"): IntNode;
  /**
   * Appends a float32 array that `run` fills by this name; it is 0 until then.
   * @throws TypeError or RangeError if an argument is not valid, RangeError if the name is taken or
   * the memory has no room, Error after dispose
   * @example
   * const sum = g.sum(g.input("x", [2]));
   * const step = g.compile(sum);
   * step.run({ x: Float32Array.of(1, 2) });
   * step.value(sum); // 3
   */
  input(name: string, shape: Shape, type?: Node["type"]): Node;
  /**
   * Plans a step that computes a scalar and its gradients.
   * @throws TypeError if an argument has another type; RangeError if the loss is not a scalar, a node
   * is of another graph or the memory has no room; Error after dispose
   * @example
   * const w = g.parameter([2], Float32Array.of(1, 2));
   * const loss = g.sum(g.square(w));
   * const step = g.compile(loss);
   * step.run();
   * step.value(loss); // 5
   */
  compile(loss: Node, options?: StepOptions): Step;
  /**
   * Frees the memory of the graph and of every step that was compiled from it. From then on its steps
   * throw an Error, and so do `parameter`, `input` and `compile`. Views of their values must no longer be used.
   * @example
   * g.dispose();
   */
  dispose(): void;
}

/** Options of a graph that is built by hand. */
export interface GraphOptions {
  /** Seed of the dropout masks: a whole number from 0 to 2^53 - 1; 0 by default. */
  readonly seed?: number;
}

/** Creates an empty graph over a runtime. */
export function createGraph(runtime: Runtime, options: GraphOptions = {}): Graph {
  const { seed = 0 } = checkOptions("graph", options, { seed: whole(0) });
  const tape = new Tape(runtime.kernels);
  const allocations = new Allocations<"graph">(runtime.heap, "graph");
  const random = allocations.allocate("graph", 16, "graph");
  runtime.heap.words.set([...seedWords(seed), 0, 0], random / 4);
  const parts: GraphParts = {
    runtime,
    allocations,
    tape,
    places: new Map(),
    inputs: new Map(),
    random,
  };
  const keep = (node: Node, value: Values): Node => {
    allocations.checkLive();
    checkValues(node.name, node.shape, value, node.type);
    const at = allocations.allocate("graph", size(node.shape) * 4, node.name);
    writeValues(runtime, node, at, value);
    parts.places.set(node, at);
    return node;
  };
  return immutable(
    withMethods<Graph>(
      Object.assign(opMethods(tape), {
        parameter: (shape, value) =>
          keep(tape.source("parameter", shape, { kind: "parameter" }), value),
        constant: ((value, shape) => tape.constant(value, shape)) as Graph["constant"],
        input: ((name, shape, type = "float") => {
          check("input", "name", name, text());
          check("input", "type", type, oneOf("float", "int"));
          if (parts.inputs.has(name)) {
            throw new RangeError(`input: expected a name of its own, "${name}" is taken`);
          }
          const node = keep(tape.source(name, shape, { kind: "input" }, type), 0);
          parts.inputs.set(name, node);
          return node;
        }) as Graph["input"],
        compile: (loss, options) => new Step(parts, loss, options),
        dispose: () => {
          allocations.releaseAll();
        },
      } satisfies Omit<Graph, keyof OpMethods>),
    ),
    "Graph",
    () => {
      allocations.checkLive();
      return tape.title;
    },
  );
}
