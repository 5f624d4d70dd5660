import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Block, root } from "./blocks.ts";
import type { Project } from "./project.ts";

/** The command lines of the documentation: what each runs, or what is checked instead, and why. */

const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

/** A command line, and the output that the page promises. */
export interface Command {
  readonly line: number;
  readonly text: string;
  readonly output?: string;
}

/** The commands of a block: lines of sh, or lines after $ with what they print below. */
export function commandsOf({ language, line, code }: Block): Command[] {
  if (language === "console") {
    return [...code.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)].map((match) => {
      const at = line + code.slice(0, match.index).split("\n").length - 1;
      return { line: at, text: match[1]!, output: match[2]! };
    });
  }
  return code.split("\n").flatMap((text, i) => {
    const commands = text.replace(/(^|\s{2,})#.*$/, "").split("&&");
    return commands
      .map((command) => ({ line: line + i, text: command.trim() }))
      .filter((command) => command.text !== "");
  });
}

/** The words of a command; those in quotes are one. */
function words(text: string): string[] {
  return Array.from(text.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, word]) => quoted ?? word!);
}

const cli = join(root, "dist/cli.js");

/** Returns the program that runs for a command, or undefined for one that is not run: see UNRUN. */
function program(text: string): [program: string, args: string[], cwd?: string] | undefined {
  const [first, second, ...rest] = words(text);
  if (first === "npx" && second === "gradlane") {
    const isLong = UNRUN.some(({ command }) => command.test(text));
    return isLong ? undefined : [process.execPath, [cli, ...rest]];
  }
  // What the script does after the build, which is there when tests run.
  if (text === "npm start") return program(scripts.start!.split("&& ").at(-1)!);
  if (text === "node dist/cli.js train") return [process.execPath, [cli, "train"]];
  if (first === "node" && second?.startsWith("examples/")) {
    return [process.execPath, [second, ...rest], root];
  }
  return undefined;
}

/** @throws Error unless the path is there */
function checkFile(path: string): void {
  if (!existsSync(join(root, path))) throw new Error(`expected a file ${path}`);
}

/** @throws Error unless every option stands in what the program says of itself */
function checkOptions(args: readonly string[], text: string): void {
  const unknown = args.filter((arg) => arg.startsWith("--") && !text.includes(arg.slice(2)));
  if (unknown.length > 0) throw new Error(`expected known options, got ${unknown.join(", ")}`);
}

interface Unrun {
  readonly command: RegExp;
  readonly why: string;
  /** Looks at what can be seen without running it. */
  check(args: string[], project: Project): void | Promise<void>;
}

/** Commands that are not run, and what is checked of them instead. */
export const UNRUN: readonly Unrun[] = [
  {
    command: /^npx gradlane bench(?!.*--quick)/,
    why: "measures for minutes",
    check: async ([, , ...args], project) => {
      checkOptions(args, await project.execute(process.execPath, [cli, "bench", "--help"]));
    },
  },
  {
    command: /^npx gradlane verify$/,
    why: "checks for a minute what its own tests check",
    check: async (_args, project) => {
      await project.execute(process.execPath, [cli, "verify", "--help"]);
    },
  },
  {
    command: /^npm (test|ci|pack|run )/,
    why: "builds, installs or tests everything: .ci/run does it",
    check: ([, name, script = ""]) => {
      if (name !== "run" && name !== "test") return;
      const wanted = name === "run" ? script : name;
      if (!(wanted in scripts)) throw new Error(`expected a script "${wanted}" in package.json`);
    },
  },
  {
    command: /^npm install --prefix /,
    why: "downloads hundreds of megabytes",
    check: ([, , , folder]) => {
      checkFile(`${folder}/package.json`);
    },
  },
  {
    command: /^npm install \.\/gradlane-/,
    why: "the packed tarball is installed by the tests of packaging",
    check: ([, , file]) => {
      const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
        version: string;
      };
      if (file === `./gradlane-${version}.tgz`) return;
      throw new Error(`expected the version ${version}, got ${file}`);
    },
  },
  {
    command: /^node bench\//,
    why: "measures for minutes",
    check: ([, file, ...args]) => {
      checkFile(file!);
      checkOptions(args, readFileSync(join(root, file!), "utf8"));
    },
  },
  {
    command: /^node scripts\/\S+/,
    why: "made by hand, for hours",
    check: ([, file]) => {
      checkFile(file!);
    },
  },
  {
    command: /^cp build\//,
    why: "what it is for measures for minutes",
    check: ([, file]) => {
      checkFile(file!);
    },
  },
  {
    command: /^(apt-get install|c\+\+|build\/host) /,
    why: "test/examples/embed.test.ts builds and runs the host where WABT is installed",
    check: (args) => {
      for (const arg of args) if (/^(examples|dist)\//.test(arg)) checkFile(arg);
    },
  },
];

/**
 * Runs a command, or checks what can be checked of it; what it printed, if it ran.
 * @throws Error if it fails, or if nothing is known of it
 */
export async function perform({ text }: Command, project: Project): Promise<string | undefined> {
  const known = program(text);
  if (known) return project.execute(...known);
  const unrun = UNRUN.find(({ command }) => command.test(text));
  if (!unrun) throw new Error(`expected a command that is known here, got: ${text}`);
  await unrun.check(words(text), project);
  return undefined;
}
