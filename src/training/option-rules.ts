import { parameterChoice } from "../compile/parameter-groups.ts";
import {
  anything,
  callable,
  flag,
  list,
  number,
  object,
  objectWith,
  text,
  whole,
} from "../base/arguments.ts";

/** Rule for a data set. */
export const dataset = () => object("an object { x, y }");

/** Rules for the options that a page may also set for its worker's fit. */
export const remoteFitRules = () => ({
  epochs: whole(1),
  batchSize: whole(1),
  microBatchSize: whole(1),
  validation: dataset(),
  validationSplit: {
    ...number(),
    expected: "a number between 0 and 1",
    allows: (value: unknown) => Number(value) > 0 && Number(value) < 1,
  },
  shuffle: flag(),
  snapshotSteps: whole(1),
  stepsPerEpoch: whole(1),
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
  verbose: flag(),
});

/** Rules for the options of load; fromSafetensors has `source`, too. */
export const loadRules = () => ({
  ...saveRules(),
  strict: flag(),
  parameters: parameterChoice(),
});

/** Rules for the options of toSafetensors and save. */
export const saveRules = () => ({ includeOptimizer: flag() });

/** Rule for the path of a file: a text that is not empty. */
export const filePath = () => ({
  ...text(),
  expected: "the path of a file",
  allows: (value: unknown) => value !== "",
});
