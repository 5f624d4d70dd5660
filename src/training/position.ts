/** The sums of an epoch under way. */
export interface Sums {
  loss: number;
  /** Weight of the losses so far. */
  weight: number;
  correct: number;
  /** Number of answers so far, right or wrong. */
  answers: number;
  /** Milliseconds of training so far, without callbacks and pauses. */
  spent: number;
}

/** Epochs, batches and steps that a fit has done. */
export interface Position {
  epoch: number;
  /** Batches of the epoch that are done. */
  batch: number;
  /** Steps of the fit that are done. */
  step: number;
  sums: Sums;
}

/** Returns the sums of an epoch that starts. */
export function noSums(): Sums {
  return { loss: 0, weight: 0, correct: 0, answers: 0, spent: 0 };
}
