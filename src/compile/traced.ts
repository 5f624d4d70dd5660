import type { Node, Shape } from "../graph/node.ts";
import type { Initializer } from "../initializers.ts";
import type { Decoding, Layer, LayerGraph } from "../layers/layer.ts";

/** Results of recording a network, which trace.ts does. */

/** A parameter or a buffer that a layer asks for. */
export interface ParameterSpec {
  /** Name of its layer and its own: `dense1.weight`. */
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
}

/** Arrays that layers asked for, in order, and the node of each in this recording. */
export interface LayerArrays {
  readonly specs: ParameterSpec[];
  readonly nodes: Node[];
}

/** Use that a network is recorded for. */
export interface Mode {
  readonly training: boolean;
  readonly decoding?: Decoding | undefined;
  /** Names of the parameters that are not trained. */
  readonly frozen?: ReadonlySet<string> | undefined;
}

/** One use of a layer in a network. */
export interface PlacedLayer {
  /** Kind and number of the layer: `dense1`. */
  readonly name: string;
  readonly label: string;
  /** Shape of the output for a batch. */
  readonly outputShape: Shape;
  /** Positions of its parameters in the list of all parameters. */
  readonly parameters: readonly number[];
  /** Number of multiply-adds of its products for a batch. */
  readonly multiplyAdds: number;
}

/** Result of recording a network once. */
export interface Trace {
  /** Graph in which it was recorded. */
  readonly graph: LayerGraph;
  readonly parameters: LayerArrays;
  readonly buffers: LayerArrays;
  /** Arrays with rows for those of a batch, which are kept until the next one. */
  readonly states: LayerArrays;
  /** Node of the new value of each buffer and state that the recording updates. */
  readonly updates: ReadonlyMap<Node, Node>;
  /** Scalars that are added to the loss. */
  readonly penalties: readonly Node[];
  /** Nodes that hold ids; bytes that are bound to them are not scaled. */
  readonly ids: ReadonlySet<Node>;
  /** Outermost layers, in the order of their use. */
  readonly layers: readonly PlacedLayer[];
  /** All layers, in the order of their first use. */
  readonly scopes: ReadonlyMap<Layer, Scope>;
  readonly output: Node;
}

/** Names of the layers that every recording of a network meets again. */
export type LayerNames = ReadonlyMap<Layer, string>;

/** A layer's name and arrays in one recording. */
export interface Scope {
  /** Kind and number of the layer: `dense1`. */
  readonly name: string;
  /** Parameters and buffers, in the order in which the layer asks for them. */
  readonly arrays: Node[];
  /** Number of arrays that the present use of the layer has asked for. */
  asked: number;
}
