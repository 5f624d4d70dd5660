import { type Exports, instantiateBuild } from "./build.ts";
import { createMemory } from "./memory.ts";
import { type Tile, tileSize } from "./tiles.ts";

/** A product of whole tiles, whichever tile it is, whose operands stay in L2. */
const [M, N, K] = [60, 48, 128];

/** Where its operands and the scratch lie, in a memory of their own. */
const [A, B, C, SCRATCH] = [0, 32768, 65536, 131072];
const PAGES = 8;

/** Long enough for V8 to optimise the kernels, which takes 5 to 10 ms, and to time them then. */
const BUDGET_MS = 12;

/** The least that performance.now() moves by: microseconds in Node, up to a millisecond elsewhere. */
function clockStep(): number {
  const start = performance.now();
  let now = start;
  while (now === start) now = performance.now();
  return now - start;
}

/** Milliseconds for so many products. */
function time({ sgemm }: Exports, calls: number): number {
  const start = performance.now();
  for (let i = 0; i < calls; i++) sgemm(false, false, M, N, K, 1, A, K, B, N, 0, C, N, SCRATCH);
  return performance.now() - start;
}

/** Tiles that were the fastest of all in some engine; the first is fast in every engine. */
const CANDIDATES = {
  strict: ["4x8", "3x8", "5x8", "3x12", "2x16"],
  relaxed: ["4x8", "5x8", "6x8", "3x12"],
  /** Pairs of vectors side by side, for 256 bits. */
  wide: ["2x16", "4x16", "5x8"],
} as const satisfies Record<string, readonly Tile[]>;

/** What a module is, besides its code. */
export interface ModuleTraits {
  /** Whether V8 joins its vectors to 256 bits. */
  readonly revectorize: boolean;
  /** Whether its memory is a shared one. */
  readonly shared: boolean;
}

async function measure(
  module: WebAssembly.Module,
  { revectorize, shared }: ModuleTraits,
): Promise<Tile> {
  const kernels = await instantiateBuild(createMemory(shared, PAGES), module);
  const narrow = kernels.isRelaxed() ? "relaxed" : "strict";
  const candidates = CANDIDATES[revectorize ? "wide" : narrow];
  const best = candidates.map(() => Infinity);
  const calls = Math.max(4, Math.ceil(clockStep() / 0.01));
  const start = performance.now();
  for (let round = 0; round < 4 || performance.now() - start < BUDGET_MS; round++) {
    candidates.forEach((tile, i) => {
      kernels.setTile(...tileSize(tile));
      best[i] = Math.min(best[i]!, time(kernels, calls));
    });
  }
  const least = Math.min(...best);
  return least < best[0]! * 0.97 ? candidates[best.indexOf(least)]! : candidates[0];
}

/** Measured once for all engines of a process. */
const measured = new WeakMap<WebAssembly.Module, Promise<Tile>>();

/**
 * The fastest tile in this engine, by the best of many short runs in turn; the first candidate stays
 * unless another is 3% faster. The first time it takes about 12 ms, more where the clock is coarse.
 * @throws TypeError if the module is not a build of gradlane
 */
export function fastestTile(module: WebAssembly.Module, traits: ModuleTraits): Promise<Tile> {
  let tile = measured.get(module);
  if (!tile) measured.set(module, (tile = measure(module, traits)));
  return tile;
}
