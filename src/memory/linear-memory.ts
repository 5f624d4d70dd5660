/** Number of pages that 32-bit addresses reach, and bytes of a page. */
const MOST_PAGES = 65536;
const PAGE_BYTES = 65536;

/** Least maximum that is tried, in pages: with less memory there is no training. */
const LEAST_PAGES = 1024;

/** Returns true for a memory that threads may share. SharedArrayBuffer itself may be hidden. */
export function isShared(memory: WebAssembly.Memory): boolean {
  return Object.prototype.toString.call(memory.buffer) === "[object SharedArrayBuffer]";
}

/**
 * Creates a memory for this thread alone, or a shared one. A shared memory must declare its
 * maximum, and some browsers reserve that many addresses: if that fails, half of it is tried, and
 * so on.
 * @param maximumBytes maximum of a shared memory; 4 GiB by default
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
