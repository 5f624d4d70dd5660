import { MAX_CHUNKS } from "../wasm/runtime.ts";

/** Cost model of threads: offering them an instruction costs as much as some thousand elements. */

/** The least work of a chunk, which makes up for what it costs to take it. */
const WORK_OF_CHUNK = 4096;

/**
 * Chunks of a large instruction for each thread, so that one that is slow leaves some to the others. Each chunk
 * of a product packs an operand anew: on idle cores 2 are 1% faster, and 4 take 1 to 2% longer; while a
 * core was disturbed, in one of ten rounds, steps of 784-128-10 on two threads were 1.15, 1.2 and 1.35 times
 * as fast as on one with 2, 3 and 4.
 */
const CHUNKS_OF_THREAD = 3;

/** The least work, of all instructions that threads share, for which the others are woken. */
const WORK_TO_WAKE = 65536;

/** Returns the number of chunks that an instruction is cut into. */
export function chunksFor(work: number, threads: number): number {
  const most = threads > 1 ? Math.min(MAX_CHUNKS, threads * CHUNKS_OF_THREAD) : 1;
  return Math.max(1, Math.min(most, Math.floor(work / WORK_OF_CHUNK)));
}

/** Returns true if the work that a program shares out is worth more than one thread. */
export function wakesThreads(shared: number): boolean {
  return shared >= WORK_TO_WAKE;
}
