import { MOST_PARTS } from "../wasm/runtime.ts";

/** What work is worth: offering a record to other threads costs as much as some thousand elements. */

/** The least work of a part, which makes up for what it costs to take it. */
const WORK_OF_PART = 4096;

/**
 * Parts of a large record for each thread, so that one that is slow leaves some to the others. Each part
 * of a product packs an operand anew: on idle cores 2 are 1% faster, and 4 take 1 to 2% longer; while a
 * core was disturbed, in one of ten rounds, steps of 784-128-10 on two threads were 1.15, 1.2 and 1.35 times
 * as fast as on one with 2, 3 and 4.
 */
const PARTS_OF_THREAD = 3;

/** The least work, of all records that threads share, for which the others are woken. */
const WORK_TO_WAKE = 65536;

/** Into how many parts a record is cut for some threads. */
export function partsFor(work: number, threads: number): number {
  const most = threads > 1 ? Math.min(MOST_PARTS, threads * PARTS_OF_THREAD) : 1;
  return Math.max(1, Math.min(most, Math.floor(work / WORK_OF_PART)));
}

/** Whether a program is worth more threads than one, for the work that its records share out. */
export function wakesThreads(shared: number): boolean {
  return shared >= WORK_TO_WAKE;
}
