import { hasFeature } from "../wasm/features.ts";
import { createMemory, isShared } from "../memory/linear-memory.ts";
import { check, instance } from "../base/arguments.ts";
import type { Runtime } from "../wasm/runtime.ts";
import { hasWorkers, messageOf } from "../threads/connection.ts";
import { automaticThreads, checkThreads } from "../threads/cores.ts";
import { type PoolOptions, WorkerPool } from "../threads/worker-pool.ts";
import type { EngineOptions } from "./options.ts";

/** Number of threads of an engine, and its memory, which they can share. */
export interface ThreadChoice {
  readonly count: number;
  readonly memory: WebAssembly.Memory;
  /** Reasons for fewer threads than were asked for. */
  readonly notes: readonly string[];
}

/** Returns the reason why there can be no threads here; undefined if there can. */
function obstacle(): string | undefined {
  if (!hasWorkers()) return "there are no workers here";
  const { SharedArrayBuffer: shared, crossOriginIsolated = true } = globalThis as {
    SharedArrayBuffer?: unknown;
    crossOriginIsolated?: boolean;
  };
  if (!shared || !crossOriginIsolated) {
    return "there is no SharedArrayBuffer, for which a page has to be cross-origin isolated";
  }
  return hasFeature("threads") ? undefined : "WebAssembly has no threads here";
}

/** Chooses one thread, in a new memory unless one is given. */
function oneThread(memory: WebAssembly.Memory | undefined, ...notes: string[]): ThreadChoice {
  return { count: 1, memory: memory ?? createMemory(false), notes };
}

/**
 * Chooses the number of threads and their memory.
 * @throws RangeError for wrong options, TypeError for a memory that threads cannot share
 */
export function chooseThreads(options: EngineOptions): ThreadChoice {
  const { threads = 1, memory, workerUrl, maximumBytes } = options;
  checkThreads("createEngine", threads);
  if (workerUrl !== undefined)
    check("createEngine", "workerUrl", workerUrl, instance("a URL", URL));
  const count = threads === "auto" ? automaticThreads() : threads;
  const why = count > 1 && obstacle();
  if (why) return oneThread(memory, `threads: 1, ${why}`);
  if (count === 1) return oneThread(memory);
  if (memory instanceof WebAssembly.Memory && !isShared(memory)) {
    throw new TypeError(
      `createEngine: expected a shared memory for ${count} threads, got one that is not`,
    );
  }
  try {
    return { count, memory: memory ?? createMemory(true, 1, maximumBytes), notes: [] };
  } catch (error) {
    return oneThread(memory, `threads: 1, there is no shared memory: ${messageOf(error)}`);
  }
}

/**
 * Starts the workers of an engine. If none can be started, returns the reason, and the engine
 * continues with one thread.
 * @throws RangeError if the memory has no room for them, Error if only `workerUrl` fails to start
 */
export async function startThreads(runtime: Runtime, options: PoolOptions): Promise<string[]> {
  const pool = await WorkerPool.start(runtime, options);
  if (typeof pool === "string") return [`threads: 1, expected ${pool}`];
  runtime.usePool(pool);
  return [];
}
