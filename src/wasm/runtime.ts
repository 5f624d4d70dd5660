import { type Exports, type FunctionName, instantiateBuild } from "./build.ts";
import type { Heap } from "../memory/heap.ts";
import type { Literal } from "./instruction.ts";
import { fillTable } from "./function-table.ts";
import { type Tile, tileSize } from "./tiles.ts";

/** The most chunks that an instruction is cut into for threads, see assembly/chunk-queue.ts: a bit each. */
export const MOST_CHUNKS = 32;

/** Threads that run programs together; the first of them is the caller's. */
export interface ThreadPool {
  /** How many there are, the caller's included. */
  readonly count: number;
  /**
   * Runs the instructions from `program` to `end`.
   * @throws ThreadError if a thread has been lost, the one that is in doubt being half done
   */
  run(program: number, end: number): void;
  /** Why there is only one left; undefined while all are there. */
  readonly lost: string | undefined;
  /** Ends all but the caller's. */
  dispose(): void;
}

/** A memory and the kernels over it: all that graphs, plans and models need of a machine. */
export class Runtime {
  readonly heap: Heap;
  readonly kernels: Exports;
  /** What programs are run by; undefined where there is one thread, or only one is left. */
  pool: ThreadPool | undefined;
  readonly #indices: ReadonlyMap<FunctionName, number>;
  #threadCount = 1;

  private constructor(heap: Heap, kernels: Exports) {
    this.heap = heap;
    this.kernels = kernels;
    this.#indices = fillTable(kernels);
  }

  /** @throws TypeError if the module is not a build of gradlane */
  static async create(heap: Heap, module: WebAssembly.Module, tile?: Tile): Promise<Runtime> {
    const kernels = await instantiateBuild(heap.memory, module);
    if (tile) kernels.setTile(...tileSize(tile));
    return new Runtime(heap, kernels);
  }

  /** Number of threads that programs are written for, whether all of them are still there or not. */
  get threadCount(): number {
    return this.#threadCount;
  }

  /** Gives programs more threads to run on; called before there are any. */
  usePool(pool: ThreadPool): void {
    this.pool = pool;
    this.#threadCount = pool.count;
  }

  /** Bytes of scratch that a matrix product of these sizes needs. */
  readonly gemmScratch = (m: number, n: number, k: number): number =>
    this.kernels.sgemmScratchBytes(m, n, k);

  /** Returns what a word is as a number; a kernel's name stands for its index. */
  number(word: Literal): number {
    return typeof word === "string" ? this.index(word) : Number(word);
  }

  /** Where a function stands in the function table, for call_indirect. */
  index(name: FunctionName): number {
    const index = this.#indices.get(name);
    if (index === undefined) throw new RangeError(`${name}: this build has no such kernel`);
    return index;
  }
}

/**
 * A thread of an engine with several threads has been lost: its worker was ended, or has failed. What
 * the engine was computing is half done; it goes on with one thread.
 */
export class ThreadError extends Error {
  /** "ThreadError", as in what is printed. */
  override readonly name = "ThreadError";

  /** @param reason which thread, and what has become of it */
  constructor(reason: string) {
    super(
      `threads: expected all threads to be running, ${reason}; the engine continues with one thread`,
    );
  }
}
