import picocolors from "picocolors";
import { wrapText } from "./format.ts";

export type Colors = ReturnType<typeof picocolors.createColors>;

export interface Output extends NodeJS.WritableStream {
  readonly columns?: number;
}

/** Streams that a command writes to, and abilities of the terminal. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  /** True if a person watches stdout, so that progress may be redrawn in place. */
  readonly live: boolean;
  readonly colors: Colors;
}

const columnsOfPlainText = 80;

export function processIo(): Io {
  const { stdout, stderr, env } = process;
  // Without a terminal isTTY is undefined. Passed on, it would let picocolors choose, which colours
  // in CI.
  const live = Boolean(stdout.isTTY) && env.TERM !== "dumb";
  // hasColors() respects NO_COLOR and FORCE_COLOR.
  return { stdout, stderr, live, colors: picocolors.createColors(live && stdout.hasColors()) };
}

/** Returns the present width of a terminal, which changes when its window is resized. */
export function columnsOf(output: Output): number {
  // Some pseudo-terminals report 0 columns.
  return output.columns !== undefined && output.columns > 0 ? output.columns : columnsOfPlainText;
}

/** Prints an error or a note to stderr, where nobody takes it for a result. */
export function printError(io: Io, message: string): void {
  const columns = columnsOf(io.stderr);
  const lines = `gradlane: ${message}`.split("\n");
  printLines(
    io.stderr,
    lines.flatMap((line) => (line.length > columns ? wrapText(line, columns, "  ") : [line])),
  );
}

export function printLines(output: NodeJS.WritableStream, lines: readonly string[]): void {
  output.write(lines.map((line) => `${line}\n`).join(""));
}
