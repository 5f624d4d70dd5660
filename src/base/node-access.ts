/** Parts of Node's own modules that are used here; Deno and Bun have them too. */
interface NodeModules {
  "node:fs": Pick<typeof import("node:fs"), "readFileSync">;
  "node:os": Partial<Pick<typeof import("node:os"), "availableParallelism">>;
  "node:v8": Pick<typeof import("node:v8"), "setFlagsFromString">;
  "node:worker_threads": Pick<typeof import("node:worker_threads"), "Worker" | "parentPort">;
  "node:zlib": Pick<typeof import("node:zlib"), "createGunzip" | "inflateRawSync">;
}

/**
 * Returns a module of Node's own, without an import for bundlers to resolve; undefined in browsers.
 */
export function nodeModule<Name extends keyof NodeModules>(
  name: Name,
): NodeModules[Name] | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?(name: Name): NodeModules[Name] };
  };
  return process?.getBuiltinModule?.(name);
}

/**
 * Reads a file of the package in Node, from the folder of the built module that contains this code.
 * Reading the kernels there takes 0.5 ms; loading zlib and decoding the embedded text takes 6.
 * Returns undefined if there is no such file, as in a browser, a bundle or the sources, and in
 * Deno, which would ask its user for permission.
 * @param name path relative to that folder, or the whole URL of any file
 */
export function readBeside(name: string): Uint8Array<ArrayBuffer> | undefined {
  if ("Deno" in globalThis) return undefined;
  // Not inside new URL(), from which bundlers would take the file along.
  const { url } = import.meta;
  try {
    return nodeModule("node:fs")?.readFileSync(new URL(name, url));
  } catch {
    return undefined;
  }
}
