import { hasFeature } from "../runtime/features.ts";
import { isShared } from "../runtime/memory.ts";
import { given } from "../runtime/shape.ts";
import { hasWorkers } from "../threads/connection.ts";
import { MOST_LANES, automaticLanes } from "../threads/cores.ts";
import type { EngineOptions } from "./options.ts";

export { WorkerLanes } from "../threads/lanes.ts";

/** On how many lanes an engine is to run, and whether its memory is one that threads can share. */
export interface LaneChoice {
  readonly lanes: number;
  readonly shared: boolean;
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

/** @throws RangeError for a number of threads that no engine could have */
function checkThreads(threads: unknown): void {
  if (threads === "auto") return;
  if (Number.isInteger(threads) && Number(threads) >= 1 && Number(threads) <= MOST_LANES) return;
  throw new RangeError(
    `createEngine: expected threads from 1 to ${MOST_LANES} or "auto", got ${given(threads)}`,
  );
}

/**
 * How many lanes there are to be.
 * @throws RangeError for wrong options, TypeError for a memory that threads cannot share
 */
export function chooseLanes({ threads = 1, memory, workerUrl }: EngineOptions): LaneChoice {
  checkThreads(threads);
  if (workerUrl !== undefined && !(workerUrl instanceof URL)) {
    throw new TypeError(`createEngine: expected workerUrl to be a URL, got ${given(workerUrl)}`);
  }
  const isOwnShared = memory instanceof WebAssembly.Memory && isShared(memory);
  const lanes = threads === "auto" ? automaticLanes() : threads;
  if (lanes === 1) return { lanes, shared: isOwnShared, notes: [] };
  const why = obstacle();
  if (why) return { lanes: 1, shared: isOwnShared, notes: [`threads: 1, ${why}`] };
  if (memory instanceof WebAssembly.Memory && !isOwnShared) {
    throw new TypeError(
      `createEngine: expected a shared memory for ${lanes} threads, got one that is not`,
    );
  }
  return { lanes, shared: true, notes: [] };
}
