import { type Node, type Shape, size, storageOf } from "../graph/node.ts";
import { fans } from "../initializers.ts";
import type { Tape } from "../graph/tape.ts";
import type { Network } from "../layers/layer.ts";
import { layBlock } from "../plan/pins.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type ParameterSpec, type PlacedLayer, trace } from "./trace.ts";

/** One trainable array of a model. */
export interface Parameter {
  /** `dense1.weight`. */
  readonly name: string;
  /** Lengths of its axes: [in, out] for the weight of dense. */
  readonly shape: Shape;
  /** A live view: what is written to it is trained on. Read it anew after memory may have grown. */
  readonly data: Float32Array;
  /** A live view of the gradient that the last training step left. */
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

/**
 * Records the network once, for its shapes and parameters.
 * @throws RangeError from the layer that cannot take what comes
 */
export function blueprint(tape: Tape, network: Network, inputs: readonly InputSpec[]): Blueprint {
  const named = inputs.map(({ name, shape }) => {
    const node = tape.source(name, [1, ...shape], { kind: "input" });
    return [name, node] as const;
  });
  const traced = trace(tape, network, Object.fromEntries(named), true);
  return {
    network,
    inputs: inputs.map((input, i) => ({ ...input, ...idsOf(tape, named[i]![1]) })),
    layers: traced.layers,
    parameters: blockOf(traced.parameters.specs),
    buffers: blockOf(traced.buffers.specs),
    outputShape: traced.output.shape.slice(1),
  };
}

/** An array that a model keeps without training it. */
export type ModelBuffer = Omit<Parameter, "grad">;

/** A buffer over its place. */
export function liveBuffer(
  runtime: Runtime,
  { name, shape }: ParameterSpec,
  at: number,
): ModelBuffer {
  const data = runtime.heap.view(at, size(shape));
  return {
    name,
    shape,
    get data() {
      return data();
    },
  };
}

/** A parameter over its places in the two blocks. */
export function liveParameter(
  runtime: Runtime,
  { name, shape }: ParameterSpec,
  at: number,
  gradient: number,
): Parameter {
  const data = runtime.heap.view(at, size(shape));
  const grad = runtime.heap.view(gradient, size(shape));
  return {
    name,
    shape,
    get data() {
      return data();
    },
    get grad() {
      return grad();
    },
  };
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
