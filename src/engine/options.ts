import { anything, checkOptions as check, flag, instance } from "../base/arguments.ts";
import { object, oneOf, whole } from "../base/arguments.ts";
import { TILES, type Tile } from "../wasm/tiles.ts";

/** What an engine is to run on; every option may be left out. */
export interface EngineOptions {
  /**
   * "strict" (default): the same bits everywhere. "relaxed" fuses multiply-add, which is faster on
   * some machines and gives up equal bits; where WebAssembly has no relaxed SIMD, strict is used.
   */
  readonly math?: "strict" | "relaxed";
  /**
   * Threads to run on, side by side with the same bits: 1 (default) to 32, or "auto" for all cores, in
   * browsers at most 4. Where threads are not to be had there is one, and engine.info.notes says why: it
   * may be that no memory can be shared, that there are no workers, or that a policy forbids them.
   */
  readonly threads?: number | "auto";
  /**
   * The module that threads are run by, `gradlane/worker`; by default worker.js next to this one, which
   * bundlers bring along, or where that is not to be found a copy inside of the package. A module of
   * another address has to start wherever workers can be had: createEngine rejects if it does not.
   */
  readonly workerUrl?: URL;
  /**
   * Lets V8 join pairs of 128-bit operations to 256 bits, in Node 24 and later: about twice as fast
   * at matrix products, with the same bits, which are checked here. It sets a V8 flag, marked
   * experimental, for the whole process. Where it cannot be had, engine.info.notes says why.
   */
  readonly revectorize?: boolean;
  /** The matrix kernel's register tile, rows x columns; the fastest one is measured by default. */
  readonly tile?: Tile;
  /**
   * A memory to use instead of a new one; the engine takes all of it. For threads it is a shared one,
   * with room for 64 KiB a thread.
   */
  readonly memory?: WebAssembly.Memory;
  /**
   * The kernels, for hosts that do not compile at run time; the package has them inlined. Threads
   * need the threads build.
   */
  readonly module?: WebAssembly.Module | BufferSource | URL;
  /** What the memory may grow to, at least 64 KiB for each thread; 4 GiB by default. */
  readonly maximumBytes?: number;
}

/** What an engine runs on. */
export interface EngineInfo {
  /** The kernels' build, "given" for a module of the caller's. */
  readonly build: "strict" | "relaxed" | "threads" | "given";
  /** "relaxed" where multiply-add is fused, so that bits may differ from machine to machine. */
  readonly math: "strict" | "relaxed";
  /** Threads that there are. */
  readonly threads: number;
  /** Rows x columns of the matrix kernel's register tile. */
  readonly tile: Tile;
  /** Whether V8 joins pairs of 128-bit operations to 256 bits. */
  readonly revectorize: boolean;
  /** What was asked for and is not to be had here, and why. */
  readonly notes: readonly string[];
}

/** The build that an engine runs on, compiled. */
export interface ChosenBuild extends Pick<EngineInfo, "build" | "revectorize" | "notes"> {
  readonly module: WebAssembly.Module;
}

/** The most that WebAssembly can address. */
const MOST_BYTES = 2 ** 32;

/** Rules for the options that a page may give its worker's engine, too. */
export const remoteEngineRules = () => ({
  math: oneOf("strict", "relaxed"),
  threads: anything,
  revectorize: flag(),
  tile: oneOf(...TILES),
});

/** @throws RangeError or TypeError for options that no engine could meet */
export function checkOptions(options: EngineOptions): EngineOptions {
  return check("createEngine", options, {
    ...remoteEngineRules(),
    workerUrl: anything,
    memory: instance("a WebAssembly.Memory", WebAssembly.Memory),
    module: object("a WebAssembly.Module, its bytes or a URL"),
    maximumBytes: whole(1, MOST_BYTES),
  });
}
