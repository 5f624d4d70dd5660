import { nodeModule } from "../base/node-access.ts";

/** Milliseconds of a worker's event loop; both 0 if they are not known. */
interface Utilization {
  readonly idle: number;
  readonly active: number;
}

type NodeEvent = "message" | "messageerror" | "exit" | "error";
type Listener = (value: unknown) => void;

/** Parts of a worker of Node's worker_threads that are used here. */
interface NodeWorker {
  on(event: NodeEvent, listener: Listener): void;
  off(event: NodeEvent, listener: Listener): void;
  postMessage(message: unknown): void;
  terminate(): Promise<number>;
  unref(): void;
  readonly performance?: { eventLoopUtilization?(): Utilization };
}

/** Worker of Node's worker_threads, or a web worker. */
export type AnyWorker = NodeWorker | Worker;

interface NodeThreads {
  readonly Worker: new (url: URL, options: object) => NodeWorker;
}

const { navigator } = globalThis as { navigator?: { readonly userAgent?: string } };

/** Returns Node's worker_threads if they work: Cloudflare has the module, but no threads. */
export function nodeThreads(): NodeThreads | undefined {
  if (navigator?.userAgent === "Cloudflare-Workers") return undefined;
  return nodeModule("node:worker_threads");
}

/** Returns true if workers can be started, Node's or the web's. */
export function hasWorkers(): boolean {
  return "Worker" in globalThis || nodeThreads() !== undefined;
}

/**
 * Reason for the loss of a worker whose message could not be copied, for instance for want of
 * memory.
 */
const UNREADABLE = "has sent what cannot be read";

/** Events of a worker. */
export interface ConnectionEvents {
  readonly onMessage: (message: unknown) => void;
  /** @param reason continues a name: "has ended with exit code 1" */
  readonly onLost: (reason: string) => void;
}

/** Connection to a worker, Node's or the web's. */
export interface Connection {
  send(message: unknown): void;
  /**
   * Returns true if the worker is still running, without waiting for events of this thread;
   * undefined if the platform does not report it.
   */
  isAlive(): boolean | undefined;
  /**
   * Reports the worker as lost when it releases this lock, see worker-scope.ts; does nothing in
   * Node.
   */
  watch(lock: string): void;
  /** Lets the process end while the worker is idle. */
  unref(): void;
  /** Removes all listeners, and leaves the worker running for its owner. */
  disconnect(): void;
  terminate(): void;
}

/** Returns the message of an error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Connects to a worker of Node's. A worker that has stopped reports an idle time of -1 at once, if
 * it reported one before, whereas its exit event arrives only when the caller's thread handles
 * events.
 */
function connectNode(worker: NodeWorker, { onMessage, onLost }: ConnectionEvents): Connection {
  // Bun has no such figures, and prints a warning on stderr.
  const utilization = (): Utilization | undefined =>
    "Bun" in globalThis ? undefined : worker.performance?.eventLoopUtilization?.();
  let reportsUse = false;
  let ended = false;
  const listeners: Readonly<Record<NodeEvent, Listener>> = {
    message(message) {
      reportsUse ||= (utilization()?.active ?? 0) > 0;
      onMessage(message);
    },
    messageerror() {
      onLost(UNREADABLE);
    },
    error(error) {
      onLost(`has failed: ${messageOf(error)}`);
    },
    exit(code) {
      ended = true;
      onLost(`has ended with exit code ${String(code)}`);
    },
  };
  const entries = Object.entries(listeners) as [NodeEvent, Listener][];
  for (const [event, listener] of entries) worker.on(event, listener);
  return {
    send(message) {
      worker.postMessage(message);
    },
    isAlive() {
      if (ended) return false;
      return reportsUse ? utilization()!.idle >= 0 : undefined;
    },
    watch() {
      // Node has an event for the end.
    },
    unref() {
      worker.unref();
    },
    disconnect() {
      for (const [event, listener] of entries) worker.off(event, listener);
    },
    terminate: () => void worker.terminate(),
  };
}

function connectWeb(worker: Worker, { onMessage, onLost }: ConnectionEvents): Connection {
  const message = ({ data }: MessageEvent): void => {
    onMessage(data);
  };
  const messageError = (): void => {
    onLost(UNREADABLE);
  };
  const error = (event: ErrorEvent): void => {
    event.preventDefault();
    // For a module that cannot be loaded, or that a policy forbids, the event has no message.
    onLost(
      `has failed: ${event.message || "its module cannot be loaded or parsed, or a policy forbids it"}`,
    );
  };
  worker.addEventListener("message", message);
  worker.addEventListener("messageerror", messageError);
  worker.addEventListener("error", error);
  const over = new AbortController();
  let ended = false;
  return {
    send(message) {
      worker.postMessage(message);
    },
    isAlive: () => (ended ? false : undefined),
    watch(lock) {
      const gone = globalThis.navigator.locks.request(lock, { signal: over.signal }, () => {
        ended = true;
        onLost("has ended");
      });
      gone.catch(() => undefined);
    },
    unref() {
      // No process waits for a page's workers.
    },
    disconnect() {
      over.abort();
      worker.removeEventListener("message", message);
      worker.removeEventListener("messageerror", messageError);
      worker.removeEventListener("error", error);
    },
    terminate() {
      over.abort();
      worker.terminate();
    },
  };
}

/** Returns true for a worker of either kind. */
export function isWorker(value: unknown): value is AnyWorker {
  const { postMessage, terminate } = Object(value) as Partial<Record<string, unknown>>;
  return typeof postMessage === "function" && typeof terminate === "function";
}

/** Listens to a worker. */
export function connect(worker: AnyWorker, events: ConnectionEvents): Connection {
  // Bun's web workers have `unref` too, so it cannot tell them apart.
  return "on" in worker ? connectNode(worker, events) : connectWeb(worker, events);
}
