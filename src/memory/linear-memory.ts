/** Pages that a memory of 32-bit addresses can have, and bytes in each. */
const MOST_PAGES = 65536;
const PAGE_BYTES = 65536;

/** Fewer are not tried: less than that is no memory to train in. */
const LEAST_PAGES = 1024;

/** Whether threads may share a memory; SharedArrayBuffer may be hidden though there are such. */
export function isShared(memory: WebAssembly.Memory): boolean {
  return Object.prototype.toString.call(memory.buffer) === "[object SharedArrayBuffer]";
}

/**
 * A memory that only this thread has, or one that threads share. The latter has to say how large it
 * may become, and some browsers set that many addresses aside: then half of it is tried, and so on.
 * @param maximumBytes of a shared memory; 4 GiB by default
 * @throws RangeError if there is no room for it
 */
export function createMemory(
  shared: boolean,
  initial = 1,
  maximumBytes = MOST_PAGES * PAGE_BYTES,
): WebAssembly.Memory {
  if (!shared) return new WebAssembly.Memory({ initial });
  for (let maximum = Math.ceil(maximumBytes / PAGE_BYTES); ; maximum = Math.floor(maximum / 2)) {
    try {
      return new WebAssembly.Memory({ initial: Math.min(initial, maximum), maximum, shared });
    } catch (error) {
      if (maximum / 2 < LEAST_PAGES) throw error;
    }
  }
}
