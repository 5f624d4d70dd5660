import { type CompileOptions, type Network, adam, crossEntropy, dense, sequential } from "gradlane";

/** Settings of the network and of its training that the page offers. */
export interface NetworkSettings {
  readonly units: number;
  readonly learningRate: number;
}

export const PIXELS = 64;
export const CLASSES = 10;

export function digitNetwork({ units }: NetworkSettings): Network {
  return sequential([dense(units, { activation: "relu" }), dense(CLASSES)]);
}

/** The page and its worker compile the same: with one seed, the same first weights too. */
export function compileOptions({ learningRate }: NetworkSettings): CompileOptions {
  return {
    inputShape: [PIXELS],
    loss: crossEntropy(),
    optimizer: adam({ learningRate }),
    metrics: ["accuracy"],
    seed: 1,
  };
}

/** Epochs of every training, whatever the settings. */
export const EPOCHS = 40;
export const BATCH_SIZE = 64;
