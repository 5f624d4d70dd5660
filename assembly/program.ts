/**
 * A program is a run of records in memory: [kernel's table index, bytes of this record, arguments].
 * Every kernel in it has the signature (args, lane, lanes), see records.ts.
 */

/** Bytes before a record's arguments. */
@inline
const HEADER_BYTES: usize = 8;

/** Runs the records from `program` to `end`, in order. */
export function run(program: usize, end: usize, lane: i32, lanes: i32): void {
  while (program < end) {
    const next = program + load<usize>(program, 4);
    call_indirect<void>(load<u32>(program), program + HEADER_BYTES, lane, lanes);
    program = next;
  }
}
