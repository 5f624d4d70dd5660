// What is asked for on the command line.
import { parseArgs } from "node:util";
import { RECIPE } from "./network.mjs";

/** Options that are numbers, or not given. */
const NUMBERS = [...Object.keys(RECIPE), "every", "generate", "temperature", "top-k", "top-p"];

/** Options that a saved network has already. */
const FIXED = ["layers", "heads", "width", "context"];

/** Returns an option as a number. @throws Error if it is not one */
function numberOf(name, text) {
  const number = Number(text);
  if (Number.isFinite(number)) return number;
  throw new Error(`--${name}: expected a number, got ${text}`);
}

/**
 * Returns what is asked for; `changes` are those of RECIPE's settings that are given, `style` is that of samples.
 * @throws Error for an option that is unknown, or is not a number where it has to be one
 */
export function readArguments(args) {
  const text = { type: "string" };
  const flag = { type: "boolean" };
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...Object.fromEntries(NUMBERS.map((name) => [name, text])),
      ...{ save: text, prompt: text, threads: text, math: text },
      ...{ resume: flag, revectorize: flag },
    },
  });
  const given = NUMBERS.filter((name) => values[name] !== undefined);
  const numbers = Object.fromEntries(given.map((name) => [name, numberOf(name, values[name])]));
  const { resume = false, save = resume ? "gpt.safetensors" : undefined, prompt = "" } = values;
  const fixed = FIXED.find((name) => resume && name in numbers);
  if (fixed) throw new Error(`--${fixed}: expected none with --resume, the saved network has it`);
  const { every = 250, generate = 500, seed } = numbers;
  const { temperature = 0.8, "top-k": topK, "top-p": topP } = numbers;
  const { threads, math, revectorize } = values;
  const isCount = threads !== undefined && threads !== "auto";
  return {
    ...{ file: positionals[0], resume, save, every, generate, prompt },
    changes: Object.fromEntries(Object.entries(numbers).filter(([name]) => name in RECIPE)),
    style: { temperature, topK, topP, ...(seed !== undefined && { seed }) },
    engine: { threads: isCount ? numberOf("threads", threads) : threads, math, revectorize },
  };
}
