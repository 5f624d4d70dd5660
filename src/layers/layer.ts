import type { Node, Recorder, Shape } from "../graph/node.ts";
import type { OpMethods } from "../graph/ops/index.ts";
import type { Initializer } from "../initializers.ts";
import { callable, check, describeValue, hasMethod } from "../base/arguments.ts";
import { call, made } from "../base/printable.ts";

/** The graph that layers record themselves in: every op, and parameters. */
export interface LayerGraph extends Recorder, OpMethods {
  /** Whether this is a training step, where dropout drops and batches are normalised by themselves. */
  readonly training: boolean;
  /**
   * An array that never changes; a number is a scalar, a list [n], unless a shape is given.
   * @example
   * const net = network((g, { x }) => {
   *   const centred = g.sub(x, g.constant(0.5));
   *   return g.use(dense(10), centred);
   * });
   * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer: adam() });
   */
  constant(value: number | Float32Array, shape?: Shape): Node;
  /**
   * A trainable array of the layer at work; asked for anew in every recording, in the same order.
   * @example
   * const net = sequential([dense(64), {
   *   kind: "scale",
   *   label: "scale",
   *   record: (g, x) => g.mul(x, g.parameter("scale", [64], ones())),
   * }]);
   * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer: adam() });
   */
  parameter(name: string, shape: Shape, initializer: Initializer): Node;
  /**
   * An array that is kept from step to step and saved with the weights, but not trained.
   * @example
   * const net = sequential([dense(64), {
   *   kind: "centre",
   *   label: "centre",
   *   record: (g, x) => g.sub(x, g.buffer("mean", [64], zeros())),
   * }]);
   * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer: adam() });
   */
  buffer(name: string, shape: Shape, initializer: Initializer): Node;
  /**
   * What a buffer holds after this training step; `value` is computed though nobody reads it.
   * @example
   * const net = sequential([dense(64), {
   *   kind: "mean", label: "mean",
   *   record(g, x) {
   *     g.update(g.buffer("mean", [64], zeros()), g.mean(x, 0));
   *     return x;
   *   },
   * }]);
   * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer: adam() });
   */
  update(buffer: Node, value: Node): void;
  /**
   * A scalar that is added to the loss, for each use of the layer; a penalty on the parameter `of` is
   * added once, as in Keras, however often the layer is used.
   * @example
   * const net = network((g, { x }) => {
   *   const h = g.use(dense(64, { activation: "relu" }), x);
   *   g.addLoss(g.mul(g.scalar(0.001), g.mean(h)));
   *   return g.use(dense(10), h);
   * });
   * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer: adam() });
   */
  addLoss(penalty: Node, of?: Node): void;
  /**
   * Says that x holds ids and not measures: bytes that come in as x are not scaled.
   * @example
   * const net = network((g, { x }) => {
   *   g.readsIds(x);
   *   return g.use(flatten(), g.use(embedding(17, 4), x));
   * });
   * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer: adam() });
   */
  readsIds(x: Node): void;
  /**
   * Records a layer; one that is used twice has its parameters once.
   * @example
   * const shared = dense(64);
   * const net = network((g, { x }) => g.use(shared, g.use(shared, x)));
   * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer: adam() });
   */
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

/** Whether this is a layer: layers of one's own are made without types to say so. */
export function isLayer(layer: unknown): layer is Layer {
  return hasMethod(layer, "record", "kind", "label");
}

/** The inputs of a network by name. */
export interface Inputs {
  /** The input of a network that has one; where there are several, one may be called so. */
  readonly x: Node;
  /** The inputs of a network that has several, by the names of inputShape. */
  readonly [name: string]: Node;
}

/** Layers and how they hang together. */
export interface Network {
  /** Records the network for a batch, and returns its prediction. */
  record(g: LayerGraph, inputs: Inputs): Node;
}

/**
 * A network by hand: ops and layers in any order, with one input or several.
 *
 *     network((g, { x }) => {
 *       const h = g.use(dense(64, { activation: "relu" }), x);
 *       return g.use(dense(10), g.add(h, g.use(dense(64), h)));
 *     });
 *
 * It is recorded anew for every batch size, for training, evaluation and prediction, and each time
 * it has to ask for the same parameters and buffers in the same order, and give an output of the
 * same shape for each example; models refuse a recording that differs, with a RangeError.
 * Evaluation and prediction may leave layers out. Such layers, and those that share weights, are
 * made outside of the function: what it makes anew is known by its order among its kind alone.
 * @throws TypeError if `record` is not a function
 * @example
 * const net = network((g, { x }) => {
 *   const h = g.use(dense(64, { activation: "relu" }), x);
 *   return g.use(dense(10), g.add(h, g.use(dense(64), h)));
 * });
 * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer: adam() });
 */
export function network(record: Network["record"]): Network {
  check("network", "record", record, callable("a function of graph and inputs"));
  return made({ record }, call("network", record));
}

/** Layers as they are made; those that print nothing by their labels. */
export function listOf(layers: readonly Layer[]): string {
  const texts = layers.map((layer) => {
    return Object.hasOwn(layer, "toString") ? String(layer) : layer.label;
  });
  return `[${texts.join(", ")}]`;
}

/** @throws TypeError naming who was given something else than a list of layers, or an empty one */
export function checkLayers(who: string, layers: readonly Layer[]): void {
  if (!Array.isArray(layers) || layers.length === 0) {
    throw new TypeError(
      `${who}: expected a list of at least 1 layer, got ${describeValue(layers)}`,
    );
  }
  layers.forEach((layer: unknown, i) => {
    if (!isLayer(layer)) {
      throw new TypeError(`${who}: expected a layer at position ${i}, got ${describeValue(layer)}`);
    }
  });
}

/**
 * A network that passes its input through the layers in order.
 * @throws TypeError if something in the list is not a layer
 * @example
 * const net = sequential([dense(64), layerNorm(), relu(), dropout(0.2), dense(10)]);
 * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer: adam() });
 */
export function sequential(layers: readonly Layer[]): Network {
  checkLayers("sequential", layers);
  const list: readonly Layer[] = layers.slice();
  return made<Network>(
    {
      record(g, { x, ...others }) {
        if (!x || Object.keys(others).length > 0) {
          throw new RangeError("sequential: expected one input; a network() takes several");
        }
        return list.reduce((input, layer) => g.use(layer, input), x);
      },
    },
    `sequential(${listOf(list)})`,
  );
}
