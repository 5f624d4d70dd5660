import { alignPairs, wrap, wrapText } from "./format.ts";
import { optionHelp, optionUsage, type Options } from "./options.ts";
import type { Io } from "./terminal.ts";

export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly options: Options;
  /** Returns the exit code. A UsageError ends the program with 2, any other error with 1. */
  readonly run: (args: readonly string[], io: Io) => Promise<number>;
}

export function commandUsage({ name, options }: Command, columns: number): string[] {
  return wrap([`usage: gradlane ${name}`, ...optionUsage(options)], columns, " ", "  ");
}

export function commandHelp(command: Command, columns: number): string[] {
  return [
    ...wrapText(`gradlane ${command.name}: ${command.summary}`, columns, "  "),
    "",
    ...commandUsage(command, columns),
    "",
    ...alignPairs(optionHelp(command.options), columns, "  "),
  ];
}
