// Writes binary files as modules, because a package that must run in browsers, in Node and from a
// bundle has no other way to find its own data: `export default "<base64>" as string;`
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const root = new URL("../", import.meta.url);

embed("data/digits.csv.gz", "build/digits.ts");
// Not there until the AssemblyScript compiler has run.
if (existsSync(new URL("build/asc/strict.wasm", root))) {
  embed("build/asc/strict.wasm", "build/strict.ts");
}

/** Both paths are relative to the package. */
function embed(binary, module) {
  const base64 = readFileSync(new URL(binary, root)).toString("base64");
  const target = new URL(module, root);
  mkdirSync(new URL("./", target), { recursive: true });
  writeFileSync(target, `export default "${base64}" as string;\n`);
}
