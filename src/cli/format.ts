/** Formats a loss so that its leading digits show, however small or large it is. */
export function formatLoss(loss: number): string {
  if (!Number.isFinite(loss)) return String(loss);
  const size = Math.abs(loss);
  const plain = loss === 0 || (size >= 1e-3 && size < 1e3);
  return plain ? loss.toFixed(4) : loss.toExponential(2);
}

export function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

/** Formats a rate with three digits, because it changes all the time: `950`, `48.3k`, `1.25M`. */
export function formatRate(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return "–";
  for (const [unit, size] of [
    ["M", 1e6],
    ["k", 1e3],
  ] as const) {
    if (perSecond >= size * 0.9995) return `${Number((perSecond / size).toPrecision(3))}${unit}`;
  }
  return perSecond.toFixed(0);
}

export function formatSeconds(seconds: number): string {
  if (seconds < 0.9995) return `${Number((1000 * seconds).toPrecision(3))} ms`;
  if (seconds < 60) return `${Number(seconds.toPrecision(3))} s`;
  return `${formatClock(seconds)} ${seconds < 3600 ? "min" : "h"}`;
}

/** Formats a time as a clock does: `0:07`, `12:30`, `1:02:30`. */
export function formatClock(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–:––";
  const whole = Math.ceil(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  const tail = two(whole % 60);
  return minutes < 60
    ? `${minutes}:${tail}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${tail}`;
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
