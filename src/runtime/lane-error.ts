/**
 * A lane of an engine with several threads has been lost: its worker was ended, or has failed. What
 * the engine was computing is half done; it goes on with one lane.
 */
export class LaneError extends Error {
  /** "LaneError", as in what is printed. */
  override readonly name = "LaneError";

  /** @param reason which lane, and what has become of it */
  constructor(reason: string) {
    super(`threads: expected every lane to come, ${reason}; the engine goes on with one lane`);
  }
}
