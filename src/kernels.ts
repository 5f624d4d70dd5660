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

/** What the kernels run in, and how. */
export interface KernelOptions {
  /**
   * The caller's memory, shared or not: kernels neither allocate in it nor grow it, and nothing but
   * operands is in it. One page (65,536 bytes) at least.
   */
  readonly memory: WebAssembly.Memory;
  /** "strict" (default): the same bits everywhere. "relaxed" fuses multiply-add where it can. */
  readonly math?: "strict" | "relaxed";
  /** sgemm's register tile, rows x columns; the fastest one is measured by default (6 to 30 ms). */
  readonly tile?: Tile;
  /**
   * A compiled build (`gradlane/kernels.wasm` and its kin), for hosts that do not compile at run time;
   * the package has them inlined. For a shared memory it is `gradlane/kernels.threads.wasm`.
   */
  readonly module?: WebAssembly.Module;
}

/** Functions that act element by element: activations and unary ops. */
const mapTable = { ...activationTable, ...unaryTable };

type MapName = keyof typeof mapTable;
type MapKernel = MapName | `${MapName}Grad`;

/** The last argument of such a kernel, its parameter, may be left out. */
type WithDefault<F> = F extends (...args: [...infer A, number]) => infer R
  ? (...args: [...A, parameter?: number]) => R
  : never;

/**
 * Every kernel with plain arguments: addresses in bytes (multiples of 4), counts in elements, matrices
 * row-major with leading dimensions in elements. Each has its docstring; docs/kernel-abi.md has them
 * all. The parameter of activations and elementary functions may be left out.
 */
export type Kernels = {
  readonly [K in keyof KernelFunctions]: K extends MapKernel
    ? WithDefault<KernelFunctions[K]>
    : KernelFunctions[K];
};

/** A kernel with its parameter's default. */
function withDefault(kernel: (...args: number[]) => void, parameter: number) {
  const { length } = kernel;
  return (...args: number[]): void => {
    if (args.length < length) args.push(parameter);
    kernel(...args);
  };
}

/** Less holds no operand: a memory comes in pages. */
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
 * The kernels alone, over a memory of the caller's, for other libraries: what each takes is said in
 * docs/kernel-abi.md.
 * @throws TypeError if the memory or the module is none, if the module is not a build of gradlane or
 *   is one of another version, or if just one of the two is for threads; RangeError for a memory
 *   without a page, and for a math or a tile that is not to be had
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
