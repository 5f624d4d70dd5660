import { type CompileOptions, type Network, adam, crossEntropy, dense, sequential } from "gradlane";

/** What the page lets one choose of the network and how it learns. */
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

/** How long it is trained, whatever the settings. */
export const EPOCHS = 40;
export const BATCH_SIZE = 64;
