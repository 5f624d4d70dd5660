import { nodeThreads } from "./connection.ts";

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
