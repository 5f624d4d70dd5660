import { type Build, compileBuild } from "../runtime/build.ts";
import { hasFeature } from "../runtime/features.ts";
import { fastestTile } from "../runtime/tuning.ts";
import type { EngineInfo, EngineOptions } from "./options.ts";

/** What an engine is to run on. */
export interface Choice extends Omit<EngineInfo, "math" | "threads"> {
  readonly module: WebAssembly.Module;
}

/** The module option as a module. */
async function compileGiven(
  module: NonNullable<EngineOptions["module"]>,
): Promise<WebAssembly.Module> {
  if (module instanceof WebAssembly.Module) return module;
  if (!(module instanceof URL)) return WebAssembly.compile(module);
  const response = await fetch(module);
  if (!response.ok) {
    throw new TypeError(
      `createEngine: expected a module at ${module.href}, got ${response.status}`,
    );
  }
  return WebAssembly.compile(await response.arrayBuffer());
}

type Kernels = Omit<Choice, "tile">;

/** The build for a memory, and what is to be said if it is not the one that was asked for. */
function buildFor(math: EngineOptions["math"], shared: boolean): [Build, ...string[]] {
  if (math !== "relaxed") return [shared ? "threads" : "strict"];
  if (shared) return ["threads", "math: strict, threads have no other"];
  if (hasFeature("relaxedSimd")) return ["relaxed"];
  return ["strict", "math: strict, WebAssembly has no relaxed SIMD here"];
}

/** The build that options ask for, or the nearest to it that is to be had. */
async function chooseBuild(options: EngineOptions, shared: boolean): Promise<Kernels> {
  const given = options.module;
  if (given) {
    const notes = options.revectorize ? ["revectorize: off, the module is given"] : [];
    return { build: "given", module: await compileGiven(given), revectorize: false, notes };
  }
  const [build, ...notes] = buildFor(options.math, shared);
  if (options.revectorize) {
    // Only Node needs it, and only when asked.
    const { revectorized } = await import("./revectorize.ts");
    const module = await revectorized(build);
    if (typeof module !== "string") return { build, module, revectorize: true, notes };
    notes.push(`revectorize: off, ${module}`);
  }
  return { build, module: await compileBuild(build), revectorize: false, notes };
}

/**
 * Chooses the kernels and their tile.
 * @param shared whether they are for a memory that threads share; false by default
 * @throws TypeError if a module is given that is no build of gradlane, or one for the other kind of
 * memory, CompileError if it is none
 */
export async function choose(options: EngineOptions, shared = false): Promise<Choice> {
  const kernels = await chooseBuild(options, shared);
  const { module, revectorize } = kernels;
  const tile = options.tile ?? (await fastestTile(module, { revectorize, shared }));
  return { ...kernels, tile };
}
