// Writes binary files as modules, because a package that must run in browsers, in Node and from a
// bundle has no other way to find its own data: `export default "<base64>" as string;`
import { Buffer } from "node:buffer";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";
import zopfli from "@gfx/zopfli";

const root = new URL("../", import.meta.url);

embed(readFileSync(new URL("data/digits.csv.gz", root)), "digits");
// Not there until the AssemblyScript compiler and the bundler of the page have run.
const builds = new URL("build/asc/", root);
for (const file of existsSync(builds) ? readdirSync(builds) : []) {
  const [name, extension] = file.split(".");
  if (extension === "wasm") await embedDeflated(new URL(file, builds), name);
}

const page = new URL("build/page/page.js", root);
if (existsSync(page)) await embedDeflated(page, "page");

/**
 * Writes a file, compressed, as build/<name>.ts. Compressed before base64, a gzipped download is a
 * quarter smaller than the other way round; Zopfli's deflate is 6% smaller than zlib's, and takes
 * seconds, so what is embedded already stays.
 */
async function embedDeflated(file, name) {
  const bytes = readFileSync(file);
  const [, text] = existsSync(target(name)) ? readFileSync(target(name), "utf8").split('"') : [];
  if (text && inflateRawSync(Buffer.from(text, "base64")).equals(bytes)) return;
  embed(Buffer.from(await zopfli.deflateAsync(bytes, {})), name);
}

/** Writes bytes as build/<name>.ts. */
function embed(bytes, name) {
  mkdirSync(new URL("./", target(name)), { recursive: true });
  writeFileSync(target(name), `export default "${bytes.toString("base64")}" as string;\n`);
}

function target(name) {
  return new URL(`build/${name}.ts`, root);
}
