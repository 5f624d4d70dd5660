import { existsSync, readFileSync, statSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's files, named from its root, and where they stand on the site. */

export const repository = fileURLToPath(new URL("../../../", import.meta.url));

export function read(file: string): string {
  return readFileSync(repository + file, "utf8");
}

/** The address of a file's page from the site's root: docs/api/README.md is docs/api/index.html. */
export function addressOf(file: string): string {
  if (file === "README.md") return "docs/overview.html";
  const inDocs = file.replace(/^docs\//, "");
  const page = /(^|\/)README\.md$/.test(inDocs)
    ? inDocs.replace(/README\.md$/, "index.html")
    : `${inDocs.replace(/\.md$/, "")}.html`;
  return `docs/${page}`;
}

/** The address of one page of the site as another page writes it. */
export function relative(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith(".") ? path : `./${path}`;
}

/**
 * The file that a link of a page leads to: for a folder its README; undefined for a folder without.
 * @throws Error if there is nothing where it leads
 */
export function targetOf(file: string, path: string): string | undefined {
  const target = posix.join(posix.dirname(file), path).replace(/\/$/, "");
  if (target.startsWith("..") || !existsSync(repository + target)) {
    throw new Error(`${file}: a link leads to ${path}, which does not exist`);
  }
  if (statSync(repository + target).isFile()) return target;
  const readme = `${target}/README.md`;
  return existsSync(repository + readme) ? readme : undefined;
}
