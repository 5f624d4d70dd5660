// What is asked for on the command line.
import { numberOf, readOptions, refuse, wholeNumber } from "../command-line.mjs";
import { RECIPE } from "./network.mjs";

/** Options that are whole numbers, or not given, and the least of each. */
const COUNTS = {
  ...Object.fromEntries(Object.keys(RECIPE).map((name) => [name, 1])),
  ...{ steps: 0, seed: 0, every: 1, generate: 0, "top-k": 1 },
};

/** Options that a saved network has already. */
const FIXED = ["layers", "heads", "width", "context"];

/**
 * Returns what is asked for; `changes` are those of RECIPE's settings that are given, `style` is that of samples.
 * Ends the program for an option that is unknown, or is not a number where it has to be one.
 */
export function readArguments() {
  const text = { type: "string" };
  const flag = { type: "boolean" };
  const { values, positionals } = readOptions({
    ...Object.fromEntries(Object.keys(COUNTS).map((name) => [name, text])),
    ...{ save: text, prompt: text, threads: text, math: text, temperature: text, "top-p": text },
    ...{ resume: flag, revectorize: flag },
  });
  const given = Object.entries(COUNTS).filter(([name]) => values[name] !== undefined);
  const numbers = Object.fromEntries(
    given.map(([name, least]) => [name, wholeNumber(name, values[name], least)]),
  );
  const { resume = false, save = resume ? "gpt.safetensors" : undefined, prompt = "" } = values;
  const fixed = FIXED.find((name) => resume && name in numbers);
  if (fixed) refuse(`--${fixed}: expected none with --resume, the saved network has it`);
  const { every = 250, generate = 500, seed, "top-k": topK } = numbers;
  const temperature =
    numberOf("temperature", values.temperature, "a number from 0 on", (number) => {
      return number >= 0 && number < Infinity;
    }) ?? 0.8;
  const topP = numberOf("top-p", values["top-p"], "a number above 0, at most 1", (number) => {
    return number > 0 && number <= 1;
  });
  const { threads, math, revectorize } = values;
  const isCount = threads !== undefined && threads !== "auto";
  return {
    ...{ file: positionals[0], resume, save, every, generate, prompt },
    changes: Object.fromEntries(Object.entries(numbers).filter(([name]) => name in RECIPE)),
    style: { temperature, topK, topP, ...(seed !== undefined && { seed }) },
    engine: { threads: isCount ? wholeNumber("threads", threads) : threads, math, revectorize },
  };
}
