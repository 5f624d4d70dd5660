import { ThreadError } from "../wasm/runtime.ts";
import type { ThreadPool, Runtime } from "../wasm/runtime.ts";
import { type Tile, tileSize } from "../wasm/tiles.ts";
import { NOTHING, PARKED, INSTRUCTION, STOPPED } from "./control-block.ts";
import { controlBytes, threadLine, readReason, sleep, stop } from "./control-block.ts";
import { type Connection, messageOf } from "./connection.ts";
import { embeddedUrl, startThread } from "./start-thread.ts";

/**
 * Turns of spinning before a thread sleeps; a turn takes about a nanosecond. Ten thousand, less than a batch
 * takes to be copied, cost 5% of a step of 784-128-10; a hundred thousand are as fast on idle cores, and
 * 4% slower where another program runs. With more threads than cores, fewer turns do not help: on two
 * cores, four take 1.46 times as long with a hundred turns, eight 1.15.
 */
const TURNS = 50_000;

/** How often the first thread looks whether the others are still there. */
const PATIENCE_MS = 20;

/**
 * How long it waits for a thread where the platform does not tell whether it is there, beyond ten times
 * what the program has taken it until then: what it waits for is one part of an instruction.
 */
const STALL_MS = 800;

/** What a thread of which the platform does not tell is given to stop in the middle of a kernel. */
const STOP_MS = 50;

/**
 * Memory that there has to be for each worker. In less no step would ever be shared: of a product of 64
 * rows, columns and terms its scratch alone is 39 KB.
 */
const LEAST_BYTES = 65_536;

/** How long threads may take to start. */
const START_MS = 30_000;

export interface PoolOptions {
  /** Number of threads, the caller's included. */
  readonly count: number;
  /** The threads build, which the runtime has too. */
  readonly module: WebAssembly.Module;
  readonly tile: Tile;
  /** The workers' module; the package's own by default. */
  readonly workerUrl: URL | undefined;
}

/** Whether this thread may sleep; that of a page may not. */
function maySleep(words: Int32Array): boolean {
  try {
    Atomics.wait(words, INSTRUCTION, -1, 0);
    return true;
  } catch {
    return false;
  }
}

/** Rejects, with what was expected, if a promise takes longer than threads may take to start. */
async function inTime<T>(count: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new Error(`${count} threads to start within ${START_MS / 1000} seconds, they have not`),
      );
    }, START_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Workers that run programs side by side with the thread that calls run, which is the first thread. */
export class WorkerPool implements ThreadPool {
  readonly count: number;
  readonly #runtime: Runtime;
  readonly #control: number;
  /** The control block. */
  readonly #words: Int32Array;
  readonly #sleeps: boolean;
  readonly #workers: Connection[] = [];
  #lost: string | undefined;
  #looked = 0;
  #disposed = false;

  private constructor(runtime: Runtime, count: number) {
    const bytes = controlBytes(count);
    const { heap } = runtime;
    this.count = count;
    this.#runtime = runtime;
    heap.reserve(bytes + (count - 1) * LEAST_BYTES, "threads");
    this.#control = heap.allocate(bytes, "threads");
    heap.bytes.fill(0, this.#control, this.#control + bytes);
    this.#words = new Int32Array(heap.memory.buffer, this.#control, bytes / 4);
    this.#sleeps = maySleep(this.#words);
  }

  /**
   * Starts a worker for each thread but the first. Where the package's own module for them is not to be
   * found, as if a bundler has not brought it along, they run what is embedded. Returns what was expected
   * and has come instead, where no worker starts at all.
   * @throws RangeError if the memory has no room for them, Error if it is only `workerUrl` that does not
   * start
   */
  static async start(runtime: Runtime, options: PoolOptions): Promise<WorkerPool | string> {
    const pool = await this.#start(runtime, options);
    if (typeof pool !== "string") return pool;
    const others = await this.#startEmbedded(runtime, options);
    if (!others || !options.workerUrl) return others ?? pool;
    others.dispose();
    throw new Error(`createEngine: expected ${pool}`);
  }

  static async #start(runtime: Runtime, options: PoolOptions): Promise<WorkerPool | string> {
    const { count } = options;
    const pool = new WorkerPool(runtime, count);
    try {
      const starts = Array.from({ length: count - 1 }, (_, i) => pool.#startThread(i + 1, options));
      await inTime(count, Promise.all(starts));
      return pool;
    } catch (error) {
      pool.dispose();
      return messageOf(error);
    }
  }

  static async #startEmbedded(
    runtime: Runtime,
    options: PoolOptions,
  ): Promise<WorkerPool | undefined> {
    try {
      // The control block of the first attempt stays theirs: workers end some time after they are told.
      const pool = await this.#start(runtime, { ...options, workerUrl: await embeddedUrl() });
      return typeof pool === "string" ? undefined : pool;
    } catch {
      // There is no room for a second attempt, or the network is gone: the first says what is wrong.
      return undefined;
    }
  }

  get lost(): string | undefined {
    return this.#lost;
  }

  run(program: number, end: number): void {
    const words = this.#words;
    try {
      if (this.#lost === undefined) this.#runFirst(program, end);
    } catch (error) {
      this.#lost = `thread 0 has failed: ${String(error)}`;
    }
    if (this.#lost !== undefined || Atomics.load(words, INSTRUCTION) === STOPPED) throw this.#end();
  }

  /** Ends the workers; programs run on one thread from then on. */
  dispose(): void {
    this.#disposed = true;
    this.#runtime.pool = undefined;
    stop(this.#words);
    for (const thread of this.#workers) thread.terminate();
  }

  /** @throws Error saying what was expected */
  #startThread(thread: number, { module, tile, workerUrl, count }: PoolOptions): Promise<void> {
    const { memory } = this.#runtime.heap;
    const how = { tile: tileSize(tile), turns: TURNS };
    const start = { module, memory, control: this.#control, thread, threads: count, ...how };
    return new Promise((onReady, reject) => {
      const onLost = (reason: string): void => {
        if (this.#disposed) return;
        this.#lost ??= this.#reason(`thread ${thread} ${reason}`);
        reject(new Error(`thread ${thread} to start, it ${reason}`));
      };
      try {
        this.#workers.push(startThread(workerUrl, start, { onReady, onLost }));
      } catch (error) {
        onLost(`has failed: ${messageOf(error)}`);
      }
    });
  }

  /** The first thread's part of a program; returns early where threads have been told to stop. */
  #runFirst(program: number, end: number): void {
    const { startProgram, helpProgram } = this.#runtime.kernels;
    const since = performance.now();
    this.#lookAt(since, false);
    if (this.#lost !== undefined) return;
    startProgram(this.#control, program, end);
    for (;;) {
      const instruction = helpProgram(this.#control, 0, this.count, TURNS, 0);
      if (instruction === NOTHING || instruction === STOPPED) return;
      this.#wait(instruction, since);
    }
  }

  /** Waits until others have done their parts of an instruction, or are told to stop. */
  #wait(instruction: number, since: number): void {
    const words = this.#words;
    const start = performance.now();
    const limit = STALL_MS + 10 * (start - since);
    while (Atomics.load(words, INSTRUCTION) === instruction) {
      if (this.#sleeps) sleep(words, instruction, PATIENCE_MS);
      const now = performance.now();
      this.#lookAt(now, now - start > limit);
      if (this.#lost !== undefined) stop(words);
    }
  }

  /** Notices that a thread has been lost, not more often than it would be worth. */
  #lookAt(now: number, late: boolean): void {
    if (now - this.#looked < PATIENCE_MS) return;
    this.#looked = now;
    this.#lost = this.#look(late);
  }

  /** Why a thread is not coming, if it is so. */
  #look(late: boolean): string | undefined {
    const alive = this.#workers.map((thread) => thread.isAlive());
    const dead = alive.indexOf(false);
    if (dead >= 0) return this.#reason(`thread ${dead + 1} has ended`);
    return late && alive.includes(undefined) ? "one of them takes too long" : undefined;
  }

  /** What a thread has left before it ended, which says more than that it has. */
  #reason(ended: string): string {
    return readReason(this.#words) || ended;
  }

  /** Waits until no other thread touches the memory any more, and leaves the programs to the first. */
  #end(): ThreadError {
    const words = this.#words;
    stop(words);
    const start = performance.now();
    this.#workers.forEach((thread, i) => {
      const parked = threadLine(i + 1) + PARKED;
      while (Atomics.load(words, parked) === 0 && thread.isAlive() !== false) {
        if (thread.isAlive() === undefined && performance.now() - start > STOP_MS) break;
        if (this.#sleeps) Atomics.wait(words, parked, 0, PATIENCE_MS);
      }
    });
    this.dispose();
    // Not before they are parked: one thread may have stopped them while another still writes it.
    this.#lost ??= readReason(words);
    return new ThreadError(this.#lost);
  }
}
