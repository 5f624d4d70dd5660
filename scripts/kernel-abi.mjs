// Writes what is made from the docstrings in assembly/ and the exports of the strict build:
// build/kernel-functions.ts, and docs/kernel-abi.md if asked for it (--page).
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createViteServer } from "vitest/node";

const server = await createViteServer({
  configFile: false,
  logLevel: "error",
  server: { middlewareMode: true, ws: false, watch: null },
});
const { readSections } = await server.ssrLoadModule("/scripts/abi/read.ts");
const { render } = await server.ssrLoadModule("/scripts/abi/render.ts");
const { renderInterface } = await server.ssrLoadModule("/scripts/abi/interface.ts");
await server.close();

const root = new URL("../", import.meta.url);
const build = new WebAssembly.Module(readFileSync(new URL("build/asc/strict.wasm", root)));
const exported = new Set(WebAssembly.Module.exports(build).map(({ name }) => name));
const sections = readSections(exported);

const target = new URL("build/kernel-functions.ts", root);
const text = renderInterface(sections);
// What is written anew would be compiled anew.
if (!existsSync(target) || readFileSync(target, "utf8") !== text) writeFileSync(target, text);

if (process.argv.includes("--page")) {
  writeFileSync(new URL("docs/kernel-abi.md", root), await render(sections));
}
