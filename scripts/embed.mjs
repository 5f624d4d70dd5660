// Writes files as modules, build/NAME.ts: `node scripts/embed.mjs ENCODING FILE...`,
// with one of the encodings below.
// A package that must run in browsers, in Node and from a bundle has no other way to find its own
// data.
import { Buffer } from "node:buffer";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { deflateRawSync } from "node:zlib";

/** Encodings of a file's bytes as a string. */
const encodings = {
  bytes: (bytes) => bytes.toString("base64"),
  // Compressed before base64, a gzipped download is a quarter smaller than the other way round;
  // Zopfli's deflate is 6% smaller than zlib's.
  deflated: async (bytes) => {
    const { default: zopfli } = await import("@gfx/zopfli");
    return Buffer.from(await zopfli.deflateAsync(bytes, {})).toString("base64");
  },
  // For tests that wait for it: zlib takes a hundredth of the time.
  quickly: (bytes) => deflateRawSync(bytes).toString("base64"),
  text: (bytes) => bytes.toString("utf8"),
};

/**
 * Start of each module: `var`, because minifiers move a constant that is used once to its use, in the
 * middle of the code. gzip then sees less of the code in its window of 32 KB, which costs 0.2 kB.
 */
const HEAD = "export var embedded: string = ";

const [encoding, ...files] = process.argv.slice(2);
const folder = new URL("../build/", import.meta.url);
mkdirSync(folder, { recursive: true });
for (const file of files) {
  const text = await encodings[encoding](readFileSync(file));
  const [name] = basename(file).split(".");
  writeFileSync(new URL(`${name}.ts`, folder), `${HEAD}${JSON.stringify(text)};\n`);
}
