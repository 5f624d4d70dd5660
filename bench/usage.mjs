// What the programs of this folder have in common: how they are called, and how they say it.
import { parseArgs } from "node:util";

/** Ends the program for wrong use: says what is wrong, and how it is used. */
export function misused(message, usage) {
  console.error(`${message}\n${usage}`);
  process.exit(2);
}

/** A number of rounds that --rounds was given; none ends the program. */
export function roundsOf(text, usage) {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1) return rounds;
  return misused(`--rounds: expected a whole number of at least 1, got ${text}`, usage);
}

/** Reads the command line as parseArgs does; --help and wrong use end the program. */
export function readCommandLine(usage, { options, allowPositionals = false }) {
  const help = { type: "boolean", short: "h" };
  const config = { options: { ...options, help }, allowPositionals };
  if (parseArgs({ options: config.options, strict: false }).values.help) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    // Its further sentences are advice on how to write what nobody means here.
    return misused(error.message.split(/\.\s/, 1)[0], usage);
  }
}
