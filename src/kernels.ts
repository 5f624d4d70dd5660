import type { KernelFunctions } from "../build/kernel-functions.ts";
import { activationTable } from "./graph/ops/activations.ts";
import type { MapRow } from "./graph/ops/map.ts";
import { unaryTable } from "./graph/ops/unary.ts";
import { type Exports, compileBuild, instantiateBuild, isKernel } from "./wasm/build.ts";
import { hasFeature } from "./wasm/features.ts";
import { checkOptions, instance, needed, oneOf } from "./base/arguments.ts";
import { TILES, type Tile, tileSize } from "./wasm/tiles.ts";
import { isShared } from "./memory/linear-memory.ts";
import { printable } from "./base/printable.ts";
import { fastestTile } from "./wasm/tile-timing.ts";

/** Options of loadKernels. */
export interface KernelOptions {
  /**
   * The caller's memory, shared or not, of at least one page (65,536 bytes). Kernels neither
   * allocate in it nor grow it. They read and write operands, and nothing else.
   */
  readonly memory: WebAssembly.Memory;
  /** "strict" (default): the same bits everywhere. "relaxed" fuses multiply-add where it can. */
  readonly math?: "strict" | "relaxed";
  /**
   * Register tile of sgemm, rows x columns. By default the fastest one is measured, in 6 to 30 ms.
   */
  readonly tile?: Tile;
  /**
   * A compiled build such as `gradlane/kernels.wasm`, for hosts that do not compile at run time. By
   * default the build is the one inside the package. A shared memory needs
   * `gradlane/kernels.threads.wasm`.
   */
  readonly module?: WebAssembly.Module;
}

/** Functions that act element by element: activations and unary ops. */
const mapTable = { ...activationTable, ...unaryTable };

type MapName = keyof typeof mapTable;
type MapKernel = MapName | `${MapName}Grad`;

/** Signature of such a kernel, whose last argument, the parameter, may be left out. */
type WithDefault<F> = F extends (...args: [...infer A, number]) => infer R
  ? (...args: [...A, parameter?: number]) => R
  : never;

/**
 * Every kernel with plain arguments. Addresses are in bytes (multiples of 4), counts in elements.
 * Matrices are row-major, with leading dimensions in elements. Each kernel has a docstring, and
 * docs/kernel-abi.md has all of them. The parameter of activations and elementary functions may be
 * left out.
 */
export type Kernels = {
  readonly [K in keyof KernelFunctions]: K extends MapKernel
    ? WithDefault<KernelFunctions[K]>
    : KernelFunctions[K];
};

/** Returns a kernel with a default for its parameter. */
function withDefault(kernel: (...args: number[]) => void, parameter: number) {
  const { length } = kernel;
  return (...args: number[]): void => {
    if (args.length < length) args.push(parameter);
    kernel(...args);
  };
}

/** Smallest memory, a page: less holds no operand. */
const LEAST_BYTES = 65536;

/** @throws TypeError or RangeError for options that cannot be met here */
function readOptions(options: KernelOptions): KernelOptions {
  const chosen = checkOptions("loadKernels", options, {
    memory: needed(instance("a WebAssembly.Memory", WebAssembly.Memory)),
    math: oneOf("strict", "relaxed"),
    tile: oneOf(...TILES),
    module: instance("a WebAssembly.Module", WebAssembly.Module),
  });
  const { memory, math } = chosen;
  const { byteLength } = memory.buffer;
  if (byteLength < LEAST_BYTES) {
    const expected = `expected a memory of at least ${LEAST_BYTES} bytes`;
    throw new RangeError(`loadKernels: ${expected}, got one of ${byteLength}`);
  }
  if (math === "relaxed" && isShared(memory)) {
    throw new RangeError("loadKernels: expected math strict for a shared memory, got relaxed");
  }
  if (math === "relaxed" && !hasFeature("relaxedSimd")) {
    throw new RangeError("loadKernels: expected relaxed SIMD for math relaxed, there is none here");
  }
  return chosen;
}

/**
 * Loads the kernels alone, over the caller's memory, for other libraries. docs/kernel-abi.md lists
 * the arguments of each.
 * @throws TypeError if `memory` or `module` is something else, if the module is not a build of this
 *   version of gradlane, or if only one of the two is for threads
 * @throws RangeError for a memory of less than a page, or for math or a tile that is not available
 * @example
 * const memory = new WebAssembly.Memory({ initial: 1 });
 * const kernels = await loadKernels({ memory });
 * const x = new Float32Array(memory.buffer, 0, 3);
 * x.set([-1, 0, 2]);
 * kernels.relu(x.byteOffset, x.byteOffset, 3);
 * x; // Float32Array(3) [ 0, 0, 2 ]
 */
export async function loadKernels(options: KernelOptions): Promise<Kernels> {
  const chosen = readOptions(options);
  const { memory, math = "strict" } = chosen;
  const shared = isShared(memory);
  const module = chosen.module ?? (await compileBuild(shared ? "threads" : math));
  // Both types: the interface is made from the docstrings, and has to agree with what there is.
  const exports: Exports & KernelFunctions = await instantiateBuild(memory, module);
  if (chosen.math && Boolean(exports.isRelaxed()) !== (math === "relaxed")) {
    throw new RangeError(`loadKernels: expected a module for math ${math}, got one for the other`);
  }
  const traits = { revectorize: false, shared };
  exports.setTile(...tileSize(chosen.tile ?? (await fastestTile(module, traits))));
  const kernels: Record<string, unknown> = {};
  for (const [name, kernel] of Object.entries(exports)) {
    if (typeof kernel === "function" && isKernel(name)) kernels[name] = kernel;
  }
  for (const [name, { parameter = 0 }] of Object.entries<MapRow>(mapTable)) {
    for (const kernel of [name, `${name}Grad`] as MapKernel[]) {
      kernels[kernel] = withDefault(exports[kernel], parameter);
    }
  }
  const build = `${shared ? "threads" : math}, ${Object.keys(kernels).length} functions`;
  return printable(kernels as unknown as Kernels, `Kernels(${build})`);
}
