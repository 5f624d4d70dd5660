import { nodeModule } from "../base/node-access.ts";

/** Milliseconds of a worker's event loop; both 0 where they are not known. */
interface Utilization {
  readonly idle: number;
  readonly active: number;
}

type NodeEvent = "message" | "messageerror" | "exit" | "error";
type Listener = (value: unknown) => void;

/** What is used of a worker of Node's worker_threads. */
interface NodeWorker {
  on(event: NodeEvent, listener: Listener): void;
  off(event: NodeEvent, listener: Listener): void;
  postMessage(message: unknown): void;
  terminate(): Promise<number>;
  unref(): void;
  readonly performance?: { eventLoopUtilization?(): Utilization };
}

/** A worker of Node's, or of the web's. */
export type AnyWorker = NodeWorker | Worker;

interface NodeThreads {
  readonly Worker: new (url: URL, options: object) => NodeWorker;
}

const { navigator } = globalThis as { navigator?: { readonly userAgent?: string } };

/** Node's worker_threads, where they are to be had: Cloudflare has the module, but no threads. */
export function nodeThreads(): NodeThreads | undefined {
  if (navigator?.userAgent === "Cloudflare-Workers") return undefined;
  return nodeModule("node:worker_threads");
}

/** Whether workers can be started, Node's or the web's. */
export function hasWorkers(): boolean {
  return "Worker" in globalThis || nodeThreads() !== undefined;
}

/** What has become of a worker whose message could not be copied, as where there is no memory for it. */
const UNREADABLE = "has sent what cannot be read";

/** What comes from a worker. */
export interface ConnectionEvents {
  readonly onMessage: (message: unknown) => void;
  /** @param reason goes on after a name: "has ended with exit code 1" */
  readonly onLost: (reason: string) => void;
}

/** A worker as this side has it, whoever's it is. */
export interface Connection {
  send(message: unknown): void;
  /**
   * Whether it is still there, asked while this thread's own events have to wait; undefined where
   * the platform does not tell.
   */
  isAlive(): boolean | undefined;
  /** Takes the worker for lost when it holds this lock no more, see life.ts; nothing in Node. */
  watch(lock: string): void;
  /** Lets the process end though the worker waits for something to do. */
  unref(): void;
  /** Listens no more, and leaves the worker to whoever else has it. */
  disconnect(): void;
  terminate(): void;
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * A worker that has stopped reports an idle time of -1 at once, if it has been asked before, whereas
 * its exit event comes when the caller lets events come.
 */
function connectNode(worker: NodeWorker, { onMessage, onLost }: ConnectionEvents): Connection {
  // Bun has no such figures, and says so on stderr to whoever asks.
  const utilization = (): Utilization | undefined =>
    "Bun" in globalThis ? undefined : worker.performance?.eventLoopUtilization?.();
  let tells = false;
  let ended = false;
  const listeners: Readonly<Record<NodeEvent, Listener>> = {
    message(message) {
      tells ||= (utilization()?.active ?? 0) > 0;
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
      return tells ? utilization()!.idle >= 0 : undefined;
    },
    watch() {
      // Its end is an event.
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
    // A module that cannot be loaded, or that a policy forbids, gives an event without a message.
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

/** Whether a value is a worker of one kind or the other. */
export function isWorker(value: unknown): value is AnyWorker {
  const { postMessage, terminate } = Object(value) as Partial<Record<string, unknown>>;
  return typeof postMessage === "function" && typeof terminate === "function";
}

/** Listens to a worker. */
export function connect(worker: AnyWorker, events: ConnectionEvents): Connection {
  // Not by unref, which Bun's web workers have too.
  return "on" in worker ? connectNode(worker, events) : connectWeb(worker, events);
}
