import { nodeModule } from "./node.ts";

/**
 * A file of the package, in Node: beside the file that this ends up in. Reading the kernels there
 * takes 0.5 ms; loading zlib and decoding what is embedded takes 6. Undefined if there is none, as in
 * a browser, a bundle or the sources, and in Deno, which would ask its user for permission.
 * @param name where it is from there, or the whole address of any file
 */
export function readBeside(name: string): Uint8Array<ArrayBuffer> | undefined {
  if ("Deno" in globalThis) return undefined;
  // Apart from new URL(), where bundlers would take the file along.
  const { url } = import.meta;
  try {
    return nodeModule("node:fs")?.readFileSync(new URL(name, url));
  } catch {
    return undefined;
  }
}
