import { nodeModule } from "../base/node-access.ts";
import { nodeThreads } from "./connection.ts";

/** A worker's own end of its connection: Node's parentPort, or a worker's global scope. */
export interface Port<In, Out> {
  onmessage: ((event: { readonly data: In }) => void) | null;
  onmessageerror?: (() => void) | null;
  postMessage(message: Out): void;
  /** Ends the worker. Deno has no such method: the thread that started the worker ends it. */
  close?(): void;
}

/**
 * Returns this worker's connection to the thread that started it. @throws Error outside a worker
 */
export function parentPort<In, Out>(who: string): Port<In, Out> {
  const { postMessage, document } = globalThis as { postMessage?: unknown; document?: unknown };
  const threads = nodeModule("node:worker_threads");
  const scope = postMessage && !document ? globalThis : null;
  const port = threads ? threads.parentPort : scope;
  if (!port) throw new Error(`${who}: expected to be called in a worker, this is none`);
  return port as Port<In, Out>;
}

/**
 * Takes a lock that this worker holds until it ends, and returns its name. Browsers do not report
 * that a worker has ended, but they pass its locks on to others that wait for them. Returns
 * undefined in Node, which has an event for the end, and in Deno, which has no locks.
 */
export async function holdLock(): Promise<string | undefined> {
  const { locks } = (globalThis as { navigator?: { locks?: LockManager } }).navigator ?? {};
  if (!locks || nodeThreads()) return undefined;
  const name = `gradlane ${crypto.randomUUID()}`;
  return new Promise((resolve) => {
    const held = locks.request(name, () => {
      resolve(name);
      return new Promise(() => undefined);
    });
    held.catch(() => {
      resolve(undefined);
    });
  });
}
