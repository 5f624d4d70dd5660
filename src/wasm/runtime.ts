import { type Exports, type FunctionName, instantiateBuild } from "./build.ts";
import type { Heap } from "../memory/heap.ts";
import type { Literal } from "./instruction.ts";
import { fillTable } from "./function-table.ts";
import { type Tile, tileSize } from "./tiles.ts";

/**
 * Most chunks that an instruction is divided into: the offer has a bit for each, see
 * assembly/chunk-queue.ts.
 */
export const MAX_CHUNKS = 32;

/** Threads that run programs together; the first of them is the caller's. */
export interface ThreadPool {
  /** Number of threads, the caller's included. */
  readonly count: number;
  /**
   * Runs the instructions from `program` to `end`.
   * @throws ThreadError if a thread has been lost; some of them may then be half done
   */
  run(program: number, end: number): void;
  /** Reason for which only one thread is left; undefined while all are running. */
  readonly lost: string | undefined;
  /** Ends all threads but the caller's. */
  dispose(): void;
}

/** Memory with the kernels over it: all that graphs, plans and models need of an engine. */
export class Runtime {
  readonly heap: Heap;
  readonly kernels: Exports;
  /** Threads that run programs; undefined if there is only one, or only one is left. */
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

  /** Number of threads that programs are written for, even if some have been lost since. */
  get threadCount(): number {
    return this.#threadCount;
  }

  /** Lets programs run on several threads; called before there are any programs. */
  usePool(pool: ThreadPool): void {
    this.pool = pool;
    this.#threadCount = pool.count;
  }

  /** Returns the number for a word; a kernel's name becomes its index. */
  number(word: Literal): number {
    return typeof word === "string" ? this.index(word) : Number(word);
  }

  /** Returns the index of a function in the function table, for call_indirect. */
  index(name: FunctionName): number {
    const index = this.#indices.get(name);
    if (index === undefined) throw new RangeError(`${name}: this build has no such kernel`);
    return index;
  }
}

/**
 * Error for a thread that was lost: its worker was ended, or has failed. The program that the
 * engine was running is half done. The engine continues with one thread.
 */
export class ThreadError extends Error {
  /** Name that is printed: "ThreadError". */
  override readonly name = "ThreadError";

  /** @param reason name of the thread, and its fate: "thread 1 has ended" */
  constructor(reason: string) {
    super(
      `threads: expected all threads to be running, ${reason}; the engine continues with one thread`,
    );
  }
}
