import { type Node, type ScratchSizes, type Shape } from "../graph/node.ts";
import { describe, size, storageOf } from "../graph/node.ts";
import type { WholeRange } from "../base/whole-range.ts";
import { fans } from "../initializers.ts";
import { Tape } from "../graph/tape.ts";
import type { Network } from "../layers/layer.ts";
import { layBlock } from "../plan/offsets.ts";
import type { Allocations } from "../memory/allocations.ts";
import { immutable, numbers } from "../base/printable.ts";
import type { Runtime } from "../wasm/runtime.ts";
import { lastingNames, trace } from "./trace.ts";
import type { LayerNames, ParameterSpec, PlacedLayer, Trace } from "./traced.ts";
import type { Purpose } from "./options.ts";

/** One trainable array of a model. */
export interface Parameter {
  /** Name of its layer and its own: `dense1.weight`. */
  readonly name: string;
  /** Lengths of its axes: [in, out] for the weight of dense. */
  readonly shape: Shape;
  /**
   * Live view of the elements, row-major: numbers written to it are trained on. Read the property
   * anew after memory may have grown. It throws an Error once the model or its engine has been
   * disposed. A view that was kept from before does not throw; do not write to it then, because the
   * memory may belong to another model.
   */
  readonly data: Float32Array;
  /**
   * Live view of the gradient that the last training step left, or an empty array if the parameter is
   * frozen or the model has no optimizer; throws as data does.
   */
  readonly grad: Float32Array;
}

/** Arrays side by side in one block. */
export interface Block {
  readonly specs: readonly ParameterSpec[];
  /** Bytes from the start of the block to each array. */
  readonly offsets: readonly number[];
  readonly bytes: number;
}

/** Shapes, layers and arrays of a network that has no memory yet. */
export interface Blueprint {
  readonly network: Network;
  readonly inputs: readonly InputSpec[];
  /** Uses of layers, recorded for one example. */
  readonly layers: readonly PlacedLayer[];
  readonly parameters: Block;
  readonly buffers: Block;
  /** States of layers, for a batch of the planned size. */
  readonly states: Block;
  /** Shape of the prediction for one example. */
  readonly outputShape: Shape;
  /** Number of multiply-adds for one example, in layers and outside. */
  readonly multiplyAdds: number;
  /** Layers of the first recording. */
  readonly scopes: Trace["scopes"];
  /** Names of the layers that the second recording met again. */
  readonly names: LayerNames;
  /** Names of nodes that hold ids or lengths, inputs among them; bytes of these are not scaled. */
  readonly ids: ReadonlySet<string>;
}

/** An input of a network. */
export interface InputSpec {
  readonly name: string;
  /** Shape of one example. */
  readonly shape: Shape;
  /** Whole numbers that it may hold, if it is read as ids or lengths: those of the strictest reader. */
  readonly wholes?: LayerRange;
}

/** Whole numbers that a layer reads. */
export interface LayerRange extends WholeRange {
  /** Label of the layer: `embedding(10, 4)`. */
  readonly label: string;
}

/** Lays arrays side by side. */
export function blockOf(specs: readonly ParameterSpec[]): Block {
  const [offsets, bytes] = layBlock(specs);
  return { specs, offsets, bytes };
}

/** Returns the whole numbers that an input may hold if ops read it so, as it is or reshaped. */
function wholesOf({ nodes }: Tape, input: Node): Pick<InputSpec, "wholes"> {
  const ranges = nodes.flatMap(({ name: label, computation }): LayerRange[] => {
    const { wholes } = computation ?? {};
    if (!wholes || storageOf(wholes.node) !== input) return [];
    return [{ label, what: wholes.what, most: wholes.most }];
  });
  const [wholes] = ranges.sort((a, b) => a.most - b.most);
  return wholes ? { wholes } : {};
}

/** Records a network for training, without a loss, on a batch of `rows` examples. */
export function traceTraining(
  tape: Tape,
  { network, inputs }: Pick<Blueprint, "network" | "inputs">,
  rows: number,
  frozen?: ReadonlySet<string>,
): Trace {
  const named = inputs.map(({ name, shape }) => {
    return [name, tape.source(name, [rows, ...shape], { kind: "input" })] as const;
  });
  return trace(tape, network, Object.fromEntries(named), { training: true, frozen });
}

/**
 * Records the network to learn its shapes and parameters. It does so twice, to tell layers that
 * last from those that the network's function makes anew, and once more for a whole batch if layers keep
 * states from batch to batch.
 * @throws RangeError from a layer that does not accept its input
 */
export function blueprint(
  kernels: ScratchSizes,
  network: Network,
  inputs: readonly InputSpec[],
  batchSize: number,
): Blueprint {
  const tape = new Tape(kernels);
  const traced = traceTraining(tape, { network, inputs }, 1);
  const again = traceTraining(new Tape(kernels), { network, inputs }, 1);
  const { parameters, buffers, layers, scopes, ids, output } = traced;
  const isStateful = traced.states.specs.length > 0;
  const batch = isStateful
    ? traceTraining(new Tape(kernels), { network, inputs }, batchSize)
    : traced;
  // The first nodes of a recording are its inputs.
  const read = inputs.map((input, i) => ({ ...input, ...wholesOf(tape, tape.nodes[i]!) }));
  return {
    network,
    inputs: read,
    layers,
    parameters: blockOf(parameters.specs),
    buffers: blockOf(buffers.specs),
    states: blockOf(batch.states.specs),
    outputShape: output.shape.slice(1),
    multiplyAdds: tape.multiplyAdds(),
    scopes,
    names: lastingNames(traced, again),
    ids: new Set([...ids, ...read.filter(({ wholes }) => wholes)].map(({ name }) => name)),
  };
}

/** An array that a model keeps without training it. */
export type ModelBuffer = Omit<Parameter, "grad">;

/** Prints an array as `Parameter(dense1.bias [2]: 0, 0)`. */
function printableArray<T extends ModelBuffer>(kind: string, array: T): T {
  const { name, shape } = array;
  const title = `${kind}(${name} ${describe(shape)})`;
  return immutable(array, title, () => `${kind}(${name} ${numbers(array)})`);
}

/** Returns a live view of `count` floats whose address changes; it is empty where there is none. */
function movingView(
  allocations: Allocations<Purpose>,
  count: number,
  addressOf: () => number | undefined,
): () => Float32Array {
  const none = allocations.view(0, 0);
  let at: number | undefined;
  let view = none;
  return () => {
    const now = addressOf();
    if (now !== at) view = now === undefined ? none : allocations.view(now, count);
    at = now;
    return view();
  };
}

/** Returns the buffers of a block at an address. */
export function liveBuffers(
  allocations: Allocations<Purpose>,
  { specs, offsets }: Block,
  at: number,
): readonly ModelBuffer[] {
  const live = specs.map(({ name, shape }, i) => {
    const data = allocations.view(at + offsets[i]!, size(shape));
    const buffer = {
      name,
      shape: Object.freeze(shape.slice()),
      get data() {
        return data();
      },
    };
    return printableArray("Buffer", buffer);
  });
  return Object.freeze(live);
}

/**
 * Returns the parameters of a block at an address.
 * @param gradientAt returns the present address of the gradient of a parameter, if it has one
 */
export function liveParameters(
  allocations: Allocations<Purpose>,
  { specs, offsets }: Block,
  at: number,
  gradientAt: (name: string) => number | undefined,
): readonly Parameter[] {
  const live = specs.map(({ name, shape }, i) => {
    const data = allocations.view(at + offsets[i]!, size(shape));
    const grad = movingView(allocations, size(shape), () => gradientAt(name));
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
  });
  return Object.freeze(live);
}

/**
 * Draws the first values of the arrays in a block.
 * @param block address of the block
 * @param stream number of the first array's random stream; each array has one of its own
 */
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
