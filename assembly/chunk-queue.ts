/**
 * The board on which threads find work: one word that says which instruction is on offer and which of its
 * chunks are taken, in a control block of the shared memory that src/threads/control-block.ts lays out. Only
 * the threads build has more than one thread.
 *
 * A thread that comes late, or whose core others keep busy, takes fewer chunks, or none, and nobody waits
 * for it. Equal shares and a barrier between instructions were as fast on two idle cores (784-128-10: 0.60
 * ms for 1.0 on one thread, 784-512-512-10: 7.9 for 14.6, here 7.7); with another program on one of the
 * cores they took 3.0 ms and 17.5, where this takes 1.2 and 15.2.
 *
 * Threads spin here and never sleep: memory.atomic.wait32 inside of a loop of instructions lets V8 11.3
 * (Node 20) leave it early, see docs/threads.md. One that has spun enough returns to its host, which
 * may sleep, and look whether the others are still alive.
 */

/**
 * Offset of the offer in the control block, where each word that threads write is in a cache line of
 * its own.
 */
@inline
const OFFER: usize = 0;

/** Offset of the upper half of the offer: what sleepers wait for to change. @shared */
@inline
const INSTRUCTION: usize = 4;

/** Offset of the count of chunks that are done of the instruction on offer. */
@inline
const FINISHED: usize = 64;

/** Offset of the count of hosts that sleep until another instruction is on offer. @shared */
@inline
const SLEEPERS: usize = 128;

/** Offset of the address where the program ends. */
@inline
const END: usize = 192;

/** The offer between two programs: no instruction, and nothing can be taken of it. @shared */
@inline
export const NOTHING: i64 = 0;

/** Stands for an instruction once the threads have been told to stop. @shared */
@inline
export const STOPPED: usize = 1;

/** An instruction's address above a bit for each chunk, 1 when it is taken or not there at all. */
@inline
export function offerOf(instruction: usize, chunks: i32): i64 {
  return ((<i64>instruction) << 32) | ((<i64>0xffffffff) & ((<i64>-1) << chunks));
}


@inline
export function instructionOf(offer: i64): usize {
  return <usize>((<u64>offer) >> 32);
}

/** Returns the bits of the chunks that are still free. */
@inline
export function freeChunks(offer: i64): u32 {
  return ~(<u32>offer);
}


@inline
export function currentOffer(control: usize): i64 {
  return atomic.load<i64>(control + OFFER);
}

/** Takes a chunk of what is on offer, if that is still `offer`. */
@inline
export function take(control: usize, offer: i64, chunk: i32): bool {
  return atomic.cmpxchg<i64>(control + OFFER, offer, offer | ((<i64>1) << chunk)) == offer;
}

/** Counts a chunk that is done; how many are. */
@inline
export function finish(control: usize): i32 {
  return atomic.add<i32>(control + FINISHED, 1) + 1;
}

/** Replaces an offer, all chunks of which are done, unless the threads have been told to stop. */
export function replace(control: usize, before: i64, offer: i64): void {
  atomic.store<i32>(control + FINISHED, 0);
  if (atomic.cmpxchg<i64>(control + OFFER, before, offer) != before) return;
  if (atomic.load<i32>(control + SLEEPERS)) atomic.notify(control + INSTRUCTION, -1);
}


@inline
export function programEnd(control: usize): usize {
  return load<usize>(control + END);
}


@inline
export function setProgramEnd(control: usize, end: usize): void {
  store<usize>(control + END, end);
}
