import { hasFeature } from "../runtime/features.ts";
import { createMemory, isShared } from "../runtime/memory.ts";
import { given } from "../runtime/arguments.ts";
import { hasWorkers } from "../threads/connection.ts";
import { automaticLanes, checkThreads } from "../threads/cores.ts";
import type { EngineOptions } from "./options.ts";

export { WorkerLanes } from "../threads/lanes.ts";

/** On how many lanes an engine is to run, and the memory that is given, or that they can share. */
export interface LaneChoice {
  readonly lanes: number;
  readonly memory: WebAssembly.Memory;
  /** Why there are fewer than were asked for. */
  readonly notes: readonly string[];
}

/** Why there can be no threads here; undefined where there can. */
function obstacle(): string | undefined {
  const { SharedArrayBuffer: shared, crossOriginIsolated = true } = globalThis as {
    SharedArrayBuffer?: unknown;
    crossOriginIsolated?: boolean;
  };
  if (!shared || !crossOriginIsolated) {
    return "there is no SharedArrayBuffer, for which a page has to be cross-origin isolated";
  }
  if (!hasFeature("threads")) return "WebAssembly has no threads here";
  return hasWorkers() ? undefined : "there are no workers here";
}

/**
 * How many lanes there are to be.
 * @throws RangeError for wrong options, TypeError for a memory that threads cannot share
 */
export function chooseLanes(options: EngineOptions): LaneChoice {
  const { threads = 1, memory, workerUrl, maximumBytes } = options;
  checkThreads("createEngine", threads);
  if (workerUrl !== undefined && !(workerUrl instanceof URL)) {
    throw new TypeError(`createEngine: expected workerUrl to be a URL, got ${given(workerUrl)}`);
  }
  const lanes = threads === "auto" ? automaticLanes() : threads;
  const why = lanes > 1 && obstacle();
  if (lanes === 1 || why) {
    const notes = why ? [`threads: 1, ${why}`] : [];
    return { lanes: 1, memory: memory ?? createMemory(false), notes };
  }
  if (memory instanceof WebAssembly.Memory && !isShared(memory)) {
    throw new TypeError(
      `createEngine: expected a shared memory for ${lanes} threads, got one that is not`,
    );
  }
  return { lanes, memory: memory ?? createMemory(true, 1, maximumBytes), notes: [] };
}
