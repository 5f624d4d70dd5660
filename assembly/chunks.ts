/** Division of instructions into chunks, which threads do side by side. */

/**
 * Returns the first of n items that belongs to a chunk, in whole units: a chunk runs from its own
 * start to the start of the next.
 */
@inline
export function chunkStart(n: i32, unit: i32, chunk: i32, chunks: i32): i32 {
  // The ends without a division: two of them would be a tenth of a tiny instruction in one chunk.
  if (chunk == 0) return 0;
  if (chunk == chunks) return n;
  const units = (n + unit - 1) / unit;
  return <i32>min(<i64>n, ((<i64>units * chunk) / chunks) * unit);
}

/** Floats in a cache line: elements are cut by whole lines, so that no two threads share one. */
@inline
export const LINE: i32 = 16;

/** The thread that this instance's instructions run on. */
let thread: usize = 0;


@inline
export function runFor(own: usize): void {
  thread = own;
}

/** Returns this thread's block of the scratch, in which each thread has `bytes`. */
@inline
export function ownScratch(first: usize, bytes: i32): usize {
  return first + thread * <usize>bytes;
}
