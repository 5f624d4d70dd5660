import { anything, checkOptions as check, flag, instance } from "../base/arguments.ts";
import { object, oneOf, whole } from "../base/arguments.ts";
import { TILES, type Tile } from "../wasm/tiles.ts";

/** Options of createEngine; each may be left out. */
export interface EngineOptions {
  /**
   * "strict" (default) gives the same bits everywhere. "relaxed" fuses multiply-add, which is
   * faster on some machines and gives up equal bits; without relaxed SIMD in WebAssembly, strict is
   * used.
   */
  readonly math?: "strict" | "relaxed";
  /**
   * Number of threads: 1 (default) to 32, or "auto" for all cores, but at most 4 in browsers. It
   * does not change the bits. If threads are not available the engine has one, and
   * engine.info.notes says why: memory cannot be shared, there are no workers, or a policy forbids
   * them.
   */
  readonly threads?: number | "auto";
  /**
   * URL of the workers' module, `gradlane/worker`. The default is worker.js next to this module,
   * which bundlers take along, or an embedded copy if that is not found. createEngine rejects if
   * workers are available but do not start from this URL.
   */
  readonly workerUrl?: URL;
  /**
   * Lets V8 join pairs of 128-bit operations to 256 bits, in Node 24 and later. Matrix products are
   * about twice as fast, with the same bits, which is checked at the start. It sets a V8 flag,
   * marked experimental, for the whole process. If it is not available, engine.info.notes says why.
   */
  readonly revectorize?: boolean;
  /**
   * Register tile of the matrix kernel, rows x columns; by default the fastest in a measurement.
   */
  readonly tile?: Tile;
  /**
   * Memory to use instead of a new one; the engine takes all of it. Threads need a shared memory
   * with room for 64 KiB for each thread.
   */
  readonly memory?: WebAssembly.Memory;
  /**
   * Kernels to use instead of the embedded ones, for hosts that do not compile at run time. Threads
   * need the threads build.
   */
  readonly module?: WebAssembly.Module | BufferSource | URL;
  /** Bytes that the memory may grow to, at least 64 KiB for each thread; 4 GiB by default. */
  readonly maximumBytes?: number;
}

/** Build, tile and threads that an engine runs on. */
export interface EngineInfo {
  /** Build of the kernels; "given" for a module of the caller. */
  readonly build: "strict" | "relaxed" | "threads" | "given";
  /** "relaxed" if multiply-add is fused, so that bits may differ from machine to machine. */
  readonly math: "strict" | "relaxed";
  /** Number of threads. */
  readonly threads: number;
  /** Rows x columns of the matrix kernel's register tile. */
  readonly tile: Tile;
  /** True if V8 joins pairs of 128-bit operations to 256 bits. */
  readonly revectorize: boolean;
  /** Options that could not be met here, and the reasons. */
  readonly notes: readonly string[];
}

/** Compiled build that an engine runs on. */
export interface ChosenBuild extends Pick<EngineInfo, "build" | "revectorize" | "notes"> {
  readonly module: WebAssembly.Module;
}

/** Most bytes that WebAssembly can address. */
const MOST_BYTES = 2 ** 32;

/** Rules for the options that a page may also set for its worker's engine. */
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
