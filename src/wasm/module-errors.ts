import { createMemory, isShared } from "../memory/linear-memory.ts";

/** Of a module that is something else: for what it imports, or else for want of an export. */
export function notABuild(other: string | undefined): TypeError {
  const why = other ? `it imports ${other}` : "it has no export abiVersion";
  return new TypeError(`module: expected a build of gradlane, ${why}`);
}

/** Of one that does not link with a memory: it may be for one of the other kind. */
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

/** Of a build of another version of gradlane. */
export function wrongVersion(version: number, expected: number): TypeError {
  const came = `it has version ${version}`;
  return new TypeError(`module: expected a build of gradlane with ABI ${expected}, ${came}`);
}
