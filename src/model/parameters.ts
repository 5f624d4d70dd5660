import { type Shape, size } from "../graph/node.ts";
import { fans } from "../initializers.ts";
import type { Layer, Network, ParameterSpec } from "../layers/layer.ts";
import { layBlock } from "../plan/pins.ts";
import type { Runtime } from "../runtime/runtime.ts";

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

/** A layer in its place: its shapes, and which of the model's parameters are its own. */
export interface PlacedLayer {
  readonly layer: Layer;
  readonly name: string;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** Positions in the model's list of parameters. */
  readonly parameters: readonly number[];
}

/** The layers of a network in their places, and every parameter that they ask for. */
export interface Blueprint {
  readonly layers: readonly PlacedLayer[];
  readonly specs: readonly ParameterSpec[];
  /** Of one example's prediction. */
  readonly outputShape: Shape;
  /** Offset of each parameter in its block, and of each gradient in its. */
  readonly offsets: readonly number[];
  readonly blockBytes: number;
}

/**
 * Infers the shapes from layer to layer.
 * @throws RangeError from the layer that cannot take what comes
 */
export function blueprint({ layers }: Network, inputShape: Shape): Blueprint {
  const counts = new Map<string, number>();
  const specs: ParameterSpec[] = [];
  let shape = inputShape;
  const placed = layers.map((layer): PlacedLayer => {
    const count = (counts.get(layer.kind) ?? 0) + 1;
    counts.set(layer.kind, count);
    const name = `${layer.kind}${count}`;
    const input = shape;
    shape = layer.outputShape(input);
    const first = specs.length;
    const asked = layer
      .parameters(input)
      .map((spec) => ({ ...spec, name: `${name}.${spec.name}` }));
    specs.push(...asked);
    const parameters = asked.map((_, i) => first + i);
    return { layer, name, inputShape: input, outputShape: shape, parameters };
  });
  const [offsets, blockBytes] = layBlock(specs);
  return { layers: placed, specs, outputShape: shape, offsets, blockBytes };
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
