import { type AnyWorker, nodeThreads } from "../../src/threads/connection.ts";

/**
 * The module of a worker that trains what the tests ask for. In a browser vitest has to know it for a
 * worker's, by Vite's mark: elsewhere it sends dynamic imports through a global of its page's.
 */
export const trainerUrl = new URL("trainer.mjs?worker_file&type=module", import.meta.url);

/** A worker of the test's own, Node's or the web's. */
export function startTrainer(): AnyWorker {
  const threads = nodeThreads();
  return threads ? new threads.Worker(trainerUrl, {}) : new Worker(trainerUrl, { type: "module" });
}

/** Lets other threads work, and events come. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits for something that has to come sooner or later; the test's timeout is the limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(5);
}
