import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { activationNames } from "../../src/graph/ops/activations.ts";
import * as gradlane from "../../src/index.ts";
import * as losses from "../../src/losses.ts";
import * as optimizers from "../../src/optimizers/index.ts";
import * as schedules from "../../src/schedules/index.ts";
import { blocksOf, pages, quotedFile, root } from "./blocks.ts";

/** Parts of the source that the documentation repeats. */

/** The lines of a text without indents and empty lines, which differ from page to file. */
function linesOf(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "").join("\n");
}

const quotes = pages()
  .flatMap(blocksOf)
  .flatMap((block) => {
    const path = quotedFile(block);
    return path === undefined ? [] : [{ path, ...block }];
  });

describe("code that a page quotes", () => {
  it.each(quotes)("is in $path ($file:$line)", ({ path, code }) => {
    const quoted = linesOf(code.slice(code.indexOf("\n")));
    expect(linesOf(readFileSync(`${root}${path}`, "utf8"))).toContain(quoted);
  });

  it("shows an op from its kernel to its formula", () => {
    const paths = new Set(quotes.map(({ path }) => path));
    const rooms = ["assembly/activations", "src/graph/ops", "src/reference"];
    for (const room of rooms) expect([...paths].some((path) => path.startsWith(room))).toBe(true);
  });
});

describe("the table of the README", () => {
  const readme = readFileSync(`${root}README.md`, "utf8");

  /** The names in a row, up to a semicolon, behind which are others or words. */
  function namesIn(kind: string): string[] {
    const [, row = ""] = new RegExp(`^\\| ${kind} +\\|([^|;]*)`, "m").exec(readme) ?? [];
    return Array.from(row.matchAll(/`(\w+)`/g), ([, name]) => name!);
  }

  it.each<[string, readonly string[]]>([
    // geluTanh is a form of gelu, and the last two act on rows.
    [
      "activations",
      [...activationNames.filter((name) => name !== "geluTanh"), "softmax", "logSoftmax"],
    ],
    ["losses", Object.keys(losses)],
    ["optimizers", Object.keys(optimizers)],
    ["schedules", Object.keys(schedules).filter((name) => name in gradlane)],
  ])("names all %s", (kind, names) => {
    expect(namesIn(kind).toSorted()).toEqual(names.toSorted());
  });
});
