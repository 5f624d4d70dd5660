import { type Shape, size } from "../graph/node.ts";
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
  readonly shape: Shape;
  /** A live view: what is written to it is trained on. Read it anew after memory may have grown. */
  readonly data: Float32Array;
  /** A live view of the gradient that the last training step left. */
  readonly grad: Float32Array;
}

/** What is known of a network before it has memory. */
export interface Blueprint {
  readonly network: Network;
  readonly layers: readonly PlacedLayer[];
  readonly specs: readonly ParameterSpec[];
  /** Of one example's prediction. */
  readonly outputShape: Shape;
  /** Offset of each parameter in its block, and of each gradient in its. */
  readonly offsets: readonly number[];
  readonly blockBytes: number;
}

/**
 * Records the network once, for its shapes and parameters.
 * @throws RangeError from the layer that cannot take what comes
 */
export function blueprint(tape: Tape, network: Network, inputShape: Shape): Blueprint {
  const x = tape.source("x", [1, ...inputShape], { kind: "input" });
  const { layers, specs, output } = trace(tape, network, x, true);
  const [offsets, blockBytes] = layBlock(specs);
  return { network, layers, specs, outputShape: output.shape.slice(1), offsets, blockBytes };
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

/** Draws the first values of all parameters; each has a stream of its own. */
export function initialise(
  runtime: Runtime,
  { specs, offsets }: Blueprint,
  block: number,
  seed: number,
): void {
  specs.forEach(({ shape, initializer }, stream) => {
    const [fanIn, fanOut] = fans(shape);
    const at = block + offsets[stream]!;
    initializer.fill({ runtime, at, count: size(shape), seed, stream }, fanIn, fanOut);
  });
}
