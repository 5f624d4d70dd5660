import { INSTRUCTION as INSTRUCTION_BYTES, NOTHING } from "../../build/constants.ts";
import { SLEEPERS as SLEEPERS_BYTES, STOPPED } from "../../build/constants.ts";

/**
 * The control block through which threads find each other: words of the shared memory, in cache lines
 * of their own where several threads write. assembly/chunk-queue.ts knows the first four lines.
 */

/** What stands for an instruction between two programs, and when threads have been told to stop. */
export { NOTHING, STOPPED };

/** Words in a cache line. */
const LINE = 16;

/** Offsets in words: the instruction on offer, above the word of its chunks; what sleepers wait for. */
export const INSTRUCTION = INSTRUCTION_BYTES / 4;
/** Threads that sleep until another instruction is on offer. */
const SLEEPERS = SLEEPERS_BYTES / 4;

/** Why a thread has failed: the length of the text and its characters, a word each. */
const REASON = 4 * LINE;
const REASON_WORDS = 8 * LINE;

/** Of the thread's own line: not 0 once the thread touches no memory any more. */
export const PARKED = 0;

/** The word at which a thread's own line starts. */
export function threadLine(thread: number): number {
  return REASON + REASON_WORDS + thread * LINE;
}

/** Bytes of a control block. */
export function controlBytes(threads: number): number {
  return 4 * threadLine(threads);
}

/** Tells all threads to stop, and wakes those that sleep. */
export function stop(words: Int32Array): void {
  Atomics.store(words, INSTRUCTION, STOPPED);
  Atomics.notify(words, INSTRUCTION);
}

/** Leaves the reason of a failure for the first thread; the first one counts. */
export function writeReason(words: Int32Array, text: string): void {
  const length = Math.min(text.length, REASON_WORDS - 1);
  if (Atomics.compareExchange(words, REASON, 0, length) !== 0) return;
  for (let i = 0; i < length; i++) words[REASON + 1 + i] = text.charCodeAt(i);
}

/** What writeReason has left, "" if nothing. */
export function readReason(words: Int32Array): string {
  const start = REASON + 1;
  return String.fromCharCode(...words.subarray(start, start + words[REASON]!));
}

/** Sleeps until another instruction than this one is on offer, at most some milliseconds. */
export function sleep(words: Int32Array, instruction: number, milliseconds = Infinity): void {
  Atomics.add(words, SLEEPERS, 1);
  Atomics.wait(words, INSTRUCTION, instruction, milliseconds);
  Atomics.sub(words, SLEEPERS, 1);
}
