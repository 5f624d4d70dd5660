import { existsSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { pages, root } from "./blocks.ts";

/** The text of a page without its blocks and code, in which brackets are no links. */
function prose(file: string): string {
  const text = readFileSync(`${root}${file}`, "utf8");
  return text.replace(/^```.*?^```$/gms, "").replace(/`[^`\n]*`/g, (code) => {
    return code.replace(/[[\]()]/g, "·");
  });
}

/** Returns the anchors of a page: headings as GitHub names them, repeated ones with a number. */
function anchors(file: string): Set<string> {
  const found = new Set<string>();
  const text = readFileSync(`${root}${file}`, "utf8").replace(/^```.*?^```$/gms, "");
  for (const [, heading, id] of text.matchAll(/^#+ (.*)$|<a id="([^"]+)">/gm)) {
    const slug = id ?? slugOf(heading!);
    let name = slug;
    for (let i = 1; found.has(name); i++) name = `${slug}-${i}`;
    found.add(name);
  }
  return found;
}

function slugOf(heading: string): string {
  const words = heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "");
  return words.trim().replace(/\s/g, "-");
}

/** The links of a page to other files, from the root, and to headings. */
function links(file: string): { target: string; anchor: string | undefined }[] {
  const matches = [...prose(file).matchAll(/\]\(([^)\s]+)\)/g)];
  return matches
    .map(([, link]) => link!)
    .filter((link) => !/^\w+:/.test(link))
    .map((link) => {
      const [path, anchor] = link.split("#");
      const target = path ? posix.join(posix.dirname(file), path) : file;
      return { target, anchor };
    });
}

/** Pages for contributors, beside those whose code the tests run. */
const OTHERS = ["CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"];

describe("links of the documentation", () => {
  it.each([...pages(), ...OTHERS])("of %s lead somewhere", (file) => {
    const broken = links(file).filter(({ target, anchor }) => {
      if (!existsSync(`${root}${target}`)) return true;
      return anchor !== undefined && target.endsWith(".md") && !anchors(target).has(anchor);
    });
    expect(broken).toEqual([]);
  });

  it("are there", () => {
    expect(pages().flatMap(links).length).toBeGreaterThan(100);
  });
});
