import { readdirSync } from "node:fs";
import { addressOf, repository } from "./files.ts";
import { type Article, articleOf, sourceOf } from "./markdown.ts";

/** A page of the documentation. */
export interface Page extends Article {
  /** Path from the repository's root. */
  readonly file: string;
  /** Address from the site's root. */
  readonly address: string;
}

/** Pages under one name in the navigation. */
export interface Group {
  readonly name: string;
  readonly pages: readonly Page[];
}

export interface Documentation {
  readonly groups: readonly Group[];
  /** Those of the groups, and the files that they link to, by address. */
  readonly pages: ReadonlyMap<string, Page>;
}

/** The Markdown files of a folder. */
function within(folder: string): string[] {
  const names = readdirSync(repository + folder).filter((name) => name.endsWith(".md"));
  return names.map((name) => folder + name);
}

/** Renders the README, all of docs/, and every file that one of these pages links to. */
export function documentation(): Documentation {
  const pages = new Map<string, Page>();
  const files = new Set(["README.md", ...within("docs/"), ...within("docs/api/")]);
  for (const file of files) {
    const article = file.endsWith(".md") ? articleOf(file) : sourceOf(file);
    const address = addressOf(file);
    pages.set(address, { ...article, file, address });
    for (const link of article.links) files.add(link);
  }
  return { groups: groupsOf([...pages.values()]), pages };
}

function groupsOf(pages: readonly Page[]): Group[] {
  // Pages stand in the order in which the two lists of pages link to them.
  const lists = ["docs/README.md", "docs/api/README.md"];
  const links = lists.flatMap((file) => [file, ...pages.find((page) => page.file === file)!.links]);
  const rank = ({ file }: Page): number => (links.includes(file) ? links.indexOf(file) : Infinity);
  const ordered = pages.toSorted((a, b) => rank(a) - rank(b) || 0);
  const group = (name: string, files: RegExp): Group => ({
    name,
    pages: ordered.filter(({ file }) => files.test(file)),
  });
  return [
    group("Start", /^(docs\/)?README\.md$/),
    group("Guides", /^docs\/(?!README)[^/]+\.md$/),
    group("API reference", /^docs\/api\//),
    group("Contributing", /^[A-Z]+\.md$(?<!README\.md)/),
    group("Beside the code", /^(?!docs\/).+\/README\.md$/),
  ];
}
