import type { LaneStart } from "./worker.ts";

/** What is used of Node's worker_threads. */
interface NodeWorker {
  on(event: "message" | "exit" | "error", listener: (value: unknown) => void): void;
  postMessage(message: LaneStart): void;
  terminate(): Promise<number>;
  unref(): void;
  readonly performance?: { eventLoopUtilization?(): Utilization };
}

/** Milliseconds of a worker's event loop; both 0 where they are not known. */
interface Utilization {
  readonly idle: number;
  readonly active: number;
}

interface NodeThreads {
  readonly Worker: new (url: URL, options: object) => NodeWorker;
}

/** A thread that runs a lane. */
export interface Thread {
  /**
   * Whether it is still there, asked while this thread's own events have to wait; undefined where
   * the platform does not tell.
   */
  isAlive(): boolean | undefined;
  /** Ends it; its events are not told any more. */
  terminate(): void;
}

/** What becomes of a thread. */
export interface ThreadEvents {
  readonly onReady: () => void;
  /** @param reason follows "lane 2 ", as "has ended with exit code 1" does */
  readonly onLost: (reason: string) => void;
}

const { process } = globalThis as {
  process?: { getBuiltinModule?(name: "node:worker_threads"): NodeThreads };
};

/** The worker's module next to this one. */
function defaultUrl(): URL {
  return new URL("./worker.js", import.meta.url);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Node's worker_threads. A worker that has stopped reports an idle time of -1 at once, if it has been
 * asked before, whereas its exit event comes when the caller lets events come.
 */
function startNodeThread(
  { Worker }: NodeThreads,
  url: URL,
  start: LaneStart,
  { onReady, onLost }: ThreadEvents,
): Thread {
  // A loader or a profiler of the process's own would only slow it down.
  const worker = new Worker(url, { name: `gradlane lane ${start.lane}`, execArgv: [] });
  const utilization = (): Utilization | undefined => worker.performance?.eventLoopUtilization?.();
  let tells = false;
  let ended = false;
  worker.on("message", () => {
    tells = (utilization()?.active ?? 0) > 0;
    // An engine that nobody uses does not keep the process alive.
    worker.unref();
    onReady();
  });
  worker.on("error", (error) => {
    onLost(`has failed: ${messageOf(error)}`);
  });
  worker.on("exit", (code) => {
    ended = true;
    onLost(`has ended with exit code ${String(code)}`);
  });
  worker.postMessage(start);
  return {
    isAlive() {
      if (ended) return false;
      return tells ? utilization()!.idle >= 0 : undefined;
    },
    terminate: () => void worker.terminate(),
  };
}

function startWebThread(
  url: URL | undefined,
  start: LaneStart,
  { onReady, onLost }: ThreadEvents,
): Thread {
  // Bundlers look for the first of these as it is written, and bring the worker's file along.
  const worker = url
    ? new Worker(url, { type: "module" })
    : new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  worker.onmessage = onReady;
  worker.onerror = (event) => {
    event.preventDefault();
    onLost(`has failed: ${event.message || `no module at ${(url ?? defaultUrl()).href}`}`);
  };
  worker.postMessage(start);
  return {
    isAlive: () => undefined,
    terminate() {
      worker.terminate();
    },
  };
}

/** Starts a thread for a lane from the module at a URL, or from the package's own. */
export function startThread(url: URL | undefined, start: LaneStart, events: ThreadEvents): Thread {
  const threads = process?.getBuiltinModule?.("node:worker_threads");
  if (threads) return startNodeThread(threads, url ?? defaultUrl(), start, events);
  return startWebThread(url, start, events);
}
