import { type Exports, instantiateBuild } from "./build.ts";
import { type Tile, tileSize } from "./tiles.ts";

/**
 * A product of whole tiles, whichever tile it is. Its operands stay in L2; a B of at most SMALL floats
 * (assembly/config.ts) would be multiplied without them.
 */
export const PRODUCT = { m: 60, n: 48, k: 192 } as const;

/** Where its operands and the scratch lie, in bytes, in a memory of their own. */
export const PLACES = { a: 0, b: 65536, c: 131072, scratch: 196608 } as const;
export const PAGES = 8;

/** V8 optimises the kernels 1 to 5 ms after their first call, WebKit 10 to 20, busy machines later. */
const LEAST_MS = 4;
const MOST_MS = 30;

/** Optimised, a product takes a fifth to a tenth of the time; a kernel that was so before does not. */
const OPTIMISED = 0.5;

/** Rounds in which no tile gets faster, after which none is expected to. */
const QUIET_ROUNDS = 8;

/** Steps of the clock that a run takes at least, so that it is known within a tenth. */
const CLOCK_STEPS = 10;

/** The coarsest clock, in milliseconds, that tells tiles apart in the time that a start may take. */
const COARSEST = 0.2;

/** The least that performance.now() moves by: microseconds in Node, up to a millisecond elsewhere. */
export function clockStep(): number {
  const start = performance.now();
  let now = start;
  while (now === start) now = performance.now();
  return now - start;
}

/** Computes the product so many times, by the tile that is set. */
export function multiply({ sgemm }: Pick<Exports, "sgemm">, times: number): void {
  const { m, n, k } = PRODUCT;
  const { a, b, c, scratch } = PLACES;
  for (let i = 0; i < times; i++) sgemm(false, false, m, n, k, 1, a, k, b, n, 0, c, n, scratch);
}

/** A tile on trial. */
class Trial {
  readonly tile: Tile;
  /** Milliseconds for a product, at best. */
  best = Infinity;
  #first = 0;
  #times = 1;

  constructor(tile: Tile) {
    this.tile = tile;
  }

  /** Whether it has become so fast that its code must have been optimised since the first run. */
  get isOptimised(): boolean {
    return this.best < this.#first * OPTIMISED;
  }

  /** Times one more run, twice as long if it was too short for the clock; whether it was better. */
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

/** JavaScriptCore's errors alone tell their line so. */
const isJavaScriptCore = Object.hasOwn(new Error(), "line");

/**
 * One of these is within 2% of the fastest tile in every engine. The first is what an engine gets that
 * cannot be measured; in JavaScriptCore 2x16 is a quarter faster than 4x8.
 */
const CANDIDATES = {
  strict: isJavaScriptCore ? ["2x16", "4x8", "3x8"] : ["4x8", "3x8", "2x16"],
  relaxed: ["3x12", "6x8"],
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

/** Measured once for all engines of a process. */
const measured = new WeakMap<WebAssembly.Module, Promise<Tile>>();

/**
 * The fastest tile in this engine, by the best of many short runs in turn; the first candidate stays
 * unless another is 3% faster. The first time it takes 6 to 30 ms, more where the clock is coarse.
 * @throws TypeError if the module is not a build of gradlane
 */
export function fastestTile(module: WebAssembly.Module, traits: ModuleTraits): Promise<Tile> {
  let tile = measured.get(module);
  if (!tile) {
    measured.set(module, (tile = measure(module, traits)));
    // There may be memory for it later.
    tile.catch(() => measured.delete(module));
  }
  return tile;
}
