// What is asked for on the command line, for all examples in Node.
import { parseArgs } from "node:util";

/** Ends the program with a line that says what cannot be done. */
export function refuse(text) {
  console.error(text);
  process.exit(1);
}

/**
 * Returns options by their names, and the other arguments. Ends the program for an option that is unknown.
 * @param options as parseArgs of node:util takes them
 */
export function readOptions(options) {
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    return refuse(error.message);
  }
}

/**
 * Returns an option as a number, or undefined if it is not given. Ends the program for one that is not allowed.
 * @param expected what is allowed, in words
 */
export function numberOf(name, text, expected, isAllowed) {
  if (text === undefined) return undefined;
  const number = text.trim() === "" ? NaN : Number(text);
  return isAllowed(number) ? number : refuse(`--${name}: expected ${expected}, got ${text}`);
}

/** Returns an option as a whole number from `least` on, as numberOf does. */
export function wholeNumber(name, text, least = 1) {
  const isAllowed = (number) => Number.isSafeInteger(number) && number >= least;
  return numberOf(name, text, `a whole number from ${least} on`, isAllowed);
}
