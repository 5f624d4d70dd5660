import { plural, printable } from "../base/printable.ts";
import { checkShape, describe } from "../base/shape.ts";
import { describeValue } from "../base/arguments.ts";
import type { Computation, Node, Output, Recorder, Shape, Source, Values } from "./node.ts";
import { checkValues, isNode, nodesOf } from "./node.ts";

/** Scratch that a matrix product of these sizes needs, in bytes; the kernels know it. */
export type GemmScratch = (m: number, n: number, k: number) => number;

/** A source that holds its values by itself, whatever becomes of the caller's array. */
function withOwnValues(source: Source): Source {
  const { value } = source.kind === "constant" ? source : {};
  return typeof value === "object" ? { kind: "constant", value: value.slice() } : source;
}

/** What all nodes inherit: `Node(matmul [32, 10])`. */
const NODE = /* @__PURE__ */ printable({} as Node, "Node", ({ computation, name, shape }) => {
  return `Node(${computation?.op ?? name} ${describe(shape)})`;
});

/** The nodes of a graph in the order in which they were recorded, so inputs come first. */
export class Tape implements Recorder {
  readonly nodes: Node[] = [];
  readonly gemmScratch: GemmScratch;
  readonly #scalars = new Map<number, Node>();
  #random: Node | undefined;
  #streams = 0;
  #scope = "";

  constructor(gemmScratch: GemmScratch) {
    this.gemmScratch = gemmScratch;
  }

  /** Names what is recorded inside, for errors: `dense(128)`. */
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
    const from = aliasOf ?? outputOf;
    const inputs = from ? [from] : nodesOf(instruction);
    this.checkOwn(computation.op, inputs);
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

  /** @throws TypeError unless all are nodes, RangeError unless they are of this graph */
  checkOwn(op: string, nodes: readonly Node[]): void {
    for (const node of nodes) {
      if (!isNode(node)) throw new TypeError(`${op}: expected a node, got ${describeValue(node)}`);
      if (this.nodes[node.id] === node) continue;
      throw this.fail(op, `expected nodes of this graph, got "${node.name}" of another`);
    }
  }

  /** A node that something outside the graph fills. */
  source(name: string, shape: Shape, source: Source, type: Node["type"] = "float"): Node {
    checkShape(name, shape);
    if (source.kind === "constant") checkValues(name, shape, source.value);
    return this.#add({
      name,
      shape: shape.slice(),
      type,
      inputs: [],
      source: withOwnValues(source),
    });
  }

  /** An array that never changes, of int32 for class indices; a number is a scalar, a list [n]. */
  constant(
    value: Values,
    shape: Shape = typeof value === "number" ? [] : [value?.length ?? 0],
  ): Node {
    const type = value instanceof Int32Array ? "int" : "float";
    return this.source("constant", shape, { kind: "constant", value }, type);
  }

  scalar(value: number): Node {
    // A map takes -0 for 0.
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

  /** A tape that goes on from here by itself: what is recorded in it is not in this one. */
  fork(): Tape {
    const fork = new Tape(this.gemmScratch);
    for (const node of this.nodes) fork.nodes.push(node);
    for (const [value, node] of this.#scalars) fork.#scalars.set(value, node);
    fork.#random = this.#random;
    fork.#streams = this.#streams;
    return fork;
  }

  /** `Graph(12 nodes)`. */
  get title(): string {
    return `Graph(${plural(this.nodes.length, "node")})`;
  }

  /** The node of the random numbers' state, if anything asked for it. */
  get randomState(): Node | undefined {
    return this.#random;
  }

  #add(node: Omit<Node, "id">): Node {
    const { name, shape, type, inputs, computation, source } = node;
    const id = this.nodes.length;
    // Field by field: with a spread V8 takes 7 us to make it, and 0.1 us without.
    const added = { __proto__: NODE, id, name, shape, type, inputs, computation, source };
    Object.freeze(added);
    Object.freeze(shape);
    this.nodes.push(added);
    return added;
  }
}
