import { readFileSync } from "node:fs";

/** The version in a package.json, beside this file or of a package that is installed beside it. */
export function versionOf(path) {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")).version;
}

/** The version of an installed package. */
export function installedVersion(name) {
  return versionOf(`node_modules/${name}/package.json`);
}
