import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The fenced blocks of the documentation, and the programs that they make. */

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** A fenced block. */
export interface Block {
  /** Path from the root: `docs/training.md`. */
  readonly file: string;
  /** Number of its first line of code, from 1. */
  readonly line: number;
  /** Text behind the opening fence; "" for none. */
  readonly language: string;
  readonly code: string;
}

/** Blocks of one document that run as one script. */
export interface Program {
  readonly file: string;
  readonly blocks: readonly Block[];
}

/** All pages that users read: the README, the documentation, and the READMEs of folders. */
export function pages(): string[] {
  const within = (folder: string): string[] =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" })
      .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
      .filter((name) => name.endsWith(".md") && !name.includes("node_modules/"));
  const folders = ["docs", "examples", "bench", "data", "test"];
  return ["README.md", ...folders.flatMap(within).toSorted()];
}

export function blocksOf(file: string): Block[] {
  const text = readFileSync(`${root}${file}`, "utf8");
  return [...text.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map((match) => {
    const [, language = "", code = ""] = match;
    return { file, line: text.slice(0, match.index).split("\n").length + 1, language, code };
  });
}

/**
 * Pages that are made from the sources: their blocks are signatures, held to them by a test, and
 * examples, which examples.test.ts runs.
 */
export const GENERATED = [
  { pages: /^docs\/kernel-abi\.md$/, test: "test/kernels/kernel-abi.node.test.ts" },
  { pages: /^docs\/api\//, test: "test/docs/api.test.ts" },
];

export function isSignature({ file, language, code }: Block): boolean {
  const isGenerated = GENERATED.some((generated) => generated.pages.test(file));
  return isGenerated && language === "ts" && !/^import /m.test(code);
}

/** The name of the file that a block is, if its first line is a comment with just that. */
export function fileName({ code }: Block): string | undefined {
  return /^(?:\/\/ |<!-- )([\w.-]+)(?: -->)?\n/.exec(code)?.[1];
}

/** Returns the path of the file that a block quotes, if its first line is a comment with just that. */
export function quotedFile({ code }: Block): string | undefined {
  return /^\/\/ ((?:assembly|src)\/[\w./-]+)\n/.exec(code)?.[1];
}

/** Returns the names under which a piece of code imports. */
function imported(code: string): string[] {
  const lists = code.matchAll(/^import (?:type )?\{([^}]*)\}/gm);
  return Array.from(lists, ([, names]) => names!.split(",").map((name) => name.trim())).flat();
}

/**
 * The scripts of a document: a block goes on from the one before it, unless it imports a name that
 * was imported already, or is of another language. Blocks that are files, or quote one, are no part of them.
 */
export function programsOf(blocks: readonly Block[]): Program[] {
  const programs: Block[][] = [];
  for (const block of blocks) {
    if ((fileName(block) ?? quotedFile(block)) !== undefined) continue;
    if (!["js", "ts"].includes(block.language)) continue;
    const last = programs.at(-1);
    const known = last?.flatMap(({ code }) => imported(code)) ?? [];
    const goesOn = !imported(block.code).some((name) => known.includes(name));
    if (last?.[0]?.language === block.language && goesOn) last.push(block);
    else programs.push([block]);
  }
  return programs.map((own) => ({ file: own[0]!.file, blocks: own }));
}

/** The program as a script whose lines have the numbers that they have in the document. */
export function script({ blocks }: Program): string {
  return blocks.reduce((text, { line, code }) => {
    return text + "\n".repeat(line - text.split("\n").length) + code;
  }, "");
}

/** Output that a line of a script promises, in a comment behind console.log. */
export interface Promised {
  readonly line: number;
  readonly text: string;
}

export function promises(code: string): Promised[] {
  return code.split("\n").flatMap((text, i) => {
    const comment = /console\.log\(.*\/\/ (.+)$/.exec(text)?.[1];
    return comment === undefined ? [] : [{ line: i + 1, text: comment }];
  });
}

/** A pattern for what was promised: … stands for anything, and spaces for any white space. */
export function pattern(promised: string): RegExp {
  const parts = promised.trim().split("…");
  const quoted = parts.map((part) =>
    part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+"),
  );
  return new RegExp(`^\\s*${quoted.join(".*?")}\\s*$`, "s");
}
