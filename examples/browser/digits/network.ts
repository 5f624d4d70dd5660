import {
  type CompileOptions,
  type Network,
  adam,
  conv2d,
  crossEntropy,
  dense,
  flatten,
  maxPool2d,
  reshape,
  sequential,
} from "gradlane";

/** Kinds of networks that the page offers. */
export type Kind = "dense" | "convolutional";

/** Settings of the network and of its training that the page offers. */
export interface NetworkSettings {
  readonly kind: Kind;
  /** Outputs of the first layer for each place it looks at: hidden units, or filters. */
  readonly units: number;
  readonly learningRate: number;
}

/** Pixels along an edge of an image, and of a filter of the first convolution. */
export const EDGE = 8;
export const FILTER_EDGE = 3;

export const CLASSES = 10;

export function digitNetwork({ kind, units }: NetworkSettings): Network {
  return kind === "dense" ? denseNetwork(units) : convolutionalNetwork(units);
}

function denseNetwork(units: number): Network {
  return sequential([dense(units, { activation: "relu" }), dense(CLASSES)]);
}

/** Twice as many filters where there are a quarter as many pixels, as is usual. */
function convolutionalNetwork(filters: number): Network {
  return sequential([
    reshape([EDGE, EDGE, 1]),
    conv2d(filters, FILTER_EDGE, { padding: "same", activation: "relu" }),
    maxPool2d(2),
    conv2d(2 * filters, FILTER_EDGE, { padding: "same", activation: "relu" }),
    flatten(),
    dense(CLASSES),
  ]);
}

/** The page and its worker compile the same: with one seed, the same first weights too. */
export function compileOptions({ learningRate }: NetworkSettings): CompileOptions {
  return {
    inputShape: [EDGE * EDGE],
    loss: crossEntropy(),
    optimizer: adam({ learningRate }),
    metrics: ["accuracy"],
    seed: 1,
  };
}

/** Epochs of every training of a kind. A convolution multiplies more, and needs fewer of them. */
export const EPOCHS: Readonly<Record<Kind, number>> = { dense: 40, convolutional: 15 };

export const BATCH_SIZE = 64;
