import { checkOptions } from "../base/arguments.ts";
import { type OnDemand, load } from "../base/on-demand.ts";
import { trainingOf } from "../compile/tasks.ts";
import type { Accumulation } from "./accumulation.ts";
import type { Examples } from "./batches.ts";
import type { Callback, History } from "./callbacks.ts";
import { Callbacks } from "./callbacks.ts";
import { checkDataset } from "./data-checks.ts";
import { type Run, runEpoch } from "./epochs.ts";
import { batchSizes, evaluate, prepareEvaluation } from "./evaluate.ts";
import { fitRules } from "./option-rules.ts";
import { clearStates } from "./optimizer-state.ts";
import type { Evaluation, FitOptions, FitSource } from "./options.ts";
import { noSums } from "./position.ts";
import type { ProgressLine } from "./progress-line.ts";
import { Recovery } from "./recovery.ts";
import { Saver } from "./saver.ts";
import {
  type Sizes,
  type Sourced,
  checkOrder,
  fromDataset,
  fromStream,
  isStream,
} from "./sources.ts";
import { printableHistory } from "./summary.ts";
import type { Trainee } from "./trainee.ts";
import { YieldTimer } from "./yield-timer.ts";

/** Code for the line that shows the progress, loaded on demand. */
export const progressLines: OnDemand<typeof import("./progress-line.ts")> = {
  import: () => import("./progress-line.ts"),
};

/** Code for micro-batches, loaded on demand: most models are trained by whole batches. */
export const accumulations: OnDemand<typeof import("./accumulation.ts")> = {
  import: () => import("./accumulation.ts"),
};

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

/** Returns the callbacks of a fit: those of the list, then those that are options. */
function callbacksOf(
  { model }: Trainee,
  options: FitOptions,
  saver: Saver,
  line: ProgressLine | undefined,
): Callbacks {
  const { callbacks = [], onBatchEnd, onEpochEnd } = options;
  const own: Callback[] = [
    ...(line ? [line] : []),
    ...(onBatchEnd ? [{ onBatchEnd }] : []),
    ...(onEpochEnd ? [{ onEpochEnd }] : []),
  ];
  return new Callbacks([...callbacks, ...own], model, saver);
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

/** Checks the options of a fit. @throws as fit */
function readOptions(trainee: Trainee, data: FitSource, asked: FitOptions): FitOptions {
  trainingOf(trainee.parts, "fit");
  if (!isStream(data)) checkDataset("fit", data);
  const options = checkOptions("fit", asked, fitRules());
  if (options.validation && options.validationSplit !== undefined) {
    throw new RangeError("fit: expected validation or validationSplit, got both");
  }
  checkOrder(trainee.parts, options, isStream(data));
  return options;
}

async function fitAlone(trainee: Trainee, data: FitSource, asked: FitOptions): Promise<History> {
  const options = readOptions(trainee, data, asked);
  const saver = new Saver(trainee, printableHistory({ epochs: [] }));
  const line = options.verbose ? await lineOf(trainee, options) : undefined;
  const callbacks = callbacksOf(trainee, options, saver, line);
  options.signal?.throwIfAborted();
  const sourced = isStream(data)
    ? await fromStream(trainee, data, options)
    : fromDataset(trainee, data, options);
  let accumulation: Accumulation | undefined;
  try {
    accumulation = await accumulationFor(trainee, sourced);
    const { source, microBatchSize } = sourced;
    const shared = { trainee, options, source, accumulation, callbacks, microBatchSize };
    const run: Run = { ...shared, yieldTimer: new YieldTimer(), position: saver.position };
    return await runEpochs(run, sourced, saver);
  } finally {
    line?.close();
    sourced.source.dispose();
    accumulation?.dispose();
  }
}

/** Returns the line that shows the progress, where there is a place for it. */
async function lineOf({ workspace }: Trainee, { epochs = 1 }: FitOptions) {
  const { progressLine } = await load(progressLines);
  workspace.checkAlive();
  return progressLine(epochs);
}

/** Makes what micro-batches need, if batches are divided. @throws RangeError as Accumulation */
async function accumulationFor(
  { parts, allocations, workspace }: Trainee,
  { batchSize, microBatchSize }: Sizes,
): Promise<Accumulation | undefined> {
  if (microBatchSize >= batchSize) return undefined;
  const { Accumulation } = await load(accumulations);
  workspace.checkAlive();
  const pieces = Math.ceil(batchSize / microBatchSize);
  return new Accumulation(parts, allocations, microBatchSize, pieces);
}

/** Runs the epochs of a fit. @throws as fit */
async function runEpochs(run: Run, sourced: Sourced, saver: Saver): Promise<History> {
  const { trainee, options, source, callbacks, position } = run;
  const { examples, validation, microBatchSize } = sourced;
  const { history } = saver;
  if (examples) prepare(trainee, examples, sourced);
  const evaluationSize = microBatchSize === Infinity ? trainee.batchSize : microBatchSize;
  if (validation) prepareEvaluation(trainee, validation, evaluationSize);
  let recovery: Recovery | undefined;
  try {
    saver.open(callbacks, source.batches);
    await callbacks.trainBegin();
    saver.start();
    trainee.workspace.checkAlive();
    recovery = trainee.lastRecovery?.deref() ?? new Recovery(trainee);
    trainee.lastRecovery = new WeakRef(recovery);
    while (position.epoch < (options.epochs ?? 1) && !callbacks.stopped) {
      if (position.batch === 0) clearStates(trainee.parts, "training");
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
      Object.assign(position, { epoch: position.epoch + 1, batch: 0, sums: noSums() });
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
  }
  return history;
}
