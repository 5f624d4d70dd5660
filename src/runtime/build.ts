import strict from "../../build/strict.ts";
import type { instantiate } from "../../build/asc/strict.js";
import { fromBase64 } from "./base64.ts";

/** What a build of assembly/ exports. */
export type Exports = Awaited<ReturnType<typeof instantiate>>;

/** The exports that are functions: the kernels, and what a program's records call. */
export type KernelName = Exclude<keyof Exports, "memory" | "table">;

/** Compiled once for all engines of a process. */
let compiled: Promise<WebAssembly.Module> | undefined;

/**
 * The kernels over a memory: the build inlined in the package, or the one given.
 * @throws TypeError if a given module is not a build of gradlane
 */
export async function instantiateBuild(
  memory: WebAssembly.Memory,
  module?: WebAssembly.Module,
): Promise<Exports> {
  if (!module) compiled ??= WebAssembly.compile(fromBase64(strict));
  const instance = await WebAssembly.instantiate(module ?? (await compiled!), { env: { memory } });
  if (typeof instance.exports.run !== "function" || typeof instance.exports.sgemm !== "function") {
    throw new TypeError("module: expected a build of gradlane, it has no run and sgemm exports");
  }
  return instance.exports as unknown as Exports;
}
