import { ThreadError } from "../wasm/runtime.ts";
import type { ThreadPool, Runtime } from "../wasm/runtime.ts";
import { type Tile, tileSize } from "../wasm/tiles.ts";
import { NOTHING, PARKED, INSTRUCTION, STOPPED } from "./control-block.ts";
import { controlBytes, threadLine, readReason, sleep, stop } from "./control-block.ts";
import { type Connection, messageOf } from "./connection.ts";
import { embeddedUrl, startThread } from "./start-thread.ts";

/**
 * Turns of spinning before a thread sleeps; a turn takes about a nanosecond. Ten thousand, which is
 * less than copying a batch takes, cost 5% of a step of 784-128-10. A hundred thousand are as fast
 * on idle cores, and 4% slower if another program runs. With more threads than cores, fewer turns
 * do not help: with a hundred turns on two cores, four threads take 1.46 times as long, and eight
 * 1.15 times.
 */
const SPIN_TURNS = 50_000;

/** Milliseconds between two checks of the first thread that the others are still running. */
const CHECK_MS = 20;

/**
 * Milliseconds that it waits for a thread if the platform does not report lost workers, in addition
 * to ten times the duration of the program so far. The other thread has only one chunk of an
 * instruction to finish in that time.
 */
const STALL_MS = 800;

/**
 * Milliseconds for a thread to leave a kernel after stop, if the platform does not report lost
 * workers.
 */
const STOP_MS = 50;

/**
 * Bytes of memory that each worker requires. With less, threads would never share a step: the
 * scratch alone of a product of 64 rows, columns and terms takes 39 KB.
 */
const MIN_BYTES = 65_536;

/** Milliseconds that threads may take to start. */
const START_MS = 30_000;

export interface PoolOptions {
  /** Number of threads, the caller's included. */
  readonly count: number;
  /** The threads build, from which the runtime was made too. */
  readonly module: WebAssembly.Module;
  readonly tile: Tile;
  /** URL of the workers' module; the package's own by default. */
  readonly workerUrl: URL | undefined;
}

/** Returns true if this thread may sleep; the thread of a page may not. */
function maySleep(words: Int32Array): boolean {
  try {
    Atomics.wait(words, INSTRUCTION, -1, 0);
    return true;
  } catch {
    return false;
  }
}

/** Rejects if a promise takes longer than START_MS; the message says what was expected. */
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

/** Workers that run programs together with the thread that calls run, which is the first thread. */
export class WorkerPool implements ThreadPool {
  readonly count: number;
  readonly #runtime: Runtime;
  readonly #control: number;
  /** The control block. */
  readonly #words: Int32Array;
  readonly #sleeps: boolean;
  readonly #workers: Connection[] = [];
  #lost: string | undefined;
  #lastCheck = 0;
  #disposed = false;

  private constructor(runtime: Runtime, count: number) {
    const bytes = controlBytes(count);
    const { heap } = runtime;
    this.count = count;
    this.#runtime = runtime;
    heap.reserve(bytes + (count - 1) * MIN_BYTES, "threads");
    this.#control = heap.allocate(bytes, "threads");
    heap.bytes.fill(0, this.#control, this.#control + bytes);
    this.#words = new Int32Array(heap.memory.buffer, this.#control, bytes / 4);
    this.#sleeps = maySleep(this.#words);
  }

  /**
   * Starts a worker for each thread but the first. If the package's own module for them is not
   * found, for instance because a bundler has left it out, they run the embedded copy. If no worker
   * starts at all, returns a text that says what was expected and what happened.
   * @throws RangeError if the memory has no room for them, Error if only `workerUrl` fails to start
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
      // The control block of the first attempt stays: its workers end some time after stop.
      const pool = await this.#start(runtime, { ...options, workerUrl: await embeddedUrl() });
      return typeof pool === "string" ? undefined : pool;
    } catch {
      // No room for a second attempt, or no network: the first error says what is wrong.
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
    if (this.#lost !== undefined || Atomics.load(words, INSTRUCTION) === STOPPED)
      throw this.#stopAll();
  }

  /** Ends the workers; programs run on one thread from then on. */
  dispose(): void {
    this.#disposed = true;
    this.#runtime.pool = undefined;
    stop(this.#words);
    for (const thread of this.#workers) thread.terminate();
  }

  /** Starts a worker. @throws Error that says what was expected */
  #startThread(thread: number, { module, tile, workerUrl, count }: PoolOptions): Promise<void> {
    const { memory } = this.#runtime.heap;
    const settings = { tile: tileSize(tile), turns: SPIN_TURNS };
    const start = { module, memory, control: this.#control, thread, threads: count, ...settings };
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

  /** Runs the first thread's chunks of a program; returns early after stop. */
  #runFirst(program: number, end: number): void {
    const { startProgram, helpProgram } = this.#runtime.kernels;
    const since = performance.now();
    this.#checkWorkers(since, false);
    if (this.#lost !== undefined) return;
    startProgram(this.#control, program, end);
    for (;;) {
      const instruction = helpProgram(this.#control, 0, this.count, SPIN_TURNS, 0);
      if (instruction === NOTHING || instruction === STOPPED) return;
      this.#wait(instruction, since);
    }
  }

  /** Waits until the others have finished their chunks of an instruction, or are stopped. */
  #wait(instruction: number, since: number): void {
    const words = this.#words;
    const start = performance.now();
    const limit = STALL_MS + 10 * (start - since);
    while (Atomics.load(words, INSTRUCTION) === instruction) {
      if (this.#sleeps) sleep(words, instruction, CHECK_MS);
      const now = performance.now();
      this.#checkWorkers(now, now - start > limit);
      if (this.#lost !== undefined) stop(words);
    }
  }

  /** Checks for lost threads, unless that was done within the last CHECK_MS. */
  #checkWorkers(now: number, late: boolean): void {
    if (now - this.#lastCheck < CHECK_MS) return;
    this.#lastCheck = now;
    this.#lost = this.#findLost(late);
  }

  /** Returns the reason for which a thread is lost; undefined if none is. */
  #findLost(late: boolean): string | undefined {
    const alive = this.#workers.map((thread) => thread.isAlive());
    const dead = alive.indexOf(false);
    if (dead >= 0) return this.#reason(`thread ${dead + 1} has ended`);
    return late && alive.includes(undefined) ? "one of them takes too long" : undefined;
  }

  /** Returns the reason that a thread wrote before it ended, or else only that it has ended. */
  #reason(ended: string): string {
    return readReason(this.#words) || ended;
  }

  /** Waits until no other thread touches the memory, and leaves the programs to the first. */
  #stopAll(): ThreadError {
    const words = this.#words;
    stop(words);
    const start = performance.now();
    this.#workers.forEach((thread, i) => {
      const parked = threadLine(i + 1) + PARKED;
      while (Atomics.load(words, parked) === 0 && thread.isAlive() !== false) {
        if (thread.isAlive() === undefined && performance.now() - start > STOP_MS) break;
        if (this.#sleeps) Atomics.wait(words, parked, 0, CHECK_MS);
      }
    });
    this.dispose();
    // Read after they have parked: one thread may stop them while another writes its reason.
    this.#lost ??= readReason(words);
    return new ThreadError(this.#lost);
  }
}
