import { readBeside } from "../base/node-access.ts";
import { type Build, compileBuild } from "../wasm/build.ts";
import { hasFeature } from "../wasm/features.ts";
import { describeValue } from "../base/arguments.ts";
import { type OnDemand, load } from "../base/on-demand.ts";
import type { ChosenBuild, EngineOptions } from "./options.ts";

/**
 * Returns the bytes at a URL; Node's fetch does not read files.
 * @throws TypeError if there is nothing
 */
async function bytesAt(url: URL): Promise<BufferSource> {
  const file = url.protocol === "file:" ? readBeside(url.href) : undefined;
  if (file) return file;
  const refuse = (came: unknown): TypeError =>
    new TypeError(`createEngine: expected a module at ${url.href}, got ${String(came)}`);
  const response = await fetch(url).catch((error: unknown) => {
    throw refuse(error);
  });
  if (!response.ok) throw refuse(response.status);
  return response.arrayBuffer();
}

/** Compiles the module option. @throws TypeError for another type, CompileError for other bytes */
async function compileGiven(
  module: NonNullable<EngineOptions["module"]>,
): Promise<WebAssembly.Module> {
  if (module instanceof WebAssembly.Module) return module;
  const bytes = module instanceof URL ? await bytesAt(module) : module;
  return WebAssembly.compile(bytes).catch((error: unknown) => {
    if (!(error instanceof TypeError)) throw error;
    const expected = "expected module to be a WebAssembly.Module, its bytes or a URL";
    throw new TypeError(`createEngine: ${expected}, got ${describeValue(module)}`);
  });
}

/** Returns the build for a kind of memory, and a note if it is not the one that was asked for. */
function buildFor(math: EngineOptions["math"], shared: boolean): [Build, ...string[]] {
  if (math !== "relaxed") return [shared ? "threads" : "strict"];
  if (shared) return ["threads", "math: strict, the only one with threads"];
  if (hasFeature("relaxedSimd")) return ["relaxed"];
  return ["strict", "math: strict, WebAssembly has no relaxed SIMD here"];
}

/** Code for the option revectorize, loaded on demand: only Node has it. */
export const revectorizing: OnDemand<typeof import("./revectorize.ts")> = {
  import: () => import("./revectorize.ts"),
};

/** Returns the build that the options ask for, or the nearest one that is available. */
export async function chooseBuild(options: EngineOptions, shared: boolean): Promise<ChosenBuild> {
  const given = options.module;
  if (given) {
    const notes = options.revectorize ? ["revectorize: off, the module is given"] : [];
    return { build: "given", module: await compileGiven(given), revectorize: false, notes };
  }
  const [build, ...notes] = buildFor(options.math, shared);
  if (options.revectorize) {
    const { revectorized } = await load(revectorizing);
    const module = await revectorized(build);
    if (typeof module !== "string") return { build, module, revectorize: true, notes };
    notes.push(`revectorize: off, ${module}`);
  }
  return { build, module: await compileBuild(build), revectorize: false, notes };
}
