import { type IntNode, type Node, type Shape, type Values, checkValues } from "../graph/node.ts";
import { isNode, size } from "../graph/node.ts";
import { gradientsOf } from "../graph/copies.ts";
import type { Tape } from "../graph/tape.ts";
import { layBlock } from "../plan/offsets.ts";
import { Program } from "../plan/program.ts";
import { writeValues } from "../plan/values.ts";
import { checkOptions, flag, describeValue, list } from "../base/arguments.ts";
import type { Allocations } from "../memory/allocations.ts";
import { freezeButTag, plural, printable, renameDisposed } from "../base/printable.ts";
import type { Runtime } from "../wasm/runtime.ts";

/** An array of a graph: a live view of its elements, float32 or for a node of ints int32. */
export interface ArrayValue<Data = Float32Array> {
  /**
   * Row-major; of a constant a copy. The view is of the engine's memory: it must not be used after
   * the step, the graph or the engine has been disposed.
   */
  readonly data: Data;
  /** Lengths of its axes. */
  readonly shape: Shape;
}

/** What a node came to: a number if it is a scalar. */
type Value<Data = Float32Array | Int32Array> = number | ArrayValue<Data>;

/** What the steps of a graph share. */
export interface GraphHome {
  readonly runtime: Runtime;
  readonly allocations: Allocations<"graph">;
  readonly tape: Tape;
  /** Addresses of parameters and inputs. */
  readonly places: Map<Node, number>;
  readonly inputs: Map<string, Node>;
  /** Address of the random numbers' state. */
  readonly random: number;
}

/** What a step keeps and checks besides the loss and the parameters' gradients. */
export interface StepOptions {
  /** Nodes besides the scalar that `value` reads. */
  readonly outputs?: readonly Node[];
  /** Nodes besides the parameters that `gradient` reads. */
  readonly gradients?: readonly Node[];
  /** Whether every value is searched for NaN and infinities after a run; false by default. */
  readonly checkFinite?: boolean;
}

/** The error for a node that is none of those that are meant, or for what is no node. */
function refusal(who: string, expected: string, node: unknown): Error {
  const [Type, came] = isNode(node) ? [RangeError, node.name] : [TypeError, node];
  return new Type(`${who}: expected ${expected}, got ${describeValue(came)}`);
}

/** A constant as values are given back: a number, or an array of its own. */
function constantValue({ shape, type }: Node, value: Values): Value {
  const data = new (type === "int" ? Int32Array : Float32Array)(size(shape));
  if (typeof value === "number") data.fill(value);
  else data.set(value);
  return shape.length === 0 ? data[0]! : { data, shape };
}

/** A graph's scalar and its gradients, ready to be computed in one WebAssembly call. */
export class Step extends Object {
  readonly #home: GraphHome;
  readonly #program: Program;
  readonly #gradients: ReadonlyMap<Node, number>;
  /** The loss and the outputs. */
  readonly #kept: ReadonlySet<Node>;
  readonly #checkFinite: boolean;
  readonly #regions: number[] = [];

  constructor(home: GraphHome, loss: Node, options: StepOptions = {}) {
    const { places, random, runtime } = home;
    super();
    home.allocations.checkLive();
    const chosen = checkOptions("compile", options, {
      outputs: list("a list of nodes"),
      gradients: list("a list of nodes"),
      checkFinite: flag(),
    });
    const { outputs = [], gradients: asked = [], checkFinite = false } = chosen;
    home.tape.checkOwn("compile", [loss, ...outputs, ...asked]);
    const int = asked.find(({ type }) => type === "int");
    if (int) throw refusal("compile", "gradients of nodes of floats", int);
    this.#home = home;
    this.#kept = new Set([loss, ...outputs]);
    this.#checkFinite = checkFinite;
    // The sweep is this step's alone: later ones need not walk it.
    const tape = home.tape.fork();
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
   * Computes the scalar, the outputs and the gradients.
   * @param inputs new values for inputs, by name
   * @throws RangeError if there is no such input, its length differs, or with checkFinite at the
   * first op whose value is not finite
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
      const node = this.#home.inputs.get(name);
      if (!node) {
        const names = [...this.#home.inputs.keys()].join(", ") || "none";
        throw new RangeError(`run: expected the name of an input (${names}), got "${name}"`);
      }
      checkValues(name, node.shape, inputs[name]!);
    }
    for (const name in inputs) this.set(this.#home.inputs.get(name)!, inputs[name]!);
    this.#program.run();
    if (this.#checkFinite) this.#program.checkFinite("run");
  }

  /**
   * Gives a parameter or an input new values.
   * @throws RangeError if it is neither, or the length differs; Error after dispose
   * @example
   * const w = g.parameter([2], 0);
   * const loss = g.sum(w);
   * const step = g.compile(loss);
   * step.set(w, Float32Array.of(1, 2));
   * step.run();
   * step.value(loss); // 3
   */
  set(node: Node, value: Values): void {
    this.#home.allocations.checkLive();
    const at = this.#home.places.get(node);
    if (at === undefined) throw refusal("set", "a parameter or an input", node);
    checkValues(node.name, node.shape, value);
    writeValues(this.#home.runtime, node, at, value);
  }

  /**
   * The ints that a node came to: an output, an input or a constant.
   * @throws RangeError for other nodes; Error after dispose
   * @example
   * const place = g.argmax(g.constant(Float32Array.of(1, 3, 2)));
   * const step = g.compile(g.parameter([], 0), { outputs: [place] });
   * step.run();
   * step.value(place); // 1
   */
  value(node: IntNode): number | ArrayValue<Int32Array>;
  /**
   * What a node came to: the loss, an output, a parameter, an input or a constant.
   * @throws RangeError for other nodes, whose place may hold something else by now; Error after
   * dispose
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
    const { places, tape } = this.#home;
    if (!node || tape.nodes[node.id] !== node) throw refusal("value", "a node of this graph", node);
    if (node.source?.kind === "constant") return constantValue(node, node.source.value);
    const place = places.get(node);
    if (place !== undefined) return this.#read(node, place);
    if (!this.#kept.has(node)) throw refusal("value", "the loss or one of outputs", node);
    return this.#read(node, this.#program.address(node));
  }

  /**
   * The derivative of the loss by a parameter, or by a node that was listed in `gradients`.
   * @throws RangeError for other nodes; Error after dispose
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
    const data = this.#home.runtime.heap.view(at, size(shape))();
    return shape.length === 0 ? data[0]! : { data, shape };
  }

  /**
   * Gives back the memory of this step; parameters and inputs stay with the graph.
   * @example
   * const step = g.compile(g.sum(g.parameter([2], 1)));
   * step.dispose();
   */
  dispose(): void {
    for (const region of this.#regions.splice(0)) this.#home.allocations.release(region);
    renameDisposed(this);
  }

  /** As dispose, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Places for the gradients; where the loss does not depend on a target they stay 0. */
  #placeGradients(targets: readonly Node[]): Map<Node, number> {
    const [offsets, bytes] = layBlock(targets);
    const block = this.#allocate(bytes);
    this.#home.runtime.heap.bytes.fill(0, block, block + bytes);
    return new Map(targets.map((node, i) => [node, block + offsets[i]!]));
  }

  /** @throws RangeError if the memory has no room; the step has then given back what it had */
  #allocate(bytes: number): number {
    try {
      const region = this.#home.allocations.allocate("graph", bytes, "graph");
      this.#regions.push(region);
      return region;
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** @throws Error after the step, its graph or its engine has been disposed */
  #checkLive(): void {
    this.#home.allocations.checkLive();
    if (this.#regions.length === 0) {
      throw new Error("step: expected a live step, it has been disposed");
    }
  }

  #read({ shape, type }: Node, at: number): Value {
    const floats = this.#home.runtime.heap.view(at, size(shape))();
    const data = type === "int" ? new Int32Array(floats.buffer, at, floats.length) : floats;
    return shape.length === 0 ? data[0]! : { data, shape };
  }
}
