import { ABI_VERSION } from "../../build/constants.ts";
import type { KernelFunctions } from "../../build/kernel-functions.ts";
import { embedded as strict } from "../../build/strict.ts";
import type { instantiate } from "../../build/asc/strict.js";
import { fromBase64 } from "../base/embedded-bytes.ts";
import { inflate } from "../base/embedded-bytes.ts";
import { readBeside } from "../base/node-access.ts";
import { type OnDemand, load } from "../base/on-demand.ts";

/** What a build of assembly/ exports. */
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

/** The builds that do not come with every program, as they are embedded. */
export const otherBuilds: Record<Exclude<Build, "strict">, OnDemand<{ embedded: string }>> = {
  relaxed: { import: () => import("../../build/relaxed.ts") },
  threads: { import: () => import("../../build/threads.ts") },
};

/** A build in the form in which it is embedded. */
async function textOf(build: Build): Promise<string> {
  return build === "strict" ? strict : (await load(otherBuilds[build])).embedded;
}

const compiled = new Map<Build, Promise<WebAssembly.Module>>();

/** The bytes of a build of the package. */
export async function buildBytes(build: Build): Promise<Uint8Array<ArrayBuffer>> {
  return readBeside(`${build}.wasm`) ?? inflate(fromBase64(await textOf(build)));
}

/** A build of the package, compiled once for all engines of a process. */
export function compileBuild(build: Build): Promise<WebAssembly.Module> {
  let module = compiled.get(build);
  if (!module) {
    module = buildBytes(build).then((bytes) => WebAssembly.compile(bytes));
    compiled.set(build, module);
    // A later engine may find there what this one has not.
    module.catch(() => compiled.delete(build));
  }
  return module;
}

/** Why modules are refused: a chunk of its own, for most programs bring none. */
export const moduleErrors: OnDemand<typeof import("./module-errors.ts")> = {
  import: () => import("./module-errors.ts"),
};

/**
 * The kernels over a memory.
 * @throws TypeError if the module is not a build of gradlane, one of another version, or one that is
 * for threads where the memory is not shared, or the other way round
 */
export async function instantiateBuild(
  memory: WebAssembly.Memory,
  module: WebAssembly.Module,
): Promise<Exports> {
  // It is not run to find out what it is: it may be anything.
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
