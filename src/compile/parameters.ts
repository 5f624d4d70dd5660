import { type Node, type Shape, describe, size, storageOf } from "../graph/node.ts";
import { fans } from "../initializers.ts";
import { type GemmScratch, Tape } from "../graph/tape.ts";
import type { Network } from "../layers/layer.ts";
import { layBlock } from "../plan/offsets.ts";
import type { Allocations } from "../memory/allocations.ts";
import { made, numbers } from "../base/printable.ts";
import type { Runtime } from "../wasm/runtime.ts";
import {
  type LayerNames,
  type ParameterSpec,
  type PlacedLayer,
  type Trace,
  lastingNames,
  trace,
} from "./trace.ts";
import type { Purpose } from "./options.ts";

/** One trainable array of a model. */
export interface Parameter {
  /** `dense1.weight`. */
  readonly name: string;
  /** Lengths of its axes: [in, out] for the weight of dense. */
  readonly shape: Shape;
  /**
   * A live view: what is written to it is trained on. Read it anew after memory may have grown. It
   * throws an Error once the model or its engine has been disposed; a view that was read before and
   * kept cannot, and must not be written to then, because the memory may be another model's.
   */
  readonly data: Float32Array;
  /** A live view of the gradient that the last training step left; throws as data does. */
  readonly grad: Float32Array;
}

/** Arrays side by side in one block. */
export interface Block {
  readonly specs: readonly ParameterSpec[];
  readonly offsets: readonly number[];
  readonly bytes: number;
}

/** What is known of a network before it has memory. */
export interface Blueprint {
  readonly network: Network;
  readonly inputs: readonly InputSpec[];
  readonly layers: readonly PlacedLayer[];
  readonly parameters: Block;
  readonly buffers: Block;
  /** Of one example's prediction. */
  readonly outputShape: Shape;
  /** Layers of the first recording, and the names of those that the second one met again. */
  readonly scopes: Trace["scopes"];
  readonly names: LayerNames;
  /** Names of nodes that hold ids, inputs among them. */
  readonly ids: ReadonlySet<string>;
}

/** An input of a network. */
export interface InputSpec {
  readonly name: string;
  /** Of one example. */
  readonly shape: Shape;
  /** Of the embedding with the fewest rows that looks its numbers up, if one does. */
  readonly ids?: IdRange;
}

/** The ids that an embedding has rows for. */
export interface IdRange {
  /** `embedding(10, 4)`. */
  readonly label: string;
  /** They are below it. */
  readonly vocabulary: number;
}

function blockOf(specs: readonly ParameterSpec[]): Block {
  const [offsets, bytes] = layBlock(specs);
  return { specs, offsets, bytes };
}

/** Returns the ids that an input may hold, if an embedding reads it, as it is or reshaped. */
function idsOf({ nodes }: Tape, input: Node): Pick<InputSpec, "ids"> {
  const readers = nodes.filter(({ computation, inputs: [ids] }) => {
    return computation?.op === "embedding" && ids && storageOf(ids) === input;
  });
  const ranges = readers.map(({ name, inputs: [, table] }): IdRange => {
    return { label: name, vocabulary: table!.shape[0]! };
  });
  const [ids] = ranges.sort((a, b) => a.vocabulary - b.vocabulary);
  return ids ? { ids } : {};
}

/** Records a training step of a network by itself, on so many examples. */
export function traceTraining(
  tape: Tape,
  { network, inputs }: Pick<Blueprint, "network" | "inputs">,
  rows: number,
): Trace {
  const named = inputs.map(({ name, shape }) => {
    return [name, tape.source(name, [rows, ...shape], { kind: "input" })] as const;
  });
  return trace(tape, network, Object.fromEntries(named), true);
}

/**
 * Records the network for its shapes and parameters; twice, to tell layers that last from those
 * that its function makes anew.
 * @throws RangeError from the layer that cannot take what comes
 */
export function blueprint(
  gemmScratch: GemmScratch,
  network: Network,
  inputs: readonly InputSpec[],
): Blueprint {
  const tape = new Tape(gemmScratch);
  const traced = traceTraining(tape, { network, inputs }, 1);
  const again = traceTraining(new Tape(gemmScratch), { network, inputs }, 1);
  const { parameters, buffers, layers, scopes, ids, output } = traced;
  return {
    network,
    // A recording begins with its inputs.
    inputs: inputs.map((input, i) => ({ ...input, ...idsOf(tape, tape.nodes[i]!) })),
    layers,
    parameters: blockOf(parameters.specs),
    buffers: blockOf(buffers.specs),
    outputShape: output.shape.slice(1),
    scopes,
    names: lastingNames(traced, again),
    ids: new Set([...ids].map(({ name }) => name)),
  };
}

/** An array that a model keeps without training it. */
export type ModelBuffer = Omit<Parameter, "grad">;

/** Prints an array as `Parameter(dense1.bias [2]: 0, 0)`. */
function printableArray<T extends ModelBuffer>(kind: string, array: T): T {
  const { name, shape } = array;
  const title = `${kind}(${name} ${describe(shape)})`;
  return made(array, title, () => `${kind}(${name} ${numbers(array)})`);
}

/** A buffer over its place. */
export function liveBuffer(
  allocations: Allocations<Purpose>,
  { name, shape }: ParameterSpec,
  at: number,
): ModelBuffer {
  const data = allocations.view(at, size(shape));
  const buffer = {
    name,
    shape: Object.freeze(shape.slice()),
    get data() {
      return data();
    },
  };
  return printableArray("Buffer", buffer);
}

/** A parameter over its places in the two blocks. */
export function liveParameter(
  allocations: Allocations<Purpose>,
  { name, shape }: ParameterSpec,
  at: number,
  gradient: number,
): Parameter {
  const data = allocations.view(at, size(shape));
  const grad = allocations.view(gradient, size(shape));
  const parameter = {
    name,
    shape: Object.freeze(shape.slice()),
    get data() {
      return data();
    },
    get grad() {
      return grad();
    },
  };
  return printableArray("Parameter", parameter);
}

/** Draws the first values of a block; each array has a stream of its own, from `stream` on. */
export function initialise(
  runtime: Runtime,
  { specs, offsets }: Block,
  block: number,
  seed: number,
  stream: number,
): void {
  specs.forEach(({ shape, initializer }, i) => {
    const [fanIn, fanOut] = fans(shape);
    const draw = { runtime, at: block + offsets[i]!, count: size(shape), seed, stream: stream + i };
    initializer.fill(draw, fanIn, fanOut);
  });
}
