import { nodeModule } from "../base/node-access.ts";
import { nodeThreads } from "./connection.ts";

/** The end of a worker's line that is inside of it: Node's parentPort, or a worker's global scope. */
export interface Port<In, Out> {
  onmessage: ((event: { readonly data: In }) => void) | null;
  onmessageerror?: (() => void) | null;
  postMessage(message: Out): void;
  /** Not in Deno, where whoever has started the worker ends it. */
  close?(): void;
}

/** This worker's line to whoever started it. @throws Error on a thread that is no worker */
export function parentPort<In, Out>(who: string): Port<In, Out> {
  const { postMessage, document } = globalThis as { postMessage?: unknown; document?: unknown };
  const threads = nodeModule("node:worker_threads");
  const scope = postMessage && !document ? globalThis : null;
  const port = threads ? threads.parentPort : scope;
  if (!port) throw new Error(`${who}: expected to be called in a worker, this is none`);
  return port as Port<In, Out>;
}

/**
 * Takes a lock that this worker holds as long as it lives, and tells its name. Browsers tell nobody that
 * a worker has been ended, but give its locks to whoever waits for them. Undefined in Node, where the
 * end is an event, and where there are no locks, as in Deno.
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
