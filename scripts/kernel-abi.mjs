// Writes docs/kernel-abi.md, from the docstrings in assembly/ and the exports of the strict build.
import { readFileSync, writeFileSync } from "node:fs";
import { createViteServer } from "vitest/node";

const server = await createViteServer({
  configFile: false,
  logLevel: "error",
  server: { middlewareMode: true, ws: false, watch: null },
});
const { readSections } = await server.ssrLoadModule("/scripts/abi/read.ts");
const { render } = await server.ssrLoadModule("/scripts/abi/render.ts");
await server.close();

const root = new URL("../", import.meta.url);
const build = new WebAssembly.Module(readFileSync(new URL("build/asc/strict.wasm", root)));
const exported = new Set(WebAssembly.Module.exports(build).map(({ name }) => name));
writeFileSync(new URL("docs/kernel-abi.md", root), await render(readSections(exported)));
