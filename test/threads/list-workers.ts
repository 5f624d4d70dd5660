import { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll } from "vitest";

/** Lists the workers that are started while the tests of a file run. */
export function listWorkers(): Worker[] {
  const workers: Worker[] = [];
  const threads = process.getBuiltinModule("node:worker_threads");
  class ListedWorker extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      workers.push(this);
    }
  }
  beforeAll(() => {
    threads.Worker = ListedWorker;
  });
  afterEach(() => {
    workers.length = 0;
  });
  afterAll(() => {
    threads.Worker = Worker;
  });
  return workers;
}
