/** Milliseconds of work between pauses: long enough to cost nothing, short enough for a page. */
const WORK_MS = 30;

/** Yields to timers, input and abort signals every 30 ms during a long loop. */
export class YieldTimer {
  #since = performance.now();

  /** True if it is time to yield. */
  get isDue(): boolean {
    return performance.now() - this.#since > WORK_MS;
  }

  /** Waits until other tasks had their turn. */
  async yield(): Promise<void> {
    await nextTask();
    this.#since = performance.now();
  }
}

/** Waits for a macrotask: a promise alone would let no timer run. */
function nextTask(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
