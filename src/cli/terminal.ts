import picocolors from "picocolors";
import { wrapText } from "./format.ts";

export type Colors = ReturnType<typeof picocolors.createColors>;

export interface Output extends NodeJS.WritableStream {
  readonly columns?: number;
}

/** Where a command writes and what it may assume about the reader. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  /** A person watches stdout: progress may be redrawn in place. */
  readonly live: boolean;
  readonly colors: Colors;
}

const columnsOfPlainText = 80;

export function processIo(): Io {
  const { stdout, stderr, env } = process;
  // Where it is no terminal isTTY is undefined, which would leave the choice to picocolors: it colours in CI.
  const live = Boolean(stdout.isTTY) && env.TERM !== "dumb";
  // hasColors() knows NO_COLOR and FORCE_COLOR.
  return { stdout, stderr, live, colors: picocolors.createColors(live && stdout.hasColors()) };
}

/** Asked anew for every drawing, because windows are resized. */
export function columnsOf(output: Output): number {
  // Some pseudo-terminals say 0.
  return output.columns !== undefined && output.columns > 0 ? output.columns : columnsOfPlainText;
}

/** Prints what went wrong, or what the user has to know, where it is not taken for a result. */
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
