// Writes what is made from the docstrings in assembly/: build/assembly, the functions that unpack
// instructions and the list of exports; build/*.ts, what TypeScript knows of them; and
// docs/kernel-abi.md if asked for it (--page).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { load } from "./load.mjs";

const names = ["read", "instruction", "unpack", "types", "interface", "render"];
const { modules, close } = await load(...names.map((name) => `scripts/abi/${name}.ts`));
const { readDeclarations, declared, renderUnpackers, renderExports, ...others } = Object.assign(
  {},
  ...modules,
);
const { renderTypes, renderConstants, renderInterface, render } = others;
await close();

const declarations = readDeclarations();
const { sections, kernels } = declarations;
const instructions = declared(declarations);
const root = new URL("../", import.meta.url);

/** Writes a file unless it is as it should be: `npm run dev` tests whatever a changed file is part of. */
function write(path, text) {
  const file = new URL(path, root);
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
}

if (process.argv.includes("--page")) {
  writeFileSync(new URL("docs/kernel-abi.md", root), await render(sections, instructions));
} else {
  mkdirSync(new URL("build/assembly/", root), { recursive: true });
  for (const [file, text] of [
    ["assembly/instructions.ts", renderUnpackers(instructions)],
    ["assembly/index.ts", renderExports(kernels)],
    ["instructions.ts", renderTypes(declarations, instructions)],
    ["constants.ts", renderConstants(declarations, instructions)],
    ["kernel-functions.ts", renderInterface(sections)],
  ]) {
    write(`build/${file}`, text);
  }
}
