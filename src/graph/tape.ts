import { plural, printable } from "../base/printable.ts";
import { checkShape, describe, size } from "../base/shape.ts";
import { describeValue } from "../base/arguments.ts";
import type { Computation, Node, Output, Recorder, ScratchSizes } from "./node.ts";
import type { Shape, Source, Values } from "./node.ts";
import { isNode, nodesOf } from "./node.ts";

/**
 * Checks the values of an array.
 * @throws TypeError if they have another type, RangeError if they are too few or too many
 */
export function checkValues(
  name: string,
  shape: Shape,
  value: Values,
  type: Node["type"] = "float",
): void {
  const isInt = type === "int";
  if (typeof value === "number" && (!isInt || value === (value | 0))) return;
  const kind = isInt ? "a whole number or an Int32Array" : "a number or a Float32Array";
  const expected = `${kind} of ${size(shape)} for shape ${describe(shape)}`;
  if (!(value instanceof (isInt ? Int32Array : Float32Array))) {
    throw new TypeError(`${name}: expected ${expected}, got ${describeValue(value)}`);
  }
  if (value.length !== size(shape)) {
    throw new RangeError(`${name}: expected ${expected}, got ${value.length} numbers`);
  }
}

/** Returns the source with a copy of its values, because the caller's array may change. */
function withOwnValues(source: Source): Source {
  const { value } = source.kind === "constant" ? source : {};
  return typeof value === "object" ? { kind: "constant", value: value.slice() } : source;
}

/** Prototype of all nodes, which makes them print as `Node(matmul [32, 10])`. */
const NODE = /* @__PURE__ */ printable({} as Node, "Node", ({ computation, name, shape }) => {
  return `Node(${computation?.op ?? name} ${describe(shape)})`;
});

/** Elements of an array that fills all memory that there can be. */
const MOST_ELEMENTS = 2 ** 30;

/** A graph: its nodes in the order in which they were appended, so that inputs come first. */
export class Tape implements Recorder {
  readonly nodes: Node[] = [];
  readonly kernels: ScratchSizes;
  readonly #scalars = new Map<number, Node>();
  #random: Node | undefined;
  #streams = 0;
  #scope = "";

  constructor(kernels: ScratchSizes) {
    this.kernels = kernels;
  }

  /** Calls `record`. Nodes and errors in it are named after the scope, such as `dense(128)`. */
  within<T>(scope: string, record: () => T): T {
    const outer = this.#scope;
    this.#scope = scope;
    try {
      return record();
    } finally {
      this.#scope = outer;
    }
  }

  fail(op: string, text: string): RangeError {
    return new RangeError(`${this.#scope || op}: ${text}`);
  }

  append(computation: Computation, shape: Shape, type: Node["type"] = "float"): Node {
    const { instruction, aliasOf, outputOf } = computation;
    if (size(shape) > MOST_ELEMENTS) {
      const expected = `a result of at most ${MOST_ELEMENTS} elements, 4 GiB`;
      throw this.fail(computation.op, `expected ${expected}, got ${describe(shape)}`);
    }
    const from = aliasOf ?? outputOf;
    const inputs = from ? [from] : nodesOf(instruction);
    this.checkOwn(computation.op, inputs);
    if (!from) this.checkFloats(computation.op, inputs, computation.ints);
    const name = this.#scope || computation.op;
    return this.#add({ name, shape: shape.slice(), type, inputs, computation });
  }

  appendAll(computation: Computation, outputs: readonly Output[]): Node[] {
    const nodes: Node[] = [];
    const outputOf = this.append({ ...computation, outputs: nodes }, [0]);
    for (const { shape, type, isOptional = false } of outputs) {
      nodes.push(this.append({ op: computation.op, outputOf, isOptional }, shape, type));
    }
    return nodes;
  }

  /**
   * Checks the inputs of an op.
   * @throws TypeError unless all are nodes, RangeError unless they are of this graph
   */
  checkOwn(op: string, nodes: readonly Node[]): void {
    for (const node of nodes) {
      if (!isNode(node)) throw new TypeError(`${op}: expected a node, got ${describeValue(node)}`);
      if (this.nodes[node.id] === node) continue;
      throw this.fail(op, `expected nodes of this graph, got "${node.name}" of another`);
    }
  }

  /** @throws RangeError if a node is of ints and none of those that may be */
  checkFloats(op: string, nodes: readonly Node[], ints: readonly Node[] = []): void {
    const int = nodes.find((node) => node.type === "int" && !ints.includes(node));
    if (int)
      throw this.fail(op, `expected floats, got "${int.name}" of ints; toFloat converts them`);
  }

  /**
   * Appends a node whose elements come from outside the graph.
   * @throws TypeError or RangeError if the shape or the values are not valid
   */
  source(name: string, shape: Shape, source: Source, type: Node["type"] = "float"): Node {
    checkShape(name, shape);
    if (source.kind === "constant") checkValues(name, shape, source.value, type);
    return this.#add({
      name,
      shape: shape.slice(),
      type,
      inputs: [],
      source: withOwnValues(source),
    });
  }

  /**
   * Appends an array that never changes, of int32 if the values are. By default, a number has shape
   * [], and an array of n elements has shape [n].
   */
  constant(
    value: Values,
    shape: Shape = typeof value === "number" ? [] : [value?.length ?? 0],
  ): Node {
    const type = value instanceof Int32Array ? "int" : "float";
    return this.source("constant", shape, { kind: "constant", value }, type);
  }

  scalar(value: number): Node {
    // A Map does not tell -0 from 0.
    const known = Object.is(value, -0) ? undefined : this.#scalars.get(value);
    if (known) return known;
    const node = this.source(String(value), [], { kind: "constant", value });
    this.#scalars.set(value, node);
    return node;
  }

  random(): { state: Node; stream: number } {
    this.#random ??= this.source("random", [4], { kind: "random" }, "int");
    return { state: this.#random, stream: this.#streams++ };
  }

  /** Returns a copy with the same nodes. Nodes that are appended to it are not in this tape. */
  fork(): Tape {
    const fork = new Tape(this.kernels);
    for (const node of this.nodes) fork.nodes.push(node);
    for (const [value, node] of this.#scalars) fork.#scalars.set(value, node);
    fork.#random = this.#random;
    fork.#streams = this.#streams;
    return fork;
  }

  /** Returns the number of multiply-adds of the products that the nodes from `first` on compute. */
  multiplyAdds(first = 0): number {
    const products = this.nodes.slice(first).map(({ computation }) => computation?.multiplyAdds);
    return products.reduce<number>((sum, product = 0) => sum + product, 0);
  }

  /** Text that graphs print as: `Graph(12 nodes)`. */
  get title(): string {
    return `Graph(${plural(this.nodes.length, "node")})`;
  }

  /** Node of the state of random numbers; undefined if the graph draws none. */
  get randomState(): Node | undefined {
    return this.#random;
  }

  #add(node: Omit<Node, "id">): Node {
    const { name, shape, type, inputs, computation, source } = node;
    const id = this.nodes.length;
    // With a spread V8 takes 7 us to make the node, field by field 0.1 us.
    const added = { __proto__: NODE, id, name, shape, type, inputs, computation, source };
    Object.freeze(added);
    Object.freeze(shape);
    this.nodes.push(added);
    return added;
  }
}
