import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Step, bringUpToDate, isUpToDate, withNeeded } from "../../scripts/up-to-date.mjs";

let root = "";

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

function remove(path: string): void {
  rmSync(join(root, path), { recursive: true });
}

/** Joins the files of a folder in one file; ends half way if there is a file named "fail". */
const JOIN = `
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
const [from, to] = process.argv.slice(2);
mkdirSync(dirname(to), { recursive: true });
writeFileSync(to, "half");
if (readdirSync(from).includes("fail")) process.exit(3);
const parts = readdirSync(from).sort().map((name) => readFileSync(from + "/" + name, "utf8"));
writeFileSync(to, parts.join(""));
`;

function joining(name: string, from: string, to: string): Step {
  const commands = [["join.mjs", from, to]];
  return { name, about: name, inputs: [from], outputs: [dirname(to)], commands };
}

const words = joining("words", "words", "made/words/all");
const letters = joining("letters", "letters", "made/letters/all");
const text = joining("text", "made/words", "out/all");
const steps = [words, letters, text];

const build = (options?: { force: boolean }): Promise<string[]> =>
  bringUpToDate(root, steps, options);

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "gradlane-steps-"));
  write("join.mjs", JOIN);
  write("words/1", "one");
  write("words/2", "two");
  write("letters/a", "a");
  write("package-lock.json", "{}");
  expect(await build()).toEqual(["words", "letters", "text"]);
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

describe("steps of a build", () => {
  it("run once, those that read what others make after them", async () => {
    expect(read("out/all")).toBe("onetwo");
    expect(await build()).toEqual([]);
  });

  it.each<[string, () => void, string]>([
    ["changed", () => write("words/2", "TWO"), "oneTWO"],
    ["added", () => write("words/3", "three"), "onetwothree"],
    ["deleted", () => remove("words/1"), "two"],
    ["renamed", () => [write("words/0", "two"), remove("words/2")], "twoone"],
  ])("run again where an input is %s, and no others", async (_, change, joined) => {
    change();
    expect(await build()).toEqual(["words", "text"]);
    expect(read("out/all")).toBe(joined);
    expect(await build()).toEqual([]);
  });

  it("do not run again where an input is as it was, or what they make is the same", async () => {
    write("words/1", "one");
    expect(await build()).toEqual([]);
    write("words/1", "on");
    write("words/2", "etwo");
    expect(await build()).toEqual(["words"]);
  });

  it.each<[string, () => void]>([
    ["deleted", () => remove("out/all")],
    ["deleted with its folder", () => remove("out")],
    ["damaged", () => write("out/all", "onetw")],
    ["joined by another file", () => write("out/old", "old")],
  ])("run again where an output is %s", async (_, damage) => {
    damage();
    expect(await build()).toEqual(["text"]);
    expect(read("out/all")).toBe("onetwo");
    expect(existsSync(join(root, "out/old"))).toBe(false);
  });

  it("run again with another script, other versions of packages, another definition", async () => {
    write("join.mjs", `${JOIN}\n`);
    expect(await build()).toEqual(["words", "letters", "text"]);
    write("package-lock.json", "{ }");
    expect(await build()).toEqual(["words", "letters", "text"]);
    write("node_modules/.package-lock.json", "{}");
    expect(await build()).toEqual(["words", "letters", "text"]);
    const other = { ...letters, commands: [["join.mjs", "letters", "made/letters/all", "-v"]] };
    expect(await bringUpToDate(root, [words, other, text])).toEqual(["letters"]);
  });

  it("run again after they have failed, and what needs them does not run", async () => {
    write("words/fail", "");
    const failure = new Error("words: join.mjs ended with code 3");
    await expect(build()).rejects.toEqual(failure);
    expect(read("made/words/all")).toBe("half");
    await expect(build()).rejects.toEqual(failure);
    remove("words/fail");
    expect(await build()).toEqual(["words"]);
    expect(read("made/words/all")).toBe("onetwo");
  });

  it("all run where that is asked for", async () => {
    expect(await build({ force: true })).toEqual(["words", "letters", "text"]);
  });

  it("name an input that is not there, and an output that was not made", async () => {
    const blind = { ...letters, inputs: ["numbers"] };
    await expect(bringUpToDate(root, [blind])).rejects.toThrow(
      "letters: expected its input numbers, there is none",
    );
    const empty = { ...letters, outputs: ["elsewhere"] };
    await expect(bringUpToDate(root, [empty])).rejects.toThrow(
      "letters: expected its output elsewhere, there is none",
    );
    expect(await bringUpToDate(root, [letters])).toEqual(["letters"]);
  });
});

describe("withNeeded", () => {
  it("adds the steps that make what others read, and no others", () => {
    expect(withNeeded(steps, ["text"])).toEqual([words, text]);
    expect(withNeeded(steps, ["letters"])).toEqual([letters]);
    const page = joining("page", "out", "page/all");
    expect(withNeeded([...steps, page], ["page"])).toEqual([words, text, page]);
  });
});

describe("isUpToDate", () => {
  it("tells a step that would run from one that would not, and runs neither", () => {
    expect(isUpToDate(root, text)).toBe(true);
    write("words/1", "ONE");
    expect([words, letters, text].map((step) => isUpToDate(root, step))).toEqual([
      ...[false, true, true],
    ]);
    expect(read("out/all")).toBe("onetwo");
    remove("build/stamps/text");
    expect(isUpToDate(root, text)).toBe(false);
  });
});
