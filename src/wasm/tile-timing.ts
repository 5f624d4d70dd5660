import { type Exports, instantiateBuild } from "./build.ts";
import { type Tile, tileSize } from "./tiles.ts";

/**
 * Product that consists of whole tiles of every size. Its operands stay in L2. A B of at most SMALL
 * floats (assembly/config.ts) would be multiplied without tiles.
 */
export const PRODUCT = { m: 60, n: 48, k: 192 } as const;

/** Addresses of its operands and its scratch, in bytes, in a memory of their own. */
export const ADDRESSES = { a: 0, b: 65536, c: 131072, scratch: 196608 } as const;
export const PAGES = 8;

/**
 * Limits of the timing: V8 optimises 1 to 5 ms after the first call, WebKit 10 to 20, busy ones
 * later.
 */
const LEAST_MS = 4;
const MOST_MS = 30;

/**
 * Share of the first time below which code counts as optimised: it takes a fifth to a tenth then.
 */
const OPTIMISED = 0.5;

/** Number of rounds without a faster tile after which the timing ends. */
const QUIET_ROUNDS = 8;

/** Least duration of a run, in steps of the clock, so that its time is known within a tenth. */
const CLOCK_STEPS = 10;

/**
 * Coarsest step of the clock, in milliseconds, with which tiles are compared; a coarser one would
 * take too long.
 */
const COARSEST = 0.2;

/** Measures the step of performance.now(): microseconds in Node, up to a millisecond elsewhere. */
export function clockStep(): number {
  const start = performance.now();
  let now = start;
  while (now === start) now = performance.now();
  return now - start;
}

/** Computes the product `times` times, with the current tile. */
export function multiply({ sgemm }: Pick<Exports, "sgemm">, times: number): void {
  const { m, n, k } = PRODUCT;
  const { a, b, c, scratch } = ADDRESSES;
  for (let i = 0; i < times; i++) sgemm(false, false, m, n, k, 1, a, k, b, n, 0, c, n, scratch);
}

/** A tile on trial. */
class Trial {
  readonly tile: Tile;
  /** Shortest time for a product, in milliseconds. */
  best = Infinity;
  #first = 0;
  #times = 1;

  constructor(tile: Tile) {
    this.tile = tile;
  }

  /** True if it has become so fast that its code must have been optimised since the first run. */
  get isOptimised(): boolean {
    return this.best < this.#first * OPTIMISED;
  }

  /**
   * Times one more run, and doubles its length if it was too short; returns true if it was faster.
   */
  run(kernels: Exports, clock: number): boolean {
    kernels.setTile(...tileSize(this.tile));
    const start = performance.now();
    multiply(kernels, this.#times);
    const spent = performance.now() - start;
    if (spent < CLOCK_STEPS * clock) {
      this.#times *= 2;
      return true;
    }
    const each = spent / this.#times;
    this.#first ||= each;
    const isBetter = each < this.best * 0.95;
    this.best = Math.min(this.best, each);
    return isBetter;
  }
}

/** True in JavaScriptCore, the only engine whose errors have a property `line`. */
const isJavaScriptCore = Object.hasOwn(new Error(), "line");

/**
 * Tiles that are timed. One of them is within 2% of the fastest tile in every engine. The first is
 * the default where timing is impossible; in JavaScriptCore 2x16 is a quarter faster than 4x8.
 */
const CANDIDATES = {
  strict: isJavaScriptCore ? ["2x16", "4x8", "3x8"] : ["4x8", "3x8", "2x16"],
  relaxed: ["3x12", "6x8"],
  /** Tiles with pairs of vectors side by side, for 256 bits. */
  wide: ["2x16", "4x16", "5x8"],
} as const satisfies Record<string, readonly Tile[]>;

/** Properties of a module besides its code. */
export interface ModuleTraits {
  /** True if V8 joins its vectors to 256 bits. */
  readonly revectorize: boolean;
  /** True if its memory is shared. */
  readonly shared: boolean;
}

async function measure(
  module: WebAssembly.Module,
  { revectorize, shared }: ModuleTraits,
): Promise<Tile> {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared });
  const kernels = await instantiateBuild(memory, module);
  const narrow = kernels.isRelaxed() ? "relaxed" : "strict";
  const tiles = CANDIDATES[revectorize ? "wide" : narrow];
  const clock = clockStep();
  if (clock > COARSEST) return tiles[0];
  const trials = tiles.map((tile) => new Trial(tile));
  const [first] = trials as [Trial];
  const start = performance.now();
  const most = MOST_MS + QUIET_ROUNDS * trials.length * CLOCK_STEPS * clock;
  let spent = 0;
  for (let quiet = 0; quiet < QUIET_ROUNDS || spent < LEAST_MS; quiet++) {
    for (const trial of trials) if (trial.run(kernels, clock) || !trial.isOptimised) quiet = 0;
    spent = performance.now() - start;
    if (spent > most) break;
  }
  const fastest = trials.reduce((a, b) => (b.best < a.best ? b : a));
  return fastest.best < first.best * 0.97 ? fastest.tile : first.tile;
}

/** Fastest tile of each module, measured once for all engines of a process. */
const measured = new WeakMap<WebAssembly.Module, Promise<Tile>>();

/**
 * Finds the fastest tile in this engine by the best of many short runs in turn. The first candidate
 * stays unless another is 3% faster. The first call takes 6 to 30 ms, more if the clock is coarse.
 * @throws TypeError if the module is not a build of gradlane
 */
export function fastestTile(module: WebAssembly.Module, traits: ModuleTraits): Promise<Tile> {
  let tile = measured.get(module);
  if (!tile) {
    measured.set(module, (tile = measure(module, traits)));
    // There may be enough memory later.
    tile.catch(() => measured.delete(module));
  }
  return tile;
}
