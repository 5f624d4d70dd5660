import { type OnDemand, load } from "../base/on-demand.ts";
import { type AnyWorker, type Connection, connect, nodeThreads } from "./connection.ts";
import type { ThreadReady, ThreadStart } from "./worker.ts";

/** Events of a thread's worker. */
export interface ThreadEvents {
  readonly onReady: () => void;
  /** @param reason continues the text "thread 2 " */
  readonly onLost: (reason: string) => void;
}

/** Text of the package's own module for threads. */
export const workerText: OnDemand<{ embedded: string }> = {
  import: () => import("../../build/worker.ts"),
};

let embedded: Promise<URL> | undefined;

/** Returns a URL of the embedded copy of the package's own module for threads. */
export function embeddedUrl(): Promise<URL> {
  embedded ??= embeddedOnce().catch((error: unknown) => {
    // The network may be back for a later engine.
    embedded = undefined;
    throw error;
  });
  return embedded;
}

async function embeddedOnce(): Promise<URL> {
  const { embedded: text } = await load(workerText);
  const type = "text/javascript";
  // Node has no workers from blobs, pages share no memory with workers from data.
  if (nodeThreads()) return new URL(`data:${type},${encodeURIComponent(text)}`);
  return new URL(URL.createObjectURL(new Blob([text], { type })));
}

/**
 * Starts a worker from the module at a URL, or from the package's own, which lies next to this one.
 */
function openWorker(url: URL | undefined, name: string): AnyWorker {
  const threads = nodeThreads();
  if (threads) {
    // Not inside new URL(), from which bundlers would take the file along once more.
    const { url: here } = import.meta;
    // A loader or a profiler of the process would only slow it down.
    const options = { name, execArgv: [] };
    return new threads.Worker(url ?? new URL("./worker.js", here), options);
  }
  if (url) return new Worker(url, { type: "module", name });
  // Bundlers recognise this form, and take the worker's file along.
  return new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
}

/** Starts a worker for a thread. */
export function startThread(
  url: URL | undefined,
  start: ThreadStart,
  { onReady, onLost }: ThreadEvents,
): Connection {
  const connection = connect(openWorker(url, `gradlane thread ${start.thread}`), {
    onMessage(message) {
      const { lock } = message as ThreadReady;
      if (lock !== undefined) connection.watch(lock);
      // An idle engine does not keep the process alive.
      connection.unref();
      onReady();
    },
    onLost,
  });
  try {
    connection.send(start);
  } catch (error) {
    connection.terminate();
    throw error;
  }
  return connection;
}
