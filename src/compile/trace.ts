import { type Node, type Shape, describe, size, storageOf } from "../graph/node.ts";
import { check, describeValue, text } from "../base/arguments.ts";
import { printable, withMethods } from "../base/printable.ts";
import { type OpMethods, opMethods } from "../graph/ops/index.ts";
import type { Tape } from "../graph/tape.ts";
import { initializer as initializerRule, zeros } from "../initializers.ts";
import type { Decoding, Inputs, Layer, LayerGraph } from "../layers/layer.ts";
import { type LayerInputs, type Network, isLayer } from "../layers/layer.ts";
import type { LayerArrays, LayerNames, Mode, ParameterSpec } from "./traced.ts";
import type { PlacedLayer, Scope, Trace } from "./traced.ts";

/** Records a network layer by layer and collects the arrays that its layers ask for. */
class Tracer {
  readonly parameters: LayerArrays = { specs: [], nodes: [] };
  readonly buffers: LayerArrays = { specs: [], nodes: [] };
  readonly states: LayerArrays = { specs: [], nodes: [] };
  readonly updates = new Map<Node, Node>();
  readonly penalties: Node[] = [];
  readonly ids = new Set<Node>();
  readonly layers: PlacedLayer[] = [];
  readonly scopes = new Map<Layer, Scope>();
  readonly graph: LayerGraph;
  readonly #tape: Tape;
  readonly #inputs: readonly string[];
  readonly #names: LayerNames;
  /** Names of layers that last, which no other layer may take. */
  readonly #taken: ReadonlySet<string>;
  readonly #counts = new Map<string, number>();
  /** Parameters whose penalty has been added. */
  readonly #penalised = new Set<Node>();
  /** Buffer of each update: a later use of the layer reads the update and updates it further. */
  readonly #updated = new Map<Node, Node>();
  /** Layers that are recording themselves, the innermost last. */
  readonly #scopes: Scope[] = [];
  /** Number of these that give each step to layers within them as an example. */
  #separate = 0;

  constructor(tape: Tape, inputs: readonly string[], mode: Mode, names: LayerNames) {
    this.#tape = tape;
    this.#inputs = inputs;
    this.#names = names;
    this.#taken = new Set(names.values());
    const graph = Object.assign(opMethods(tape), {
      append: (computation, shape, type) => tape.append(computation, shape, type),
      appendAll: (computation, outputs) => tape.appendAll(computation, outputs),
      scalar: (value) => tape.scalar(value),
      constant: (value, shape) => tape.constant(value, shape),
      kernels: tape.kernels,
      fail: (op, text) => tape.fail(op, text),
      training: mode.training,
      frozen: false,
      random: () => tape.random(),
      parameter: (name, shape, initializer) =>
        this.#array(this.parameters, { name, shape, initializer }),
      buffer: (name, shape, initializer) => this.#array(this.buffers, { name, shape, initializer }),
      state: (name, shape) => this.#state(name, shape),
      update: (buffer, value) => this.#update(buffer, value),
      addLoss: (penalty, of) => {
        this.#addLoss(penalty, of);
      },
      readsIds: (x) => {
        tape.checkOwn("readsIds", [x]);
        this.ids.add(storageOf(x));
      },
      use: (layer, x, inputs) => this.#use(layer, x, inputs),
    } satisfies Omit<LayerGraph, keyof OpMethods>);
    const decoding = (): Decoding | undefined => (this.#separate > 0 ? undefined : mode.decoding);
    const frozen = (): boolean => this.#isFrozen(mode.frozen);
    Object.defineProperty(graph, "decoding", { get: decoding, enumerable: true });
    Object.defineProperty(graph, "frozen", { get: frozen, enumerable: true });
    this.graph = printable(withMethods(graph), "Graph", () => tape.title);
  }

  #use(layer: Layer, x: Node, inputs: LayerInputs = {}): Node {
    if (!isLayer(layer)) throw new TypeError(`use: expected a layer, got ${describeValue(layer)}`);
    if (x?.shape === undefined) {
      const names = this.#inputs.join(", ");
      throw new TypeError(
        `${layer.label}: expected a node, got ${describeValue(x)}; inputs are ${names}`,
      );
    }
    this.#checkInputs(layer, inputs);
    const scope = this.#scopeOf(layer);
    scope.asked = 0;
    this.#scopes.push(scope);
    const { specs } = this.parameters;
    const first = specs.length;
    const firstNode = this.#tape.nodes.length;
    const output = this.#tape.within(layer.label, () => this.#record(layer, x, inputs));
    checkReturned(layer.label, output);
    this.#scopes.pop();
    if (this.#scopes.length === 0) {
      const parameters = specs.slice(first).map((_, i) => first + i);
      const [{ name }, { label }] = [scope, layer];
      const multiplyAdds = this.#tape.multiplyAdds(firstNode);
      this.layers.push({ name, label, outputShape: output.shape, parameters, multiplyAdds });
    }
    return output;
  }

  /** Has a layer record itself. @throws RangeError in a decoder if it needs steps that it has not kept */
  #record(layer: Layer, x: Node, inputs: LayerInputs): Node {
    if (this.graph.decoding && layer.steps === "mixed" && x.shape.length > 2) {
      const expected = "layers that a decoder can go on with, such as lstm and causal attention";
      throw this.#tape.fail(layer.kind, `expected ${expected}, got one that mixes steps`);
    }
    const separates = Number(layer.steps === "separate");
    this.#separate += separates;
    const output = layer.record(this.graph, x, inputs);
    this.#separate -= separates;
    return output;
  }

  /** @throws RangeError for an input that the layer does not take, TypeError for one that is no node */
  #checkInputs({ label, takes = [] }: Layer, inputs: LayerInputs): void {
    const other = Object.keys(inputs).find((name) => !takes.includes(name));
    if (other !== undefined) {
      const known = takes.length > 0 ? takes.join(", ") : "none besides x";
      throw new RangeError(`${label}: expected inputs ${known}, got ${describeValue(other)}`);
    }
    this.#tape.checkOwn(
      label,
      Object.values(inputs).filter((node) => node !== undefined),
    );
  }

  #scopeOf(layer: Layer): Scope {
    const known = this.scopes.get(layer);
    if (known) return known;
    const name = this.#names.get(layer) ?? this.#ownName(layer) ?? this.#nextName(layer.kind);
    const scope = { name, arrays: [], asked: 0 };
    this.scopes.set(layer, scope);
    return scope;
  }

  #isTaken(name: string): boolean {
    return this.#taken.has(name) || [...this.scopes.values()].some((scope) => scope.name === name);
  }

  /** Returns the name that a layer has of its own. @throws RangeError if another one has it */
  #ownName({ name }: Layer): string | undefined {
    if (name === undefined) return undefined;
    if (!this.#isTaken(name)) return name;
    throw this.#tape.fail(name, "expected a name that no other layer has, got two of it");
  }

  /** Names a layer that this recording alone meets, by its number among those of its kind. */
  #nextName(kind: string): string {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const name = `${kind}${count}`;
    return this.#isTaken(name) ? this.#nextName(kind) : name;
  }

  /** Returns true if the layer that records itself has parameters, and none of them is trained. */
  #isFrozen(frozen: Mode["frozen"]): boolean {
    const own = `${this.#scopes.at(-1)?.name}.`;
    if (!frozen) return false;
    const names = this.parameters.specs.map(({ name }) => name).filter((n) => n.startsWith(own));
    return names.length > 0 && names.every((name) => frozen.has(name));
  }

  /** Returns the layer that asks for an array of this name. @throws Error if there is none */
  #asking(name: string): Scope {
    const scope = this.#scopes.at(-1);
    check(scope?.name ?? "network", "the array's name", name, text());
    if (!scope) throw new Error(`${name}: expected a layer to ask for it, by use`);
    return scope;
  }

  #array(kind: LayerArrays, { name, shape, initializer }: ParameterSpec): Node {
    const scope = this.#asking(name);
    check(`${scope.name}.${name}`, "its initializer", initializer, initializerRule());
    const known = scope.arrays[scope.asked++];
    if (known) return this.#sameShape(this.updates.get(known) ?? known, shape);
    const node = this.#add(kind, { name: `${scope.name}.${name}`, shape, initializer });
    scope.arrays.push(node);
    return node;
  }

  /** Returns a state of its own for each use of a layer: `lstm1.h`, `lstm1.h#2`. */
  #state(name: string, shape: Shape): Node {
    const own = `${this.#asking(name).name}.${name}`;
    if (size(shape) === 0) {
      throw this.#tape.fail(own, `expected a state of one element or more, got ${describe(shape)}`);
    }
    const uses = this.states.specs.filter((spec) => spec.name.split("#")[0] === own).length;
    const full = uses > 0 ? `${own}#${uses + 1}` : own;
    return this.#add(this.states, { name: full, shape, initializer: zeros() });
  }

  #add({ specs, nodes }: LayerArrays, spec: ParameterSpec): Node {
    const node = this.#tape.source(spec.name, spec.shape, { kind: "parameter" });
    nodes.push(node);
    specs.push(spec);
    return node;
  }

  #addLoss(penalty: Node, of?: Node): void {
    this.#tape.checkOwn("addLoss", of === undefined ? [penalty] : [penalty, of]);
    this.#tape.checkFloats("addLoss", [penalty]);
    if (of && this.#penalised.has(of)) return;
    if (of) this.#penalised.add(of);
    if (penalty.shape.length > 0) {
      throw this.#tape.fail("addLoss", `expected a scalar, got ${describe(penalty.shape)}`);
    }
    this.penalties.push(penalty);
  }

  #update(read: Node, value: Node): void {
    this.#tape.checkOwn("update", [read, value]);
    this.#tape.checkFloats("update", [value]);
    const isKept = [this.buffers, this.states].some(({ nodes }) => nodes.includes(read));
    const buffer = isKept ? read : this.#updated.get(read);
    if (!buffer) {
      throw this.#tape.fail("update", `expected a buffer or a state, got "${read.name}"`);
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

  /**
   * Returns an array that an earlier use of the layer asked for.
   * @throws RangeError if its shape differs
   */
  #sameShape(known: Node, shape: Shape): Node {
    if (describe(known.shape) === describe(shape)) return known;
    const came = `${describe(known.shape)}, and ${describe(shape)} in a later one`;
    throw new RangeError(`${known.name}: expected one shape in all uses of the layer, got ${came}`);
  }
}

/** @throws TypeError unless record has returned a node; users forget the return statement */
function checkReturned(who: string, output: Node | undefined): void {
  if (output?.shape === undefined) {
    throw new TypeError(`${who}: expected record to return a node, got ${describeValue(output)}`);
  }
}

/**
 * Records a network for a batch.
 * @param names names of the layers that earlier recordings have met
 * @throws RangeError from a layer that does not accept its input; TypeError if a layer is not one,
 * or if a layer or the network does not return a node
 */
export function trace(
  tape: Tape,
  network: Network,
  inputs: Readonly<Record<string, Node>>,
  mode: Mode,
  names: LayerNames = new Map(),
): Trace {
  const tracer = new Tracer(tape, Object.keys(inputs), mode, names);
  // The cast is safe: a network that has no input called x does not read x.
  const output = network.record(tracer.graph, inputs as Inputs);
  checkReturned("network", output);
  return Object.assign(tracer, { output });
}

/** Returns the names of layers that both recordings meet: the network does not make them anew. */
export function lastingNames(first: Trace, second: Trace): LayerNames {
  const shared = [...first.scopes].filter(([layer]) => second.scopes.has(layer));
  return new Map(shared.map(([layer, { name }]) => [layer, name]));
}
