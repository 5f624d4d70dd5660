import { existsSync } from "node:fs";
import { join } from "node:path";
import { transform } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";
import { build } from "vite";
import { installed } from "../browsers/browsers.ts";
import { imageBytes, labelBytes } from "../data/idx-bytes.ts";
import {
  type Block,
  GENERATED,
  type Program,
  blocksOf,
  fileName,
  isSignature,
  pages,
  pattern,
  programsOf,
  promises,
  root,
  script,
} from "./blocks.ts";
import { visit } from "./browser.ts";
import { commandsOf, perform } from "./commands.ts";
import { Project } from "./project.ts";

/**
 * Every fenced block of the documentation is run, or else checked as far as can be. What is in none
 * of these lists, or in an unknown language, fails.
 */

/** Blocks of `text`, by page and first words: why there is nothing to check. */
const DRAWINGS = [
  { file: "docs/architecture.md", starts: "describe ", why: "a drawing of how it works" },
  { file: "docs/architecture.md", starts: "0 ", why: "a map of the memory" },
  { file: "docs/architecture.md", starts: "word 0 ", why: "the words of an instruction" },
  { file: "docs/architecture.md", starts: "@instruction ", why: "lines of a docstring" },
];

const all = pages().flatMap(blocksOf);
const of = (...languages: string[]): Block[] =>
  all.filter((block) => languages.includes(block.language));

const projects: Project[] = [];
function project(): Project {
  const created = new Project();
  projects.push(created);
  return created;
}
afterAll(() => {
  for (const created of projects) created.remove();
});

describe("blocks of the documentation", () => {
  it("are in languages that are checked here", () => {
    const languages = ["js", "ts", "sh", "console", "html", "json", "http", "text"];
    const others = all.filter(({ language }) => !languages.includes(language));
    expect(others).toEqual([]);
    expect(all.length).toBeGreaterThan(100);
  });

  it("are drawings only where it is said", () => {
    const unknown = of("text").filter(({ file, code }) => {
      return !DRAWINGS.some((drawing) => drawing.file === file && code.startsWith(drawing.starts));
    });
    expect(unknown).toEqual([]);
  });

  it("are signatures only where another test makes them anew", () => {
    for (const { test } of GENERATED) expect(existsSync(join(root, test)), test).toBe(true);
    expect(all.filter(isSignature).length).toBeGreaterThan(50);
  });

  it("are ten lines where the README says so", () => {
    const [first] = blocksOf("README.md").filter(({ language }) => language === "js");
    expect(first!.code.trim().split("\n")).toHaveLength(10);
  });

  it("are JSON where they say so", () => {
    for (const { code } of of("json")) JSON.parse(code);
  });
});

const pagesWithCode = pages().map((file) => {
  return { file, blocks: blocksOf(file).filter((block) => !isSignature(block)) };
});
const programs = pagesWithCode.flatMap(({ blocks }) => programsOf(blocks));
const title = ({ file, blocks }: Program): string => `${file}:${blocks[0]!.line}`;

describe("scripts of the documentation", () => {
  it.concurrent.each(programs.map((one) => [title(one), one] as const))(
    "%s prints what it says",
    async (_title, one) => {
      const text = script(one);
      const loader = one.blocks[0]!.language === "ts" ? "ts" : "js";
      // esbuild moves lines of TypeScript, so that only their order is known.
      const code = loader === "js" ? text : (await transform(text, { loader })).code;
      const printed = await project().run(code);
      for (const [i, promised] of promises(text).entries()) {
        const from = loader === "js" ? printed.find((p) => p.line === promised.line) : printed[i];
        expect(from?.text, `line ${promised.line}`).toMatch(pattern(promised.text));
      }
    },
  );
});

describe("command lines of the documentation", () => {
  const commands = of("sh", "console").flatMap((block) => {
    return commandsOf(block).map((one) => [`${block.file}:${one.line} ${one.text}`, one] as const);
  });

  it.concurrent.each(commands)("%s", async (_title, one) => {
    const own = project();
    for (const part of ["train", "t10k"]) {
      own.write(`FOLDER/${part}-images-idx3-ubyte`, imageBytes(4, 2, 2));
      own.write(`FOLDER/${part}-labels-idx1-ubyte`, labelBytes([0, 1, 0, 1]));
    }
    const printed = await perform(one, own);
    if (one.output === undefined) return;
    expect(printed).toBeDefined();
    expect(printed).toMatch(pattern(one.output));
  });
});

/** Pages of the documentation: the files that one of its documents has blocks of. */
const sites = pagesWithCode.flatMap(({ file, blocks }) => {
  const files = blocks.flatMap((block) => {
    const name = fileName(block);
    return name === undefined ? [] : [{ name, code: block.code }];
  });
  return files.length > 0 ? [{ file, files }] : [];
});

const codeOf = (name: string): string[] =>
  sites.flatMap(({ files }) => files.filter((one) => one.name === name)).map(({ code }) => code);

/** A folder with a document's files, and what its readers have besides. */
function siteOf(files: (typeof sites)[number]["files"]): Project {
  const own = project();
  own.write("index.html", '<script type="module" src="/page.js"></script>');
  own.write("vite.config.js", codeOf("vite.config.js")[0]!);
  for (const { name, code } of files) own.write(name, code);
  return own;
}

describe("pages of the documentation", () => {
  it("are files of a document that has a page.js", () => {
    expect(sites.map(({ file }) => file)).toEqual(["docs/threads.md", "docs/training.md"]);
    const known = ["index.html", "page.js", "trainer.js", "vite.config.js"];
    const names = new Set(sites.flatMap(({ files }) => files.map(({ name }) => name)));
    expect([...names].toSorted()).toEqual(known);
    expect(of("html").every((block) => fileName(block) !== undefined)).toBe(true);
    expect(sites.every(({ files }) => files.some(({ name }) => name === "page.js"))).toBe(true);
  });

  it("are served with the headers that the documentation names", () => {
    const [config] = codeOf("vite.config.js");
    expect(of("http").length).toBeGreaterThan(0);
    for (const { code } of of("http")) {
      for (const line of code.trim().split("\n")) {
        const [name, value] = line.split(": ");
        expect(config).toContain(`"${name}": "${value}"`);
      }
    }
  });

  describe.each(sites)("of $file", ({ files }) => {
    const page = files.find(({ name }) => name === "page.js")!.code;
    const promised = promises(page);

    it("print in Node what they say", async () => {
      const printed = await siteOf(files).run(page);
      for (const { line, text } of promised) {
        expect(printed.find((p) => p.line === line)?.text).toMatch(pattern(text));
      }
    });

    // One will do: what the package does in all of them other tests ask.
    it.each(installed.slice(0, 1))("print in %s what they say", async (browser) => {
      const inNode = await siteOf(files).run(page);
      const printed = await visit(browser, siteOf(files).folder, inNode.length);
      for (const { text } of promised) {
        expect(printed.some((line) => pattern(text).test(line))).toBe(true);
      }
    });

    it.runIf(installed.length === 0)("bundle, as there is no browser to run them in", async () => {
      const { folder } = siteOf(files);
      await build({ root: folder, logLevel: "error", build: { target: "esnext" } });
      expect(existsSync(join(folder, "dist/index.html"))).toBe(true);
    });
  });
});
