// Writes binary files as modules, because a package that must run in browsers, in Node and from a
// bundle has no other way to find its own data: `export default "<base64>" as string;`
import { mkdirSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";

const root = new URL("../", import.meta.url);

embed(readFileSync(new URL("data/digits.csv.gz", root)), "digits");
// Not there until the AssemblyScript compiler and the bundler of the page have run.
const builds = new URL("build/asc/", root);
for (const file of existsSync(builds) ? readdirSync(builds) : []) {
  const [name, extension] = file.split(".");
  if (extension !== "wasm") continue;
  // Compressed before base64: a gzipped download is then a quarter smaller than the other way round.
  embed(deflateRawSync(readFileSync(new URL(file, builds)), { level: 9 }), name);
}

const page = new URL("build/page/page.js", root);
if (existsSync(page)) embed(deflateRawSync(readFileSync(page), { level: 9 }), "page");

/** Writes bytes as build/<name>.ts. */
function embed(bytes, name) {
  const target = new URL(`build/${name}.ts`, root);
  mkdirSync(new URL("./", target), { recursive: true });
  writeFileSync(target, `export default "${bytes.toString("base64")}" as string;\n`);
}
