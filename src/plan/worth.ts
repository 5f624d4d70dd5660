/** What work is worth: a meeting of lanes costs as much as some thousand elements. */

/** The least work of a record that makes up for one lane more at its barrier. */
const WORK_OF_LANE = 4096;

/** The least work, of all records that lanes share, for which the others are woken. */
const WORK_TO_WAKE = 65536;

/** On how many of the lanes a record is run. */
export function lanesFor(work: number, lanes: number): number {
  return Math.max(1, Math.min(lanes, Math.floor(work / WORK_OF_LANE)));
}

/** Whether a program is worth more lanes than one, for the work that its records share out. */
export function wakesLanes(shared: number): boolean {
  return shared >= WORK_TO_WAKE;
}
