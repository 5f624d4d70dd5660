/**
 * Where lanes meet: a barrier that counts its generations, in a control block of the shared memory
 * that src/threads/control.ts lays out. Only the threads build has more than one lane.
 *
 * Lanes spin here and never sleep: memory.atomic.wait32 inside of a loop of records lets V8 11.3
 * (Node 20) leave it early, see docs/threads.md. One that has spun enough returns to its host, which
 * may sleep, and look whether the others are still alive.
 */

/** Offsets in the control block; each word that lanes write is in a cache line of its own. */
@inline
const ARRIVED: usize = 0;


@inline
const GENERATION: usize = 64;

/** Hosts that sleep until the generation changes. */
@inline
const SLEEPERS: usize = 128;

/** Not 0 after a lane has failed: then nobody goes on. */
@inline
const ABORTED: usize = 192;

/** How often the barrier has been passed. */
@inline
export function generation(control: usize): i32 {
  return atomic.load<i32>(control + GENERATION);
}

/** Whether the lanes have been told to stop. */
@inline
export function aborted(control: usize): bool {
  return atomic.load<i32>(control + ABORTED) != 0;
}

/** Counts a lane in; the last one opens the barrier, and is told so. */
export function arrive(control: usize, lanes: i32): bool {
  if (atomic.add<i32>(control + ARRIVED, 1) != lanes - 1) return false;
  // Before the others are let go: they may be at the next barrier at once.
  atomic.store<i32>(control + ARRIVED, 0);
  atomic.add<i32>(control + GENERATION, 1);
  if (atomic.load<i32>(control + SLEEPERS)) atomic.notify(control + GENERATION, -1);
  return true;
}

/** Spins until the generation is no longer `before`, or so many turns; tells whether it has come. */
export function spin(control: usize, before: i32, turns: i32): bool {
  while (generation(control) == before) if (--turns < 0) return false;
  return true;
}
