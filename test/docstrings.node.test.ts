import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { complaint } from "../scripts/lint/docstrings.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));

/** Source files of a folder, named from the root. */
function sourcesIn(folder: string): string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return names
    .map((name) => join(folder, name).replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".ts"));
}

/** Docstrings of a file with what is wrong with them, as "file:line: complaint". */
function complaintsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const comments = new Map<number, string>();
  const visit = (node: ts.Node): void => {
    for (const { pos, end } of ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []) {
      if (text.startsWith("/*", pos)) comments.set(pos, text.slice(pos + 2, end - 2));
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return [...comments].flatMap(([pos, comment]) => {
    const wrong = complaint(comment);
    return wrong ? [`${file}:${tree.getLineAndCharacterOfPosition(pos).line + 1}: ${wrong}`] : [];
  });
}

describe("docstrings", () => {
  it.each([
    ["* Returns the number of rows. ", ""],
    ["*\n * Number of rows\n * in a tile.\n ", ""],
    ["* None that there is none, so many that it no longer fits. ", ""],
    [" What stands here is no docstring. ", ""],
    ["* What a word comes to. ", "What …"],
    ["* Whether it fits. ", "Whether …"],
    ["*\n * Of the first step. ", "Of …"],
    ["* Returns the sum that rows come to. ", "come to"],
    ["* Returns the tile, if one can be had. ", "be had"],
    ["* Listens no more. ", "no more"],
  ])("open with a verb or a noun phrase, in plain English: %j", (comment, wrong) => {
    expect(complaint(comment)).toMatch(wrong === "" ? /^$/ : `got "${wrong}"`);
  });

  it("of assembly/, which ESLint cannot parse, do so too", () => {
    expect(sourcesIn("assembly").flatMap(complaintsOf)).toEqual([]);
  });
});
