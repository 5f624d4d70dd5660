/** What is used of Node's own modules; Deno and Bun have them too. */
interface NodeModules {
  "node:fs": Pick<typeof import("node:fs"), "readFileSync">;
  "node:os": Partial<Pick<typeof import("node:os"), "availableParallelism">>;
  "node:v8": Pick<typeof import("node:v8"), "setFlagsFromString">;
  "node:worker_threads": Pick<typeof import("node:worker_threads"), "Worker" | "parentPort">;
  "node:zlib": Pick<typeof import("node:zlib"), "inflateRawSync">;
}

/** A module of Node's own, without an import for bundlers to resolve; undefined in browsers. */
export function nodeModule<Name extends keyof NodeModules>(
  name: Name,
): NodeModules[Name] | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?(name: Name): NodeModules[Name] };
  };
  return process?.getBuiltinModule?.(name);
}

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
