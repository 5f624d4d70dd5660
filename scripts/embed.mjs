// Writes binary files as modules, because a package that must run in browsers, in Node and from a
// bundle has no other way to find its own data: `export var embedded: string = "<base64>";`. The script
// that lanes are run by is embedded as the text that it is.
import { Buffer } from "node:buffer";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";
import zopfli from "@gfx/zopfli";

const root = new URL("../", import.meta.url);

/**
 * What each module begins with. Minifiers move a constant that is used once to where that is, into the
 * middle of the code, of which gzip then sees less in its window of 32 KB: 0.2 kB more.
 */
const HEAD = "export var embedded: string = ";

embed(readFileSync(new URL("data/digits.csv.gz", root)), "digits");
// Not there until the AssemblyScript compiler and the bundler of scripts have run.
const builds = new URL("build/asc/", root);
for (const file of existsSync(builds) ? readdirSync(builds) : []) {
  const [name, extension] = file.split(".");
  if (extension === "wasm") await embedDeflated(new URL(file, builds), name);
}

const scripts = new URL("build/scripts/", root);
if (existsSync(scripts)) {
  await embedDeflated(new URL("page.js", scripts), "page");
  write("worker", readFileSync(new URL("worker.js", scripts), "utf8"));
}

/**
 * Writes a file, compressed, as build/<name>.ts. Compressed before base64, a gzipped download is a
 * quarter smaller than the other way round; Zopfli's deflate is 6% smaller than zlib's, and takes
 * seconds, so what is embedded already stays.
 */
async function embedDeflated(file, name) {
  const bytes = readFileSync(file);
  const module = existsSync(target(name)) ? readFileSync(target(name), "utf8") : "";
  const [head, text] = module.split('"');
  if (head === HEAD && inflateRawSync(Buffer.from(text, "base64")).equals(bytes)) return;
  embed(Buffer.from(await zopfli.deflateAsync(bytes, {})), name);
}

/** Writes bytes as build/<name>.ts. */
function embed(bytes, name) {
  write(name, bytes.toString("base64"));
}

/** Writes text as build/<name>.ts. */
function write(name, text) {
  mkdirSync(new URL("./", target(name)), { recursive: true });
  writeFileSync(target(name), `${HEAD}${JSON.stringify(text)};\n`);
}

function target(name) {
  return new URL(`build/${name}.ts`, root);
}
