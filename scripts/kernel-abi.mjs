// Writes what is made from the docstrings in assembly/ and the exports of the strict build:
// build/kernel-functions.ts, and docs/kernel-abi.md if asked for it (--page).
import { readFileSync, writeFileSync } from "node:fs";
import { load } from "./load.mjs";

const { modules, close } = await load(
  ...["read", "render", "interface"].map((name) => `scripts/abi/${name}.ts`),
);
const [{ readSections }, { render }, { renderInterface }] = modules;
await close();

const root = new URL("../", import.meta.url);
const build = new WebAssembly.Module(readFileSync(new URL("build/asc/strict.wasm", root)));
const exported = new Set(WebAssembly.Module.exports(build).map(({ name }) => name));
const sections = readSections(exported);

writeFileSync(new URL("build/kernel-functions.ts", root), renderInterface(sections));

if (process.argv.includes("--page")) {
  writeFileSync(new URL("docs/kernel-abi.md", root), await render(sections));
}
