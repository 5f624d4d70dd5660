import {
  anything,
  callable,
  flag,
  list,
  object,
  objectWith,
  text,
  whole,
} from "../base/arguments.ts";

/** A data set. */
export const dataset = () => object("an object { x, y }");

/** Rules for what a page may tell its worker's fit, too. */
export const remoteFitRules = () => ({
  epochs: whole(1),
  batchSize: whole(1),
  microBatchSize: whole(1),
  validation: dataset(),
  shuffle: flag(),
  snapshotSteps: whole(1),
  onEpochEnd: callable(),
  signal: objectWith("throwIfAborted", "an AbortSignal"),
});

/** Rules for the options of fit. */
export const fitRules = () => ({
  ...remoteFitRules(),
  // Against the batch, which may depend on the data.
  microBatchSize: anything,
  onBatchEnd: callable(),
  callbacks: list(),
});

/** Rules for the options of toSafetensors and save. */
export const saveRules = () => ({ includeOptimizer: flag() });

/** Where a file is, as Node takes it: a text that is not empty. */
export const filePath = () => ({
  ...text(),
  expected: "the path of a file",
  allows: (value: unknown) => value !== "",
});
