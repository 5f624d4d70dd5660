import strict from "../../build/strict.ts";
import type { instantiate } from "../../build/asc/strict.js";
import { fromBase64 } from "./base64.ts";
import { inflate } from "./inflate.ts";
import { readBeside } from "./beside.ts";
import { isShared } from "./memory.ts";

/** What a build of assembly/ exports. */
export type Exports = Awaited<ReturnType<typeof instantiate>>;

/** The exports that are functions: the kernels, and what a program's records call. */
export type KernelName = Exclude<keyof Exports, "memory" | "table">;

/** The builds: "relaxed" fuses multiply-add, "threads" is strict over a shared memory. */
export type Build = "strict" | "relaxed" | "threads";

/** The builds as they are embedded; only the first comes with every program. */
const embedded: Record<Build, () => Promise<string>> = {
  strict: () => Promise.resolve(strict),
  relaxed: async () => (await import("../../build/relaxed.ts")).default,
  threads: async () => (await import("../../build/threads.ts")).default,
};

/** The signatures that this code calls, see assembly/about.ts. */
const ABI_VERSION = 2;

const compiled = new Map<Build, Promise<WebAssembly.Module>>();

/** The bytes of a build of the package. */
export async function buildBytes(build: Build): Promise<Uint8Array<ArrayBuffer>> {
  return readBeside(`${build}.wasm`) ?? inflate(fromBase64(await embedded[build]()));
}

/** A build of the package, compiled once for all engines of a process. */
export function compileBuild(build: Build): Promise<WebAssembly.Module> {
  let module = compiled.get(build);
  if (!module) {
    module = buildBytes(build).then((bytes) => WebAssembly.compile(bytes));
    compiled.set(build, module);
  }
  return module;
}

/**
 * The kernels over a memory.
 * @throws TypeError if the module is not a build of gradlane, one of another version, or one for a
 * memory that is not shared where this is, or the other way round
 */
export async function instantiateBuild(
  memory: WebAssembly.Memory,
  module: WebAssembly.Module,
): Promise<Exports> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } }).catch((cause) => {
    if (!(cause instanceof WebAssembly.LinkError)) throw cause;
    const kind = isShared(memory)
      ? "the threads build for a shared memory"
      : "a build for one thread";
    throw new TypeError(`module: expected ${kind}, got another`, { cause });
  });
  const { abiVersion } = exports as Partial<Exports>;
  if (typeof abiVersion !== "function") {
    throw new TypeError("module: expected a build of gradlane, it has no export abiVersion");
  }
  if (abiVersion() !== ABI_VERSION) {
    const came = `it has version ${abiVersion()}`;
    throw new TypeError(`module: expected a build of gradlane with ABI ${ABI_VERSION}, ${came}`);
  }
  return exports as unknown as Exports;
}
