import { createMemory, isShared } from "../memory/linear-memory.ts";

/**
 * Returns the error for a module that is not a build of gradlane, by its imports or its exports.
 */
export function notABuild(other: string | undefined): TypeError {
  const why = other ? `it imports ${other}` : "it has no export abiVersion";
  return new TypeError(`module: expected a build of gradlane, ${why}`);
}

/** Returns the error for a module that does not link with a memory; it may need the other kind. */
export async function wrongMemory(
  memory: WebAssembly.Memory,
  module: WebAssembly.Module,
): Promise<TypeError> {
  const [shared, plain] = ["a shared memory", "a memory that is not shared"];
  const [came, wanted] = isShared(memory) ? [shared, plain] : [plain, shared];
  const other = createMemory(!isShared(memory), 1, 65536);
  return WebAssembly.instantiate(module, { env: { memory: other } }).then(
    () => new TypeError(`memory: expected ${wanted} for this build of gradlane, got ${came}`),
    () => {
      const size = `a memory of ${memory.buffer.byteLength} bytes is none for it`;
      return new TypeError(`module: expected a build of gradlane, ${size}`);
    },
  );
}

/** Returns the error for a build of another version of gradlane. */
export function wrongVersion(version: number, expected: number): TypeError {
  const came = `it has version ${version}`;
  return new TypeError(`module: expected a build of gradlane with ABI ${expected}, ${came}`);
}
