import { ABI_VERSION } from "../../build/constants.ts";
import type { KernelFunctions } from "../../build/kernel-functions.ts";
import { embedded as strict } from "../../build/strict.ts";
import type { instantiate } from "../../build/asc/strict.js";
import { fromBase64 } from "../base/embedded-bytes.ts";
import { inflate } from "../base/embedded-bytes.ts";
import { readBeside } from "../base/node-access.ts";
import { type OnDemand, load } from "../base/on-demand.ts";

/** Exports of a build of assembly/. */
export type Exports = Awaited<ReturnType<typeof instantiate>>;

/** The exports that are functions: kernels, and what runs programs of instructions. */
export type FunctionName = Exclude<keyof Exports, "memory" | "table">;

/** Functions that a host may call by themselves. */
export type KernelName = keyof KernelFunctions;

/** Says if an exported function is a kernel: not one that unpacks an instruction or runs programs. */
export function isKernel(name: string): name is KernelName {
  return !/(Instruction|Program)$/.test(name);
}

/** The builds: "relaxed" fuses multiply-add, "threads" is strict over a shared memory. */
export type Build = "strict" | "relaxed" | "threads";

/** Builds that are loaded on demand, in embedded form. */
export const otherBuilds: Record<Exclude<Build, "strict">, OnDemand<{ embedded: string }>> = {
  relaxed: { import: () => import("../../build/relaxed.ts") },
  threads: { import: () => import("../../build/threads.ts") },
};

/** Returns a build in embedded form. */
async function textOf(build: Build): Promise<string> {
  return build === "strict" ? strict : (await load(otherBuilds[build])).embedded;
}

const compiled = new Map<Build, Promise<WebAssembly.Module>>();

/** Returns the bytes of a build of the package. */
export async function buildBytes(build: Build): Promise<Uint8Array<ArrayBuffer>> {
  return readBeside(`${build}.wasm`) ?? inflate(fromBase64(await textOf(build)));
}

/** Compiles a build of the package, once for all engines of a process. */
export function compileBuild(build: Build): Promise<WebAssembly.Module> {
  let module = compiled.get(build);
  if (!module) {
    module = buildBytes(build).then((bytes) => WebAssembly.compile(bytes));
    compiled.set(build, module);
    // A later engine may find the network or the file there again.
    module.catch(() => compiled.delete(build));
  }
  return module;
}

/** Errors for modules that are refused, loaded on demand: most programs pass no module. */
export const moduleErrors: OnDemand<typeof import("./module-errors.ts")> = {
  import: () => import("./module-errors.ts"),
};

/**
 * Instantiates a build over a memory.
 * @throws TypeError if the module is not a build of gradlane, is one of another version, or needs a
 * shared memory and gets another, or the other way round
 */
export async function instantiateBuild(
  memory: WebAssembly.Memory,
  module: WebAssembly.Module,
): Promise<Exports> {
  // The module is not run to find out, because it may be anything.
  const isNamed = WebAssembly.Module.exports(module).some(({ name }) => name === "abiVersion");
  const imports = WebAssembly.Module.imports(module).map(({ module, name }) => `${module}.${name}`);
  const other = imports.find((name) => name !== "env.memory");
  if (!isNamed || other) throw (await load(moduleErrors)).notABuild(isNamed ? other : undefined);
  const linked = WebAssembly.instantiate(module, { env: { memory } });
  const { exports } = await linked.catch(async (error: unknown) => {
    if (!(error instanceof WebAssembly.LinkError)) throw error;
    throw await (await load(moduleErrors)).wrongMemory(memory, module);
  });
  const kernels = exports as unknown as Exports;
  const version = kernels.abiVersion();
  if (version !== ABI_VERSION) throw (await load(moduleErrors)).wrongVersion(version, ABI_VERSION);
  return kernels;
}
