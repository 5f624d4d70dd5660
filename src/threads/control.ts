/**
 * The control block through which lanes find each other: words of the shared memory, in cache lines
 * of their own where several lanes write. assembly/barrier.ts knows the first four lines.
 */

/** Words in a cache line. */
const LINE = 16;

/** Offsets in words. */
export const GENERATION = LINE;
/** Lanes that sleep until the generation changes. */
export const SLEEPERS = 2 * LINE;
/** Not 0 once the lanes have been told to stop. */
export const ABORTED = 3 * LINE;
/** Counts the programs that were run: a lane that sleeps between programs waits for it to change. */
export const TICKET = 4 * LINE;
/** Lanes that sleep until the ticket changes. */
export const IDLERS = 5 * LINE;
/** The program that the ticket is for: addresses of its first record and of its end. */
export const PROGRAM = 6 * LINE;
export const END = PROGRAM + 1;

/** Why a lane has failed: the length of the text and its characters, a word each. */
const REASON = 7 * LINE;
const REASON_WORDS = 8 * LINE;

/** Of the lane's own line: the generation at which runLane has left a barrier. */
export const SEEN = 0;
/** Not 0 once the lane touches no memory any more. */
export const PARKED = 1;

/** The word at which a lane's own line starts. */
export function laneLine(lane: number): number {
  return REASON + REASON_WORDS + lane * LINE;
}

/** Bytes of a control block. */
export function controlBytes(lanes: number): number {
  return 4 * laneLine(lanes);
}

/** runLane's answers that are no addresses, see assembly/program.ts. */
export const DONE = 0;
export const FAILED = 1;

/** Tells all lanes to stop, and wakes those that sleep. */
export function abort(words: Int32Array): void {
  Atomics.store(words, ABORTED, 1);
  for (const counter of [GENERATION, TICKET]) {
    Atomics.add(words, counter, 1);
    Atomics.notify(words, counter);
  }
}

/** Leaves the reason of a failure for the first lane; the first one counts. */
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

/** Looks so often whether a word has changed; tells whether it has. */
export function spin(words: Int32Array, index: number, before: number, turns: number): boolean {
  for (let turn = 0; turn < turns; turn++) if (Atomics.load(words, index) !== before) return true;
  return Atomics.load(words, index) !== before;
}

/**
 * Sleeps until a word changes, at most some milliseconds; tells whether it has.
 * @param count the word that counts the sleepers, for those who would have to wake them
 */
export function sleep(
  words: Int32Array,
  index: number,
  before: number,
  count: number,
  milliseconds = Infinity,
): boolean {
  Atomics.add(words, count, 1);
  const came = Atomics.wait(words, index, before, milliseconds);
  Atomics.sub(words, count, 1);
  return came !== "timed-out";
}
