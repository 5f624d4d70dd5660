import { checkOptions, checkWhole } from "../base/arguments.ts";
import { type OnDemand, load } from "../base/on-demand.ts";
import { layerOf } from "../compile/match.ts";
import { type ModelParts, trainingOf } from "../compile/tasks.ts";
import type { Accumulation } from "./accumulation.ts";
import type { BatchSource } from "./batch-source.ts";
import { ResidentSource } from "./resident-source.ts";
import type { Batches, Examples } from "./batches.ts";
import type { Callback, History } from "./callbacks.ts";
import { Callbacks } from "./callbacks.ts";
import { type Run, noSums, runEpoch } from "./epochs.ts";
import { batchSizes, evaluate, prepareEvaluation } from "./evaluate.ts";
import { checkDataset } from "./data-checks.ts";
import { fitRules } from "./option-rules.ts";
import type { Dataset, Evaluation, FitOptions, FitSource } from "./options.ts";
import { clearStates } from "./optimizer-state.ts";
import { Recovery } from "./recovery.ts";
import { ResidentDataset } from "./resident-dataset.ts";
import { printableHistory } from "./summary.ts";
import type { Trainee } from "./trainee.ts";
import { YieldTimer } from "./yield-timer.ts";

/** Code for micro-batches, loaded on demand: most models are trained by whole batches. */
export const accumulations: OnDemand<typeof import("./accumulation.ts")> = {
  import: () => import("./accumulation.ts"),
};

/** Code for streams of batches, loaded on demand. */
export const streams: OnDemand<typeof import("./stream.ts")> = {
  import: () => import("./stream.ts"),
};

/** Number of examples of a batch, and of those that go through the network at a time. */
interface Sizes {
  readonly batchSize: number;
  readonly microBatchSize: number;
}

/** Returns true for data that is no data set, but gives batches. */
function isStream(data: FitSource): data is Exclude<FitSource, Dataset> {
  if (typeof data === "function") return true;
  if (typeof data !== "object" || data === null || ArrayBuffer.isView(data)) return false;
  // A pair [x, y], as other libraries take it, is no list of batches.
  if (Array.isArray(data))
    return (
      data.length > 0 && data.every((one) => typeof one === "object" && one !== null && "x" in one)
    );
  return Symbol.iterator in data || Symbol.asyncIterator in data;
}

/** Checks sizes against the data. @throws RangeError naming the one that is wrong */
function checkSizes(options: FitOptions, count: number, planned: number): Sizes {
  const { batchSize = Math.min(planned, count) } = options;
  const { microBatchSize = batchSize } = options;
  checkWhole("fit", "microBatchSize", microBatchSize, 1, batchSize);
  if (batchSize > count) {
    const expected = `batchSize of at most ${count}, the examples`;
    throw new RangeError(`fit: expected ${expected}, got ${batchSize}`);
  }
  return { batchSize, microBatchSize };
}

/** @throws RangeError if layers that go on from batch to batch would be given other examples than they are to */
function checkOrder(
  { blueprint }: ModelParts,
  { shuffle = true, microBatchSize }: FitOptions,
  isStream: boolean,
): void {
  const [spec] = blueprint.states.specs;
  if (!spec) return;
  const why = `${layerOf(spec.name)}, which goes on from batch to batch`;
  if (shuffle && !isStream)
    throw new RangeError(`fit: expected shuffle: false for ${why}, got true`);
  if (microBatchSize === undefined) return;
  throw new RangeError(`fit: expected no microBatchSize with ${why}, got ${microBatchSize}`);
}

/**
 * Makes every program that the fit will run: memory runs out before the first step, or not at all.
 */
function prepare({ workspace }: Trainee, examples: Examples, { batchSize, microBatchSize }: Sizes) {
  const does = microBatchSize < batchSize ? "accumulate" : "train";
  const whole = batchSizes(examples.count, batchSize);
  const pieces = whole.flatMap((rows) => batchSizes(rows, microBatchSize));
  for (const rows of pieces) workspace.program(does, rows, examples);
}

/** Renames an evaluation as in an epoch: validationLoss, validationAccuracy... */
function validationPart(evaluation: Evaluation): Record<string, unknown> {
  const named = Object.entries(evaluation).map(([name, value]) => [
    `validation${name[0]!.toUpperCase()}${name.slice(1)}`,
    value,
  ]);
  return Object.fromEntries(named) as Record<string, unknown>;
}

/** Returns the callbacks of a fit: those of the list, then the two that are options. */
function callbacksOf({ model }: Trainee, options: FitOptions): Callbacks {
  const { callbacks = [], onBatchEnd, onEpochEnd } = options;
  const own: Callback[] = [
    ...(onBatchEnd ? [{ onBatchEnd }] : []),
    ...(onEpochEnd ? [{ onEpochEnd }] : []),
  ];
  return new Callbacks([...callbacks, ...own], model);
}

/**
 * Trains for some epochs over a data set or a stream.
 * @throws TypeError or RangeError for wrong data or options, before anything is changed; the
 * signal's reason when it is aborted, and a stream's own error, with the weights of the last step;
 * RangeError when a loss or a weight is not finite, ThreadError when a thread is lost, with all as it
 * was at the last snapshot; Error while another fit of the model is under way, as the two would mix
 * their steps
 */
export async function fit(
  trainee: Trainee,
  data: FitSource,
  options: FitOptions,
): Promise<History> {
  if (trainee.fitting)
    throw new Error("fit: expected no other fit of this model, one is under way");
  trainee.fitting = true;
  try {
    return await fitAlone(trainee, data, options);
  } finally {
    trainee.fitting = false;
  }
}

/** Source of the batches of a fit, and what it is validated on. */
interface Sourced extends Sizes {
  readonly source: BatchSource;
  /** All examples, of a data set. */
  readonly examples?: Examples;
  readonly validation: Examples | undefined;
}

/** Checks a data set, and brings it into memory. @throws as fit, with nothing held */
function fromDataset(trainee: Trainee, data: Dataset, options: FitOptions): Sourced {
  const { batches, parts, allocations } = trainee;
  const { shuffle = true, validation, validationSplit, stepsPerEpoch } = options;
  const all = batches.examples("fit", data);
  if (stepsPerEpoch !== undefined) {
    throw new RangeError(`fit: expected no stepsPerEpoch with a data set, got ${stepsPerEpoch}`);
  }
  const { sampleWeights } = all;
  if (sampleWeights && !sampleWeights.some((weight) => weight > 0)) {
    const expected = "sampleWeights above 0 for some examples";
    throw new RangeError(`fit: expected ${expected}, got 0 for all ${all.count}`);
  }
  const [examples, rest] = splitOff(batches, all, validationSplit);
  const sizes = checkSizes(options, examples.count, trainee.batchSize);
  const held = validation ? batches.examples("fit: validation", validation) : rest;
  const resident = new ResidentDataset(parts, allocations, examples);
  const source = new ResidentSource(trainee, resident, examples, { ...sizes, shuffle });
  return { ...sizes, source, examples, validation: held };
}

/** Splits the last examples off for validation. @throws RangeError if that leaves none on a side */
function splitOff(
  batches: Batches,
  all: Examples,
  share: number | undefined,
): [Examples, Examples | undefined] {
  if (share === undefined) return [all, undefined];
  const { count } = all;
  const kept = count - Math.round(count * share);
  if (kept === 0 || kept === count) {
    const expected = "validationSplit to leave examples on both sides";
    throw new RangeError(`fit: expected ${expected}, got ${share} of ${count}`);
  }
  return [batches.part(all, 0, kept), batches.part(all, kept, count - kept)];
}

/** Checks the options of a fit from a stream. @throws as fit */
async function fromStream(
  trainee: Trainee,
  data: Exclude<FitSource, Dataset>,
  options: FitOptions,
): Promise<Sourced> {
  const { batchSize, shuffle, validation, validationSplit, microBatchSize = Infinity } = options;
  const other = { batchSize, validationSplit, shuffle: shuffle ? true : undefined };
  for (const [name, value] of Object.entries(other)) {
    if (value === undefined) continue;
    throw new RangeError(`fit: expected no ${name} with a stream of batches, got ${value}`);
  }
  if (options.microBatchSize !== undefined) {
    checkWhole("fit", "microBatchSize", microBatchSize, 1);
  }
  const held = validation && trainee.batches.examples("fit: validation", validation);
  const { StreamSource } = await load(streams);
  trainee.workspace.checkAlive();
  const source = new StreamSource(trainee, data, options);
  return { batchSize: Infinity, microBatchSize, source, validation: held };
}

async function fitAlone(trainee: Trainee, data: FitSource, asked: FitOptions): Promise<History> {
  const { parts, allocations } = trainee;
  trainingOf(parts, "fit");
  if (!isStream(data)) checkDataset("fit", data);
  const options = checkOptions("fit", asked, fitRules());
  if (options.validation && options.validationSplit !== undefined) {
    throw new RangeError("fit: expected validation or validationSplit, got both");
  }
  checkOrder(parts, options, isStream(data));
  const callbacks = callbacksOf(trainee, options);
  options.signal?.throwIfAborted();
  const sourced = isStream(data)
    ? await fromStream(trainee, data, options)
    : fromDataset(trainee, data, options);
  const { source, batchSize, microBatchSize, validation } = sourced;
  const history = printableHistory({ epochs: [] });
  let recovery: Recovery | undefined;
  let accumulation: Accumulation | undefined;
  try {
    if (microBatchSize < batchSize) {
      const { Accumulation } = await load(accumulations);
      trainee.workspace.checkAlive();
      const pieces = Math.ceil(batchSize / microBatchSize);
      accumulation = new Accumulation(parts, allocations, microBatchSize, pieces);
    }
    if (sourced.examples) prepare(trainee, sourced.examples, sourced);
    const isWhole = microBatchSize === Infinity;
    const evaluationSize = isWhole ? trainee.batchSize : microBatchSize;
    if (validation) prepareEvaluation(trainee, validation, evaluationSize);
    const position = { epoch: 0, batch: 0, step: 0, sums: noSums() };
    const yieldTimer = new YieldTimer();
    const shared = { trainee, options, source, accumulation, callbacks, microBatchSize };
    const run: Run = { ...shared, yieldTimer, position };
    await callbacks.trainBegin();
    trainee.workspace.checkAlive();
    recovery = trainee.lastRecovery?.deref() ?? new Recovery(trainee);
    trainee.lastRecovery = new WeakRef(recovery);
    for (; position.epoch < (options.epochs ?? 1) && !callbacks.stopped; position.epoch++) {
      clearStates(parts, "training");
      recovery.takeSnapshot();
      const starting = source.begin(position.epoch, position.batch);
      if (starting) await starting;
      trainee.epochs++;
      const end = await runEpoch(run, recovery);
      const ending = source.end();
      if (ending) await ending;
      const held = validation && (await evaluate(trainee, validation, evaluationSize));
      Object.assign(end, held && validationPart(held));
      history.epochs.push(end);
      Object.assign(position, { batch: 0, sums: noSums() });
      await callbacks.epochEnd(end);
      trainee.workspace.checkAlive();
      options.signal?.throwIfAborted();
    }
    // All steps are done: an error from here on undoes none.
    recovery = undefined;
    await callbacks.trainEnd(history);
  } catch (error) {
    recovery?.restoreAfter(error);
    void source.end(true);
    throw error;
  } finally {
    source.dispose();
    accumulation?.dispose();
  }
  return history;
}
