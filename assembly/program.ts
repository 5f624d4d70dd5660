import { NOTHING, STOPPED, currentOffer, finish, freeParts, offerOf } from "./chunk-queue";
import { programEnd, recordOf, replace, setProgramEnd, take } from "./chunk-queue";
import { runFor } from "./chunks";

/**
 * A program is a run of records in memory: [kernel's table index, bytes of this record, parts that it
 * is cut into for lanes, arguments]. Every kernel in it has the signature (args, part, parts), see
 * records.ts.
 */

/** Bytes before a record's arguments. */
@inline
const HEADER_BYTES: usize = 12;


@inline
function nextOf(record: usize): usize {
  return record + load<usize>(record, 4);
}


@inline
function partsOf(record: usize): i32 {
  return load<i32>(record, 8);
}


@inline
function call(record: usize, part: i32, parts: i32): void {
  call_indirect<void>(load<u32>(record), record + HEADER_BYTES, part, parts);
}

/** Runs one part of each record from `program` to `end`, in order, without other lanes. */
export function run(program: usize, end: usize, part: i32, parts: i32): void {
  for (; program < end; program = nextOf(program)) call(program, part, parts);
}

/** Runs the records from `record` on that have one part, and offers the first that has more. */
function offerNext(control: usize, before: i64, record: usize, end: usize): void {
  while (record < end && partsOf(record) == 1) {
    call(record, 0, 1);
    record = nextOf(record);
  }
  replace(control, before, record < end ? offerOf(record, partsOf(record)) : NOTHING);
}

/** Starts a program on all lanes, those of which have come that help with it: see helpProgram. */
export function startProgram(control: usize, program: usize, end: usize): void {
  if (!ASC_FEATURE_THREADS) return;
  setProgramEnd(control, end);
  offerNext(control, NOTHING, program, end);
}

/**
 * The first free part from where a lane's own begin, so that it mostly meets what it has in cache. It is
 * a free one whatever `parts` is: the record may be on offer no more, and others be written over it.
 */
@inline
function choose(free: u32, lane: i32, lanes: i32, parts: i32): i32 {
  const own = ((lane * parts) / lanes) & 31;
  const rest = free >> own;
  return rest ? own + ctz(rest) : ctz(free);
}

/**
 * Takes part after part of each record that is on offer, until there is none to be had for so many
 * turns: `turns` while others are busy with a record, `idle` between two programs. Whoever finishes
 * the last part of a record offers the next one, so a record starts when the one before it is done.
 *
 * Returns the record that it has waited for, or 0 between two programs; 1 when the lanes have been
 * told to stop. There is nothing to do before another record is on offer.
 */
export function helpProgram(control: usize, lane: i32, lanes: i32, turns: i32, idle: i32): usize {
  if (!ASC_FEATURE_THREADS) return 0;
  runFor(<usize>lane);
  let turn = -1;
  while (true) {
    turn++;
    const offer = currentOffer(control);
    const record = recordOf(offer);
    if (record <= STOPPED) {
      if (record == STOPPED || turn >= idle) return record;
      continue;
    }
    const free = freeParts(offer);
    if (!free) {
      if (turn >= turns) return record;
      continue;
    }
    const part = choose(free, lane, lanes, partsOf(record));
    if (!take(control, offer, part)) continue;
    const parts = partsOf(record);
    call(record, part, parts);
    if (finish(control) == parts) {
      offerNext(control, offerOf(record, 0), nextOf(record), programEnd(control));
    }
    turn = 0;
  }
}
