import { INSTRUCTION as INSTRUCTION_BYTES, NOTHING } from "../../build/constants.ts";
import { SLEEPERS as SLEEPERS_BYTES, STOPPED } from "../../build/constants.ts";

/**
 * Control block through which threads work together: words of the shared memory. Those that several
 * threads write have cache lines of their own. assembly/chunk-queue.ts defines the first four
 * lines.
 */

/** Values in place of an instruction's address: between two programs, and after stop. */
export { NOTHING, STOPPED };

/** Words in a cache line. */
const LINE = 16;

/**
 * Offset in words of the instruction on offer, above the word of its chunks; sleepers wait for it.
 */
export const INSTRUCTION = INSTRUCTION_BYTES / 4;

/** Offset in words of the number of threads that sleep until another instruction is on offer. */
const SLEEPERS = SLEEPERS_BYTES / 4;

/**
 * Offset in words of the reason of a failure: the length of the text, then a word for each
 * character.
 */
const REASON = 4 * LINE;
const REASON_WORDS = 8 * LINE;

/**
 * Offset in a thread's own line of a word that is not 0 once the thread no longer touches memory.
 */
export const PARKED = 0;

/** Returns the offset in words of a thread's own line. */
export function threadLine(thread: number): number {
  return REASON + REASON_WORDS + thread * LINE;
}

/** Returns the bytes of a control block. */
export function controlBytes(threads: number): number {
  return 4 * threadLine(threads);
}

/** Tells all threads to stop, and wakes those that sleep. */
export function stop(words: Int32Array): void {
  Atomics.store(words, INSTRUCTION, STOPPED);
  Atomics.notify(words, INSTRUCTION);
}

/** Writes the reason of a failure for the first thread, unless another thread has written one. */
export function writeReason(words: Int32Array, text: string): void {
  const length = Math.min(text.length, REASON_WORDS - 1);
  if (Atomics.compareExchange(words, REASON, 0, length) !== 0) return;
  for (let i = 0; i < length; i++) words[REASON + 1 + i] = text.charCodeAt(i);
}

/** Reads the text of writeReason; "" if there is none. */
export function readReason(words: Int32Array): string {
  const start = REASON + 1;
  return String.fromCharCode(...words.subarray(start, start + words[REASON]!));
}

/** Sleeps until the offer is another than this instruction, or the time is over. */
export function sleep(words: Int32Array, instruction: number, milliseconds = Infinity): void {
  Atomics.add(words, SLEEPERS, 1);
  Atomics.wait(words, INSTRUCTION, instruction, milliseconds);
  Atomics.sub(words, SLEEPERS, 1);
}
