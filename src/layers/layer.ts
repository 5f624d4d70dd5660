import type { IntNode, Node, Recorder, Shape } from "../graph/node.ts";
import type { OpMethods } from "../graph/ops/index.ts";
import type { Initializer } from "../initializers.ts";
import { callable, check, describeValue, hasMethod } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import { describe } from "../base/shape.ts";

/** Steps with which a decoder goes on, behind those that it was given before. */
export interface Decoding {
  /** Numbers of the steps, counted from the first one of all, ints [steps]. */
  readonly positions: IntNode;
  /** Number of steps that there is room for, counted from the first one of all. */
  readonly length: number;
}

/** Graph in which layers record themselves: every op, and parameters. */
export interface LayerGraph extends Recorder, OpMethods {
  /** True in training, where dropout drops and batches are normalised by their own statistics. */
  readonly training: boolean;
  /**
   * Set while a network is recorded for createDecoder, where x has only the steps that are new: a layer that
   * needs earlier ones keeps them by `state`.
   */
  readonly decoding?: Decoding | undefined;
  /**
   * True if all parameters that the layer has asked for so far are frozen (parameterGroups): batchNorm
   * then normalises by its running statistics in training, too.
   */
  readonly frozen: boolean;
  /**
   * Returns a trainable array of the layer that records itself. Every recording has to ask for the
   * same arrays in the same order.
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
   * Returns an array that is kept from step to step and saved with the weights, but not trained.
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
   * Returns an array that is kept from batch to batch for this use of the layer, zeros at first; `update` sets
   * what it has after this batch. Its first axis is that of x. It is neither trained nor saved; training,
   * evaluation, prediction and each decoder keep one of their own.
   * @example
   * const net = sequential([dense(10), {
   *   kind: "sum", label: "sum",
   *   record(g, x) {
   *     const before = g.state("before", x.shape);
   *     g.update(before, x);
   *     return g.sub(x, before);
   * } }]);
   * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer: adam() });
   */
  state(name: string, shape: Shape): Node;
  /**
   * Sets the value that a buffer has after this training step, or a state after this batch.
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
  update(kept: Node, value: Node): void;
  /**
   * Adds a scalar to the loss, for each use of the layer. A penalty on the parameter `of` is added
   * once, as in Keras, however often the layer is used.
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
   * Declares that x holds ids, so that bytes of x are not scaled.
   * @example
   * const net = network((g, { x }) => {
   *   g.readsIds(x);
   *   return g.use(flatten(), g.use(embedding(17, 4), x));
   * });
   * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer: adam() });
   */
  readsIds(x: Node): void;
  /**
   * Records a layer, with inputs besides x if it takes some, such as the `lengths` of multiHeadAttention. A
   * layer that is used twice shares its parameters.
   * @example
   * const shared = dense(64);
   * const net = network((g, { x }) => g.use(shared, g.use(shared, x)));
   * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer: adam() });
   */
  use(layer: Layer, x: Node, inputs?: LayerInputs): Node;
}

/** Inputs of a layer besides x, by the names in its `takes`. */
export type LayerInputs = Readonly<Record<string, Node | undefined>>;

/**
 * Layer of a network. It is pure data: it holds no memory, and records itself whenever a model
 * needs it.
 */
export interface Layer {
  /** Kind of the layer, for names of parameters: `dense`. */
  readonly kind: string;
  /** Kind and sizes, for summaries and errors: `dense(128)`. */
  readonly label: string;
  /** Name of its own instead of its kind and number, which the names of its parameters start with. */
  readonly name?: string;
  /** Names of the inputs that it takes besides x; none by default. */
  readonly takes?: readonly string[];
  /**
   * "mixed" if what it gives for a step of [batch, steps, ...] depends on other steps, so that decoders refuse
   * it; "separate" if it gives each step to layers within it as an example. By default neither is so, or the
   * layer keeps what it needs of earlier steps (LayerGraph.state).
   */
  readonly steps?: "mixed" | "separate";
  /**
   * Records the layer for a batch x, [batch, ...].
   * @throws RangeError if it cannot take x's shape
   */
  record(g: LayerGraph, x: Node, inputs?: LayerInputs): Node;
}

/** Returns true for a layer. Users make layers of their own in JavaScript, without types. */
export function isLayer(layer: unknown): layer is Layer {
  return hasMethod(layer, "record", "kind", "label");
}

/** Inputs of a network by name. */
export interface Inputs {
  /** The input of a network with a single one. */
  readonly x: Node;
  /** The inputs of a network with several, by the names in inputShape. */
  readonly [name: string]: Node;
}

/** Network of layers and ops. */
export interface Network {
  /** Records the network for a batch, and returns its prediction. */
  record(g: LayerGraph, inputs: Inputs): Node;
}

/**
 * Network from a function: ops and layers in any order, with one input or several.
 *
 * The function runs for every batch size, and for training, evaluation and prediction. Each time it
 * has to ask for the same parameters and buffers in the same order, and return an output of the
 * same shape for each example. A model refuses a recording that differs, with a RangeError.
 * Evaluation and prediction may leave layers out. Make such layers, and layers that share weights,
 * outside of the function: layers that it makes itself are told apart only by their order among
 * their kind.
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
  return immutable({ record }, call("network", record));
}

/**
 * Checks that a layer is given the steps with which a decoder goes on, and returns these.
 * @throws RangeError if x has others, such as those within a step of timeDistributed
 */
export function newSteps(g: LayerGraph, op: string, { shape }: Node): Decoding {
  const decoding = g.decoding!;
  const steps = decoding.positions.shape[0]!;
  if (shape[1] === steps) return decoding;
  const expected = `[batch, ${steps}, ...], the new steps of a decoder`;
  throw g.fail(op, `expected ${expected}, got ${describe(shape)}`);
}

/** Returns the text of a list of layers: the calls that made them, or else their labels. */
export function listOf(layers: readonly Layer[]): string {
  const texts = layers.map((layer) => {
    return Object.hasOwn(layer, "toString") ? String(layer) : layer.label;
  });
  return `[${texts.join(", ")}]`;
}

/** @throws TypeError that names `who`, unless the list has at least one layer and nothing else */
export function checkLayers(who: string, layers: readonly Layer[]): void {
  if (!Array.isArray(layers) || layers.length === 0) {
    throw new TypeError(
      `${who}: expected a list of at least 1 layer, got ${describeValue(layers)}`,
    );
  }
  layers.forEach((layer: unknown, i) => {
    if (!isLayer(layer)) {
      const hint = typeof layer === "function" ? "; call it, as in relu()" : "";
      const received = `${describeValue(layer)}${hint}`;
      throw new TypeError(`${who}: expected a layer at position ${i}, got ${received}`);
    }
  });
}

/**
 * Network that passes its input through layers in order.
 * @throws TypeError if something in the list is not a layer
 * @example
 * const net = sequential([dense(64), layerNorm(), relu(), dropout(0.2), dense(10)]);
 * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer: adam() });
 */
export function sequential(layers: readonly Layer[]): Network {
  checkLayers("sequential", layers);
  const list: readonly Layer[] = layers.slice();
  return immutable<Network>(
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
