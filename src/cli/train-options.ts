import { type OptimizerOptions, activationNames, sgd } from "../index.ts";
import { factories } from "../reference/optimizers.ts";
import {
  flag,
  oneOf,
  optionalText,
  positiveNumber,
  readWhole,
  text,
  threadCount,
  wholeNumber,
  type Option,
  type Values,
} from "./options.ts";

/** Optimizers by their names on the command line: all of the package, and momentum. */
export const optimizers = {
  ...factories,
  momentum: (options: OptimizerOptions) => sgd({ ...options, momentum: 0.9 }),
};

const optimizerNames = Object.keys(optimizers) as (keyof typeof optimizers)[];

const largestSeed = 2 ** 32 - 1;

export const trainOptions = {
  data: text({
    placeholder: "digits|FOLDER|FILE.csv",
    initial: "digits",
    summary:
      "the digits that come along, a folder with four IDX files, or a CSV table, whose last " +
      "column is the class and every fifth row a test row",
  }),
  header: yesOrNo("whether the first row of a CSV table names its columns, where that is unclear"),
  network: oneOf(["mlp", "cnn"], {
    initial: "mlp",
    summary:
      "mlp has dense layers; cnn, for the digits and IDX images, has convolutions, max pooling " +
      "and dropout before them",
  }),
  layers: layerSizes(
    "sizes of the hidden dense layers, or none; default 64, or 128 in a cnn for images of 16x16 " +
      "pixels or more",
  ),
  activation: oneOf(["linear", ...activationNames], {
    initial: "relu",
    summary: `activation of the hidden layers and convolutions: linear, ${activationNames.join(", ")}`,
  }),
  epochs: wholeNumber({ min: 1 }, { initial: 30, summary: "passes over the training data" }),
  batch: wholeNumber({ min: 1 }, { initial: 32, summary: "examples in one step" }),
  optimizer: oneOf(optimizerNames, {
    initial: "adam",
    summary: `${optimizerNames.join(", ")}; momentum is sgd with 0.9 of it`,
  }),
  lr: positiveNumber({ initial: 1e-3, summary: "learning rate" }),
  seed: wholeNumber(
    { min: 0, max: largestSeed },
    { initial: 1, summary: "seed of the first weights and of the order of the examples" },
  ),
  threads: threadCount("threads, or auto for all cores; the weights are the same"),
  math: oneOf(["strict", "relaxed"], {
    initial: "strict",
    summary: "strict gives the same bits everywhere; relaxed may be faster, on one thread",
  }),
  save: optionalText("FILE", "write the trained weights as safetensors"),
  json: flag("print one JSON object and nothing else"),
};

export type TrainOptions = Values<typeof trainOptions>;

function yesOrNo(summary: string): Option<boolean | undefined> {
  const choices: Readonly<Record<string, boolean>> = { yes: true, no: false };
  return {
    placeholder: "yes|no",
    initial: undefined,
    summary,
    expected: "yes or no",
    read: (value) => (Object.hasOwn(choices, value) ? choices[value] : null),
  };
}

function layerSizes(summary: string): Option<readonly number[] | undefined> {
  return {
    placeholder: "N,N…",
    // The default depends on the network.
    initial: undefined,
    summary,
    expected: 'whole numbers of at least 1 with commas between them, or "none"',
    read: (value) => {
      if (value === "" || value === "none") return [];
      const sizes = value.split(",").map((size) => readWhole(size.trim(), 1, 2 ** 31));
      return sizes.every((size) => size !== null) ? sizes : null;
    },
  };
}
