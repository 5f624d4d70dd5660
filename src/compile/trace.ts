import { type Node, type Shape, describe, storageOf } from "../graph/node.ts";
import { check, describeValue, text } from "../base/arguments.ts";
import { printable, withMethods } from "../base/printable.ts";
import { opMethods } from "../graph/ops/index.ts";
import type { Tape } from "../graph/tape.ts";
import { type Initializer, initializer as initializerRule } from "../initializers.ts";
import {
  type Inputs,
  type Layer,
  type LayerGraph,
  type Network,
  isLayer,
} from "../layers/layer.ts";

/** A parameter that a layer asks for. */
export interface ParameterSpec {
  /** `dense1.weight`. */
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
}

/** Arrays that layers asked for, in order, and the nodes that stand for them in this recording. */
export interface Asked {
  readonly specs: ParameterSpec[];
  readonly nodes: Node[];
}

/** A layer in its place. */
export interface PlacedLayer {
  /** `dense1`. */
  readonly name: string;
  readonly label: string;
  /** Of a batch. */
  readonly outputShape: Shape;
  /** Positions in the list of parameters. */
  readonly parameters: readonly number[];
}

/** What recording a network once has shown. */
export interface Trace {
  /** What it was recorded in. */
  readonly graph: LayerGraph;
  readonly parameters: Asked;
  readonly buffers: Asked;
  /** What buffers hold after a training step. */
  readonly updates: ReadonlyMap<Node, Node>;
  /** Scalars that are added to the loss. */
  readonly penalties: readonly Node[];
  /** Nodes that hold ids and not measures: bytes of them are not scaled. */
  readonly ids: ReadonlySet<Node>;
  /** The outermost layers, in the order of their use. */
  readonly layers: readonly PlacedLayer[];
  /** All layers, in the order of their first use. */
  readonly scopes: ReadonlyMap<Layer, Scope>;
  readonly output: Node;
}

/** Layers of a network that every recording of it meets again, and their names. */
export type LayerNames = ReadonlyMap<Layer, string>;

/** A layer at work: whose parameters are asked for. */
export interface Scope {
  /** `dense1`. */
  readonly name: string;
  /** Parameters and buffers, in the order in which it asks for them. */
  readonly arrays: Node[];
  /** How many of them this use of the layer has asked for. */
  asked: number;
}

/** Records a network layer by layer and keeps the books on what it asks for. */
class Tracer {
  readonly parameters: Asked = { specs: [], nodes: [] };
  readonly buffers: Asked = { specs: [], nodes: [] };
  readonly updates = new Map<Node, Node>();
  readonly penalties: Node[] = [];
  readonly ids = new Set<Node>();
  readonly layers: PlacedLayer[] = [];
  readonly scopes = new Map<Layer, Scope>();
  readonly graph: LayerGraph;
  readonly #tape: Tape;
  readonly #inputs: readonly string[];
  readonly #names: LayerNames;
  /** Names that are not for other layers. */
  readonly #taken: ReadonlySet<string>;
  readonly #counts = new Map<string, number>();
  /** Parameters that have their penalty. */
  readonly #penalised = new Set<Node>();
  /** The buffer that an update is of: later uses of a layer read the update and go on from it. */
  readonly #updated = new Map<Node, Node>();
  /** The layers at work, the innermost last. */
  readonly #scopes: Scope[] = [];

  constructor(tape: Tape, inputs: readonly string[], training: boolean, names: LayerNames) {
    this.#tape = tape;
    this.#inputs = inputs;
    this.#names = names;
    this.#taken = new Set(names.values());
    const graph: LayerGraph = {
      ...opMethods(tape),
      record: (computation, shape, type) => tape.record(computation, shape, type),
      recordAll: (computation, outputs) => tape.recordAll(computation, outputs),
      scalar: (value) => tape.scalar(value),
      constant: (value, shape) => tape.constant(value, shape),
      gemmScratch: tape.gemmScratch,
      fail: (op, text) => tape.fail(op, text),
      training,
      random: () => tape.random(),
      parameter: (name, shape, initializer) =>
        this.#array(this.parameters, { name, shape, initializer }),
      buffer: (name, shape, initializer) => this.#array(this.buffers, { name, shape, initializer }),
      update: (buffer, value) => this.#update(buffer, value),
      addLoss: (penalty, of) => {
        this.#addLoss(penalty, of);
      },
      readsIds: (x) => {
        tape.checkOwn("readsIds", [x]);
        this.ids.add(storageOf(x));
      },
      use: (layer, x) => this.#use(layer, x),
    };
    this.graph = printable(withMethods(graph), "Graph", () => tape.title);
  }

  #use(layer: Layer, x: Node): Node {
    if (!isLayer(layer)) throw new TypeError(`use: expected a layer, got ${describeValue(layer)}`);
    if (x?.shape === undefined) {
      const names = this.#inputs.join(", ");
      throw new TypeError(
        `${layer.label}: expected a node, got ${describeValue(x)}; inputs are ${names}`,
      );
    }
    const scope = this.#scopeOf(layer);
    scope.asked = 0;
    this.#scopes.push(scope);
    const { specs } = this.parameters;
    const first = specs.length;
    const output = this.#tape.within(layer.label, () => layer.record(this.graph, x));
    checkReturned(layer.label, output);
    this.#scopes.pop();
    if (this.#scopes.length === 0) {
      const parameters = specs.slice(first).map((_, i) => first + i);
      const { label } = layer;
      this.layers.push({ name: scope.name, label, outputShape: output.shape, parameters });
    }
    return output;
  }

  #scopeOf(layer: Layer): Scope {
    const known = this.scopes.get(layer);
    if (known) return known;
    const name = this.#names.get(layer) ?? this.#nextName(layer.kind);
    const scope = { name, arrays: [], asked: 0 };
    this.scopes.set(layer, scope);
    return scope;
  }

  /** A layer that this recording alone meets is named by its place among those of its kind. */
  #nextName(kind: string): string {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const name = `${kind}${count}`;
    return this.#taken.has(name) ? this.#nextName(kind) : name;
  }

  #array(kind: Asked, { name, shape, initializer }: ParameterSpec): Node {
    const scope = this.#scopes.at(-1);
    check(scope?.name ?? "network", "the array's name", name, text());
    if (!scope) throw new Error(`${name}: expected a layer to ask for it, by use`);
    check(`${scope.name}.${name}`, "its initializer", initializer, initializerRule());
    const known = scope.arrays[scope.asked++];
    if (known) return this.#sameShape(this.updates.get(known) ?? known, shape);
    const full = `${scope.name}.${name}`;
    const node = this.#tape.source(full, shape, { kind: "parameter" });
    scope.arrays.push(node);
    kind.nodes.push(node);
    kind.specs.push({ name: full, shape, initializer });
    return node;
  }

  #addLoss(penalty: Node, of?: Node): void {
    this.#tape.checkOwn("addLoss", of === undefined ? [penalty] : [penalty, of]);
    if (of && this.#penalised.has(of)) return;
    if (of) this.#penalised.add(of);
    if (penalty.shape.length > 0) {
      throw this.#tape.fail("addLoss", `expected a scalar, got ${describe(penalty.shape)}`);
    }
    this.penalties.push(penalty);
  }

  #update(read: Node, value: Node): void {
    this.#tape.checkOwn("update", [read, value]);
    const isBuffer = this.buffers.nodes.includes(read);
    const buffer = isBuffer ? read : this.#updated.get(read);
    if (!buffer) {
      throw this.#tape.fail("update", `expected a buffer, got "${read.name}"`);
    }
    if (describe(value.shape) !== describe(buffer.shape)) {
      const came = describe(value.shape);
      throw this.#tape.fail(
        "update",
        `expected ${describe(buffer.shape)} for "${buffer.name}", got ${came}`,
      );
    }
    this.updates.set(buffer, value);
    this.#updated.set(value, buffer);
  }

  /** A layer's parameter in a later use of it. */
  #sameShape(known: Node, shape: Shape): Node {
    if (describe(known.shape) === describe(shape)) return known;
    const came = `${describe(known.shape)}, and ${describe(shape)} in a later one`;
    throw new RangeError(`${known.name}: expected one shape in all uses of the layer, got ${came}`);
  }
}

/** @throws TypeError unless record has returned a node: its return is what gets forgotten */
function checkReturned(who: string, output: Node | undefined): void {
  if (output?.shape === undefined) {
    throw new TypeError(`${who}: expected record to return a node, got ${describeValue(output)}`);
  }
}

/**
 * Records a network for a batch.
 * @param names of layers that earlier recordings have named
 * @throws RangeError from the layer that cannot take what comes, TypeError from one that is none, or
 * where no node is returned
 */
export function trace(
  tape: Tape,
  network: Network,
  inputs: Readonly<Record<string, Node>>,
  training: boolean,
  names: LayerNames = new Map(),
): Trace {
  const tracer = new Tracer(tape, Object.keys(inputs), training, names);
  // A network whose only input is not called x does not read x.
  const output = network.record(tracer.graph, inputs as Inputs);
  checkReturned("network", output);
  return Object.assign(tracer, { output });
}

/** Names of the layers that two recordings share: the network's function did not make them anew. */
export function lastingNames(first: Trace, second: Trace): LayerNames {
  const shared = [...first.scopes].filter(([layer]) => second.scopes.has(layer));
  return new Map(shared.map(([layer, { name }]) => [layer, name]));
}
