import { nodeModule } from "../runtime/node.ts";

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
