import { describe, expect, it, test } from "vitest";
import { parseOptions, UsageError } from "../../src/cli/options.ts";
import { optimizers as choices, trainOptions } from "../../src/cli/train-options.ts";
import { activationNames } from "../../src/index.ts";
import * as all from "../../src/optimizers/index.ts";
import { factories } from "../../src/reference/optimizers.ts";

const parse = (...args: string[]) => parseOptions(trainOptions, args);

describe("train options", () => {
  it("without arguments are the documented defaults", () => {
    expect(parse()).toEqual({
      data: "digits",
      network: "mlp",
      layers: undefined,
      activation: "relu",
      epochs: 30,
      batch: 32,
      optimizer: "adam",
      lr: 1e-3,
      seed: 1,
      threads: 1,
      math: "strict",
      save: undefined,
      json: false,
    });
  });

  it("are all read", () => {
    const written =
      "--data my/folder --network cnn --layers 64,32 --activation tanh --epochs 3 --batch=16 --optimizer momentum " +
      "--lr 1e-2 --seed 0 --threads auto --math relaxed --save out.safetensors --json";
    expect(parse(...written.split(" "))).toEqual({
      data: "my/folder",
      network: "cnn",
      layers: [64, 32],
      activation: "tanh",
      epochs: 3,
      batch: 16,
      optimizer: "momentum",
      lr: 0.01,
      seed: 0,
      threads: "auto",
      math: "relaxed",
      save: "out.safetensors",
      json: true,
    });
  });

  it("the last of two wins", () => {
    expect(parse("--epochs", "3", "--epochs", "4").epochs).toBe(4);
  });

  it.each([
    ["", []],
    ["none", []],
    ["8", [8]],
    ["64, 32", [64, 32]],
  ])('--layers "%s"', (written, layers) => {
    expect(parse("--layers", written).layers).toEqual(layers);
  });
});

describe("--optimizer", () => {
  it.each(Object.keys(all))("%s is the package's, with the learning rate", (name) => {
    const { optimizer, lr: learningRate } = parse("--optimizer", name, "--lr", "0.25");
    const made = choices[optimizer]({ learningRate });
    expect([made.name, made.learningRate]).toEqual([name, 0.25]);
  });

  it("momentum is sgd with 0.9 of it", () => {
    const made = choices[parse("--optimizer", "momentum").optimizer]({ learningRate: 0.25 });
    expect(String(made)).toBe("sgd({ learningRate: 0.25, momentum: 0.9 })");
  });
});

const layers = 'whole numbers of at least 1 with commas between them, or "none"';
const activations = `one of linear, ${activationNames.join(", ")}`;
const optimizers = `one of ${Object.keys(factories).join(", ")}, momentum`;

test.each([
  [["--epochs", "abc"], '--epochs: expected a whole number of at least 1, got "abc"'],
  [["--epochs", "0"], '--epochs: expected a whole number of at least 1, got "0"'],
  [["--epochs", "1.5"], '--epochs: expected a whole number of at least 1, got "1.5"'],
  [["--epochs", "1e3"], '--epochs: expected a whole number of at least 1, got "1e3"'],
  [["--epochs", "-1"], '--epochs: expected a whole number of at least 1, got "-1"'],
  [["--epochs="], '--epochs: expected a whole number of at least 1, got ""'],
  [["--epochs"], "--epochs: expected a whole number of at least 1, got nothing"],
  [["--epochs", "--json"], "--epochs: expected a whole number of at least 1, got nothing"],
  [["--epochs", "99999999999999999999"], /^--epochs: expected a whole number of at least 1, got/],
  [["--batch", "0"], '--batch: expected a whole number of at least 1, got "0"'],
  [["--layers", "64,"], `--layers: expected ${layers}, got "64,"`],
  [["--layers", "64,0"], `--layers: expected ${layers}, got "64,0"`],
  [["--layers", "big"], `--layers: expected ${layers}, got "big"`],
  [["--network", "rnn"], '--network: expected one of mlp, cnn, got "rnn"'],
  [["--activation", "Relu"], `--activation: expected ${activations}, got "Relu"`],
  [["--optimizer", "rms"], `--optimizer: expected ${optimizers}, got "rms"`],
  [["--lr", "0"], '--lr: expected a number above 0, got "0"'],
  [["--lr", "-1"], '--lr: expected a number above 0, got "-1"'],
  [["--lr", "fast"], '--lr: expected a number above 0, got "fast"'],
  [["--lr", "Infinity"], '--lr: expected a number above 0, got "Infinity"'],
  [["--lr", "1e999"], '--lr: expected a number above 0, got "1e999"'],
  [["--seed", "-1"], '--seed: expected a whole number from 0 to 4294967295, got "-1"'],
  [["--seed", "4294967296"], /^--seed: expected a whole number from 0 to 4294967295, got/],
  [["--threads", "0"], '--threads: expected a whole number from 1 to 32, or "auto", got "0"'],
  [["--threads", "many"], /^--threads: expected a whole number from 1 to 32, or "auto", got/],
  [["--math", "loose"], '--math: expected one of strict, relaxed, got "loose"'],
  [["--data", ""], '--data: expected a name that is not empty, got ""'],
  [["--save"], "--save: expected a name that is not empty, got nothing"],
  [["--json=yes"], '--json: expected no value, got "yes"'],
  [["--json="], '--json: expected no value, got ""'],
  [["--header", "true"], '--header: expected yes or no, got "true"'],
  [["--epoch", "3"], "unknown option --epoch"],
  [["--no-json"], "unknown option --no-json"],
  [["--toString"], "unknown option --toString"],
  [["-e"], "unknown option -e"],
  [["digits"], 'unexpected argument "digits"'],
  [["--", "digits"], 'unexpected argument "digits"'],
])("%j is refused", (args, message) => {
  expect(() => parse(...args)).toThrow(UsageError);
  expect(() => parse(...args)).toThrow(message);
});
