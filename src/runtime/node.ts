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
