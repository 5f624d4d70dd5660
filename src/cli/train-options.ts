import {
  flag,
  oneOf,
  optionalText,
  positiveNumber,
  readWhole,
  text,
  wholeNumber,
  type Option,
  type Values,
} from "./options.ts";

const largestSeed = 2 ** 32 - 1;

export const trainOptions = {
  data: text({
    placeholder: "digits|FOLDER|FILE.csv",
    initial: "digits",
    summary: "the digits that come along, a folder with four IDX files, or a CSV table",
  }),
  layers: layerSizes("sizes of the hidden layers, or none", [64]),
  activation: oneOf(["relu", "leakyRelu", "sigmoid", "tanh", "linear"], {
    initial: "relu",
    summary: "of the hidden layers: relu, leakyRelu, sigmoid, tanh, linear",
  }),
  epochs: wholeNumber({ min: 1 }, { initial: 30, summary: "passes over the training data" }),
  batch: wholeNumber({ min: 1 }, { initial: 32, summary: "examples in one step" }),
  optimizer: oneOf(["adam", "sgd", "momentum"], {
    initial: "adam",
    summary: "adam, sgd, or momentum (sgd with momentum 0.9)",
  }),
  lr: positiveNumber({ initial: 1e-3, summary: "learning rate" }),
  seed: wholeNumber(
    { min: 0, max: largestSeed },
    { initial: 1, summary: "of the first weights and the order of the examples" },
  ),
  threads: threadCount("how many threads, or auto"),
  math: oneOf(["strict", "relaxed"], {
    initial: "strict",
    summary: "strict gives the same bits everywhere, relaxed may be faster",
  }),
  save: optionalText("FILE", "write the trained weights as safetensors"),
  json: flag("print one JSON object and nothing else"),
};

export type TrainOptions = Values<typeof trainOptions>;

function layerSizes(summary: string, initial: readonly number[]): Option<readonly number[]> {
  return {
    placeholder: "N,N…",
    initial,
    summary,
    expected: 'whole numbers of at least 1 with commas between them, or "none"',
    read: (value) => {
      if (value === "" || value === "none") return [];
      const sizes = value.split(",").map((size) => readWhole(size.trim(), 1, 2 ** 31));
      return sizes.every((size) => size !== null) ? sizes : null;
    },
  };
}

function threadCount(summary: string): Option<number | "auto"> {
  return {
    placeholder: "N|auto",
    initial: 1,
    summary,
    expected: 'a whole number from 1 to 256, or "auto"',
    read: (value) => (value === "auto" ? value : readWhole(value, 1, 256)),
  };
}
