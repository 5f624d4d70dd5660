import { aborted, arrive, generation, spin } from "./barrier";

/**
 * A program is a run of records in memory: [kernel's table index, bytes of this record, lanes that
 * it is worth, arguments]. Every kernel in it has the signature (args, lane, lanes), see records.ts.
 */

/** Bytes before a record's arguments. */
@inline
const HEADER_BYTES: usize = 12;


@inline
function nextOf(record: usize): usize {
  return record + load<usize>(record, 4);
}

/** Lanes that a record is worth. */
@inline
function widthOf(record: usize): i32 {
  return load<i32>(record, 8);
}


@inline
function call(record: usize, lane: i32, lanes: i32): void {
  call_indirect<void>(load<u32>(record), record + HEADER_BYTES, lane, lanes);
}

/** Runs the records from `program` to `end`, in order, without meeting other lanes. */
export function run(program: usize, end: usize, lane: i32, lanes: i32): void {
  for (; program < end; program = nextOf(program)) call(program, lane, lanes);
}

/** What runLane returns when all of the program is done: no record starts here. */
@inline
const DONE: usize = 0;

/** And when another lane has failed. */
@inline
const FAILED: usize = 1;

/**
 * A lane's share of the records from `record` to `end`. Lanes meet between two records unless both
 * are the first lane's alone, and at the end, where only the first lane waits for the others.
 *
 * Returns 0 when it is done and 1 when the lanes have been told to stop. Otherwise it has spun for
 * `turns` at a barrier without the others coming: it returns the record, or the end, to go on from
 * when the barrier's generation is no longer the one that it has left at `seen`.
 */
export function runLane(
  control: usize,
  record: usize,
  end: usize,
  lane: i32,
  lanes: i32,
  turns: i32,
  seen: usize,
): usize {
  if (!ASC_FEATURE_THREADS) return DONE;
  while (record < end) {
    const width = min(widthOf(record), lanes);
    if (lane < width) call(record, lane, width);
    const next = nextOf(record);
    record = next;
    if (next < end && width == 1 && widthOf(next) == 1) continue;
    const before = generation(control);
    const last = arrive(control, lanes);
    if (!last && next == end && lane > 0) return DONE;
    if (!last && !aborted(control) && !spin(control, before, turns)) {
      store<i32>(seen, before);
      return next;
    }
    if (aborted(control)) return FAILED;
  }
  return DONE;
}
