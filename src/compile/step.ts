import { type IntNode, type Node, type Shape, type Values } from "../graph/node.ts";
import { isNode, size } from "../graph/node.ts";
import { gradientsOf } from "../graph/copies.ts";
import { type Tape, checkValues } from "../graph/tape.ts";
import { layBlock } from "../plan/offsets.ts";
import { Program } from "../plan/program.ts";
import { writeValues } from "../plan/values.ts";
import { checkOptions, flag, describeValue, list } from "../base/arguments.ts";
import type { Allocations } from "../memory/allocations.ts";
import { freezeButTag, plural, printable, renameDisposed } from "../base/printable.ts";
import type { Runtime } from "../wasm/runtime.ts";

/** Value or gradient of a node that is not a scalar: float32, or int32 for a node of ints. */
export interface ArrayValue<Data = Float32Array> {
  /**
   * Elements, row-major: a live view of the engine's memory, or a copy if the node is a constant.
   * The view must not be used after the step, the graph or the engine has been disposed.
   */
  readonly data: Data;
  /** Lengths of its axes. */
  readonly shape: Shape;
}

/** Value of a node: a number if the node is a scalar. */
type Value<Data = Float32Array | Int32Array> = number | ArrayValue<Data>;

/** Parts that all steps of a graph share. */
export interface GraphParts {
  readonly runtime: Runtime;
  readonly allocations: Allocations<"graph">;
  readonly tape: Tape;
  /** Addresses of parameters and inputs. */
  readonly places: Map<Node, number>;
  /** Inputs by name. */
  readonly inputs: Map<string, Node>;
  /** Address of the random state. */
  readonly random: number;
}

/** Options of a step. */
export interface StepOptions {
  /** Nodes that `value` reads besides the loss. */
  readonly outputs?: readonly Node[];
  /** Nodes that `gradient` reads besides the parameters. */
  readonly gradients?: readonly Node[];
  /** True to search every value for NaN and infinities after each run; false by default. */
  readonly checkFinite?: boolean;
}

/** Returns a RangeError for a node that is not an expected one, a TypeError for other values. */
function refusal(who: string, expected: string, node: unknown): Error {
  const [Type, came] = isNode(node) ? [RangeError, node.name] : [TypeError, node];
  return new Type(`${who}: expected ${expected}, got ${describeValue(came)}`);
}

/** Returns the value of a constant: a number, or a copy of its elements. */
function constantValue({ shape, type }: Node, value: Values): Value {
  const data = new (type === "int" ? Int32Array : Float32Array)(size(shape));
  if (typeof value === "number") data.fill(value);
  else data.set(value);
  return shape.length === 0 ? data[0]! : { data, shape };
}

/** A graph's loss and its gradients, which one WebAssembly call computes. */
export class Step extends Object {
  readonly #parts: GraphParts;
  readonly #program: Program;
  readonly #gradients: ReadonlyMap<Node, number>;
  /** Nodes whose values `value` reads from the program: the loss and the outputs. */
  readonly #kept: ReadonlySet<Node>;
  readonly #checkFinite: boolean;
  readonly #regions: number[] = [];

  constructor(parts: GraphParts, loss: Node, options: StepOptions = {}) {
    const { places, random, runtime } = parts;
    super();
    parts.allocations.checkLive();
    const chosen = checkOptions("compile", options, {
      outputs: list("a list of nodes"),
      gradients: list("a list of nodes"),
      checkFinite: flag(),
    });
    const { outputs = [], gradients: asked = [], checkFinite = false } = chosen;
    parts.tape.checkOwn("compile", [loss, ...outputs, ...asked]);
    const int = asked.find(({ type }) => type === "int");
    if (int) throw refusal("compile", "gradients of nodes of floats", int);
    this.#parts = parts;
    this.#kept = new Set([loss, ...outputs]);
    this.#checkFinite = checkFinite;
    // The sweep's nodes belong to this step alone, so that later steps do not walk over them.
    const tape = parts.tape.fork();
    const parameters = [...places.keys()].filter((node) => node.source?.kind === "parameter");
    const targets = [...new Set([...parameters, ...asked])];
    const gradients = gradientsOf(tape, loss, targets);
    this.#gradients = this.#placeGradients(targets);
    const pinned = new Map(places);
    if (tape.randomState) pinned.set(tape.randomState, random);
    for (const [target, gradient] of gradients) {
      pinned.set(gradient, this.#gradients.get(target)!);
    }
    this.#program = new Program(runtime, {
      outputs: [...this.#kept, ...gradients.values()],
      pinned,
      keepsAll: checkFinite,
      randomState: tape.randomState,
    });
    const { plan, ownBytes } = this.#program;
    this.#program.place({
      arena: this.#allocate(plan.arenaBytes),
      scratch: this.#allocate(plan.scratchBytes),
      own: this.#allocate(ownBytes),
    });
    const title = `Step(${loss.computation?.op ?? loss.name}, ${plural(targets.length, "gradient")})`;
    printable<Step>(this, title, () => {
      this.#checkLive();
      return title;
    });
    freezeButTag(this);
  }

  /**
   * Computes the loss, the outputs and the gradients.
   * @param inputs new values by the inputs' names; inputs that are left out keep theirs
   * @throws TypeError if the values have another type; RangeError if there is no input of a name,
   * if the number of values differs, or, with checkFinite, naming the first op whose value is not
   * finite; Error after dispose
   * @example
   * const loss = g.mean(g.input("x", [3]));
   * const step = g.compile(loss);
   * step.run({ x: Float32Array.of(1, 2, 6) });
   * step.value(loss); // 3
   */
  run(inputs: Readonly<Record<string, Values>> = {}): void {
    this.#checkLive();
    if (typeof inputs !== "object" || inputs === null || Array.isArray(inputs)) {
      throw new TypeError(
        `run: expected an object of values by name, got ${describeValue(inputs)}`,
      );
    }
    for (const name in inputs) {
      const node = this.#parts.inputs.get(name);
      if (!node) {
        const names = [...this.#parts.inputs.keys()].join(", ") || "none";
        throw new RangeError(`run: expected the name of an input (${names}), got "${name}"`);
      }
      checkValues(name, node.shape, inputs[name]!, node.type);
    }
    for (const name in inputs) this.set(this.#parts.inputs.get(name)!, inputs[name]!);
    this.#program.run();
    if (this.#checkFinite) this.#program.checkFinite("run");
  }

  /**
   * Sets the values of a parameter or an input.
   * @throws TypeError if an argument has another type; RangeError if the node is neither, or if the
   * number of values differs; Error after dispose
   * @example
   * const w = g.parameter([2], 0);
   * const loss = g.sum(w);
   * const step = g.compile(loss);
   * step.set(w, Float32Array.of(1, 2));
   * step.run();
   * step.value(loss); // 3
   */
  set(node: Node, value: Values): void {
    this.#parts.allocations.checkLive();
    const at = this.#parts.places.get(node);
    if (at === undefined) throw refusal("set", "a parameter or an input", node);
    checkValues(node.name, node.shape, value, node.type);
    writeValues(this.#parts.runtime, node, at, value);
  }

  /**
   * Returns the ints of an output, an input or a constant: a number if the node is a scalar.
   * @throws RangeError for other nodes, TypeError for other values, Error after dispose
   * @example
   * const place = g.argmax(g.constant(Float32Array.of(1, 3, 2)));
   * const step = g.compile(g.parameter([], 0), { outputs: [place] });
   * step.run();
   * step.value(place); // 1
   */
  value(node: IntNode): number | ArrayValue<Int32Array>;
  /**
   * Returns the value of the loss, an output, a parameter, an input or a constant: a number if the
   * node is a scalar.
   * @throws RangeError for other nodes, whose memory another value may have taken by now; TypeError
   * for other values; Error after dispose
   * @example
   * const w = g.parameter([2], 3);
   * const squares = g.square(w);
   * const step = g.compile(g.sum(squares), { outputs: [squares] });
   * step.run();
   * step.value(squares); // { data: Float32Array(2) [ 9, 9 ], shape: [ 2 ] }
   */
  value(node: Node): number | ArrayValue;
  value(node: Node): Value {
    this.#checkLive();
    const { places, tape } = this.#parts;
    if (!node || tape.nodes[node.id] !== node) throw refusal("value", "a node of this graph", node);
    if (node.source?.kind === "constant") return constantValue(node, node.source.value);
    const place = places.get(node);
    if (place !== undefined) return this.#read(node, place);
    if (!this.#kept.has(node)) throw refusal("value", "the loss or one of outputs", node);
    return this.#read(node, this.#program.address(node));
  }

  /**
   * Returns the derivative of the loss with respect to a parameter, or to a node of the option
   * `gradients`: a number if the node is a scalar. It is 0 if the loss does not depend on the node.
   * @throws RangeError for other nodes, TypeError for other values, Error after dispose
   * @example
   * const w = g.parameter([2], 3);
   * const step = g.compile(g.sum(g.square(w)));
   * step.run();
   * step.gradient(w); // { data: Float32Array(2) [ 6, 6 ], shape: [ 2 ] }
   */
  gradient(node: Node): number | ArrayValue {
    this.#checkLive();
    const at = this.#gradients.get(node);
    if (at === undefined) {
      throw refusal("gradient", "a parameter or a node of `gradients`", node);
    }
    const { shape } = node;
    const data = this.#parts.runtime.heap.view(at, size(shape))();
    return shape.length === 0 ? data[0]! : { data, shape };
  }

  /**
   * Frees the memory of this step; parameters and inputs stay with the graph.
   * @example
   * const step = g.compile(g.sum(g.parameter([2], 1)));
   * step.dispose();
   */
  dispose(): void {
    for (const region of this.#regions.splice(0)) this.#parts.allocations.release(region);
    renameDisposed(this);
  }

  /** Does what dispose does; a `using` declaration calls it. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /**
   * Returns addresses for the gradients; a gradient stays 0 if the loss does not depend on its
   * node.
   */
  #placeGradients(targets: readonly Node[]): Map<Node, number> {
    const [offsets, bytes] = layBlock(targets);
    const block = this.#allocate(bytes);
    this.#parts.runtime.heap.bytes.fill(0, block, block + bytes);
    return new Map(targets.map((node, i) => [node, block + offsets[i]!]));
  }

  /**
   * @throws RangeError if the memory has no room, after the step has freed what it had allocated
   */
  #allocate(bytes: number): number {
    try {
      const region = this.#parts.allocations.allocate("graph", bytes, "graph");
      this.#regions.push(region);
      return region;
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** @throws Error after the step, its graph or its engine has been disposed */
  #checkLive(): void {
    this.#parts.allocations.checkLive();
    if (this.#regions.length === 0) {
      throw new Error("step: expected a live step, it has been disposed");
    }
  }

  #read({ shape, type }: Node, at: number): Value {
    const floats = this.#parts.runtime.heap.view(at, size(shape))();
    const data = type === "int" ? new Int32Array(floats.buffer, at, floats.length) : floats;
    return shape.length === 0 ? data[0]! : { data, shape };
  }
}
