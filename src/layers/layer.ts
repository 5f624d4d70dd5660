import { given } from "../runtime/shape.ts";
import type { Node, Recorder, Shape } from "../graph/node.ts";
import type { Initializer } from "../initializers.ts";

/** A parameter that a layer asks for. */
export interface ParameterSpec {
  /** `weight`, `bias`; the model puts the layer's name before it. */
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
}

/** A layer is pure data and three functions of shapes and nodes; it holds no memory. */
export interface Layer {
  /** What it is, for names of parameters: `dense`. */
  readonly kind: string;
  /** What it is with its sizes, for summaries and errors: `dense(128)`. */
  readonly label: string;
  /**
   * Shape of one example's output for one example's input.
   * @throws RangeError if the layer cannot take it
   */
  outputShape(input: Shape): Shape;
  /** The parameters for this shape of one example's input. */
  parameters(input: Shape): readonly ParameterSpec[];
  /** Records the layer for a batch; parameters come in the order asked for. */
  record(g: Recorder, x: Node, parameters: readonly Node[]): Node;
}

/** Layers one after the other. */
export interface Network {
  readonly layers: readonly Layer[];
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
  return { layers: layers.slice() };
}
