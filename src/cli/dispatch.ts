import manifest from "../../package.json" with { type: "json" };
import { bench } from "./bench.ts";
import { commandHelp, commandUsage, type Command } from "./command.ts";
import { alignPairs } from "./format.ts";
import { info } from "./info.ts";
import { UsageError } from "./options.ts";
import { columnsOf, printError, printLines, type Io } from "./terminal.ts";
import { train } from "./train.ts";
import { verify } from "./verify.ts";

const commands: readonly Command[] = [train, bench, verify, info];
const usage = "usage: gradlane <command> [options]";

/** Runs a command line and returns its exit code: 0 for success, 1 for failure, 2 for wrong use. */
export async function dispatch(args: readonly string[], io: Io): Promise<number> {
  const [name = "help", ...rest] = args;
  try {
    if (name === "--version" || name === "-v") return print(io, [manifest.version]);
    if (name === "--help" || name === "-h" || name === "help") return help(rest, io);
    const command = commandNamed(name);
    if (rest.includes("--help") || rest.includes("-h")) return help([name], io);
    return await runCommand(command, rest, io);
  } catch (error) {
    if (error instanceof UsageError) return misused(error, [usage], io);
    fail(error, io);
    return 1;
  }
}

async function runCommand(command: Command, args: readonly string[], io: Io): Promise<number> {
  try {
    return await command.run(args, io);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return misused(error, commandUsage(command, columnsOf(io.stderr)), io);
  }
}

function commandNamed(name: string): Command {
  const command = commands.find((candidate) => candidate.name === name);
  if (command) return command;
  const kind = name.startsWith("-") ? "option" : "command";
  const known = [...commands.map((candidate) => candidate.name), "help"].join(", ");
  throw new UsageError(`unknown ${kind} ${name}; the commands are ${known}`);
}

function help([name]: readonly string[], io: Io): number {
  const columns = columnsOf(io.stdout);
  if (name !== undefined) return print(io, commandHelp(commandNamed(name), columns));
  const summaries = commands.map((command) => [command.name, command.summary] as const);
  return print(io, [
    `gradlane ${manifest.version}: neural-network training in WebAssembly`,
    "",
    usage,
    "",
    ...alignPairs(
      [
        ...summaries,
        ["help", "this text; help COMMAND shows the options of a command"],
        ["--version", "the version of gradlane"],
      ],
      columns,
      "  ",
    ),
  ]);
}

function misused(error: UsageError, usageLines: readonly string[], io: Io): number {
  printError(io, error.message);
  printLines(io.stderr, usageLines);
  return 2;
}

function fail(error: unknown, io: Io): void {
  const { DEBUG, GRADLANE_DEBUG } = process.env;
  const { message, stack } = error instanceof Error ? error : { message: String(error) };
  if ((DEBUG || GRADLANE_DEBUG) && stack) printLines(io.stderr, [`gradlane: ${stack}`]);
  else printError(io, message);
}

function print(io: Io, lines: readonly string[]): number {
  printLines(io.stdout, lines);
  return 0;
}
