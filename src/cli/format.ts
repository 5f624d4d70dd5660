import { formatClock } from "../base/format.ts";

export function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

export function formatSeconds(seconds: number): string {
  if (seconds < 0.9995) return `${Number((1000 * seconds).toPrecision(3))} ms`;
  if (seconds < 60) return `${Number(seconds.toPrecision(3))} s`;
  return `${formatClock(seconds)} ${seconds < 3600 ? "min" : "h"}`;
}

/** Joins parts into lines of at most `columns`, with breaks between parts only. */
export function wrap(
  parts: readonly string[],
  columns: number,
  separator = " ",
  indent = "",
): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const joined = last === undefined ? part : last + separator + part;
    if (last === undefined) lines.push(part);
    else if (joined.length <= columns) lines[lines.length - 1] = joined;
    else lines.push(indent + part);
  }
  return lines;
}

/** Breaks a text between words; lines after the first are indented. */
export function wrapText(text: string, columns: number, indent = ""): string[] {
  return wrap(text.split(" "), columns, " ", indent);
}

const narrowestValue = 16;

/**
 * Formats pairs in two columns; if the terminal is too narrow, values go on lines below their keys.
 */
export function alignPairs(
  pairs: readonly (readonly [key: string, value: string])[],
  columns: number,
  indent = "",
  breakAt: string | RegExp = " ",
): string[] {
  const width = Math.max(...pairs.map(([key]) => key.length)) + 2;
  const beside = columns - indent.length - width >= narrowestValue;
  const hang = indent + " ".repeat(beside ? width : 4);
  return pairs.flatMap(([key, value]) => {
    const lines = wrap(value.split(breakAt), columns - hang.length).map((line) => hang + line);
    if (!beside) return [indent + key, ...lines];
    const [first = "", ...rest] = lines;
    return [indent + key.padEnd(width) + first.slice(hang.length), ...rest];
  });
}
