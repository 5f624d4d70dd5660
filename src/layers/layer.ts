import type { Node, Recorder, Shape } from "../graph/node.ts";
import type { OpMethods } from "../graph/ops/index.ts";
import type { Initializer } from "../initializers.ts";
import { given } from "../runtime/shape.ts";

/** The graph that layers record themselves in: every op, and parameters. */
export interface LayerGraph extends Recorder, OpMethods {
  /** Whether this is a training step, where dropout drops and batches are normalised by themselves. */
  readonly training: boolean;
  /** A trainable array of the layer at work; asked for anew in every recording, in the same order. */
  parameter(name: string, shape: Shape, initializer: Initializer): Node;
  /** Records a layer; one that is used twice has its parameters once. */
  use(layer: Layer, x: Node): Node;
}

/** A layer is pure data: it holds no memory, and records itself whenever a model needs it. */
export interface Layer {
  /** What it is, for names of parameters: `dense`. */
  readonly kind: string;
  /** What it is with its sizes, for summaries and errors: `dense(128)`. */
  readonly label: string;
  /**
   * Records the layer for a batch x, [batch, ...].
   * @throws RangeError if it cannot take x's shape
   */
  record(g: LayerGraph, x: Node): Node;
}

/** Layers and how they hang together. */
export interface Network {
  /** Records the network for a batch. */
  record(g: LayerGraph, x: Node): Node;
}

/**
 * A network that passes its input through the layers in order.
 * @throws TypeError if something in the list is not a layer
 */
export function sequential(layers: readonly Layer[]): Network {
  if (!Array.isArray(layers) || layers.length === 0) {
    throw new TypeError(`sequential: expected a list of layers, got ${given(layers)}`);
  }
  layers.forEach((layer: Partial<Layer> | null, i) => {
    if (typeof layer?.record !== "function") {
      throw new TypeError(`sequential: expected a layer at position ${i}, got ${given(layer)}`);
    }
  });
  const list: readonly Layer[] = layers.slice();
  return { record: (g, x) => list.reduce((input, layer) => g.use(layer, input), x) };
}
