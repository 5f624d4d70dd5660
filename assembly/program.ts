import {
  NOTHING,
  STOPPED,
  currentOffer,
  finish,
  freeChunks,
  instructionOf,
  offerOf,
} from "./chunk-queue";
import { programEnd, replace, setProgramEnd, take } from "./chunk-queue";
import { runFor } from "./chunks";

/**
 * A program is a run of instructions in memory: a header, then the words that its function unpacks.
 * That has the signature (words, chunk, chunks) and comes from build/assembly/instructions.ts.
 */

/** Words before those of an instruction. @shared */
@inline
const HEADER_WORDS: usize = 3;

/** Header of an instruction, before its own words. */
@unmanaged
class Header {
  /** Index of its function in the table. */
  run: u32;
  /** Bytes from this instruction to the next. */
  bytes: usize;
  /** Number of chunks that threads cut it into. */
  chunks: i32;
}


@inline
function nextOf(instruction: usize): usize {
  return instruction + changetype<Header>(instruction).bytes;
}


@inline
function chunksOf(instruction: usize): i32 {
  return changetype<Header>(instruction).chunks;
}


@inline
function call(instruction: usize, chunk: i32, chunks: i32): void {
  const words = instruction + (HEADER_WORDS << 2);
  call_indirect<void>(changetype<Header>(instruction).run, words, chunk, chunks);
}

/** Runs one chunk of each instruction from `program` to `end`, in order, without other threads. */
export function runProgram(program: usize, end: usize, chunk: i32, chunks: i32): void {
  for (; program < end; program = nextOf(program)) call(program, chunk, chunks);
}

/** Runs the instructions from `instruction` on that have one chunk, and offers the first with more. */
function offerNext(control: usize, before: i64, instruction: usize, end: usize): void {
  while (instruction < end && chunksOf(instruction) == 1) {
    call(instruction, 0, 1);
    instruction = nextOf(instruction);
  }
  const next = instruction < end ? offerOf(instruction, chunksOf(instruction)) : NOTHING;
  replace(control, before, next);
}

/** Starts a program on all threads, those of which have come that help with it: see helpProgram. */
export function startProgram(control: usize, program: usize, end: usize): void {
  if (!ASC_FEATURE_THREADS) return;
  setProgramEnd(control, end);
  offerNext(control, NOTHING, program, end);
}

/**
 * Returns the first free chunk from where a thread's own begin, so that it mostly meets what it has in
 * cache. It is a free one whatever `chunks` is: the instruction may no longer be on offer, and others
 * be written over it.
 */
@inline
function choose(free: u32, thread: i32, threads: i32, chunks: i32): i32 {
  const own = ((thread * chunks) / threads) & 31;
  const rest = free >> own;
  return rest ? own + ctz(rest) : ctz(free);
}

/**
 * Takes chunk after chunk of each instruction that is on offer, until it has found none for a number of
 * turns: `turns` while others are busy with an instruction, `idle` between two programs. Whoever
 * finishes the last chunk of an instruction offers the next one, so an instruction starts when the one
 * before it is done.
 *
 * Returns the instruction that it has waited for, or 0 between two programs; 1 when the threads have
 * been told to stop. There is nothing to do before another instruction is on offer.
 */
export function helpProgram(
  control: usize,
  thread: i32,
  threads: i32,
  turns: i32,
  idle: i32,
): usize {
  if (!ASC_FEATURE_THREADS) return 0;
  runFor(<usize>thread);
  let turn = -1;
  while (true) {
    turn++;
    const offer = currentOffer(control);
    const instruction = instructionOf(offer);
    if (instruction <= STOPPED) {
      if (instruction == STOPPED || turn >= idle) return instruction;
      continue;
    }
    const free = freeChunks(offer);
    if (!free) {
      if (turn >= turns) return instruction;
      continue;
    }
    const chunk = choose(free, thread, threads, chunksOf(instruction));
    if (!take(control, offer, chunk)) continue;
    const chunks = chunksOf(instruction);
    call(instruction, chunk, chunks);
    if (finish(control) == chunks) {
      offerNext(control, offerOf(instruction, 0), nextOf(instruction), programEnd(control));
    }
    turn = 0;
  }
}
