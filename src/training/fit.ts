import type { ModelMetric } from "../metrics/metric.ts";
import { checkOptions, checkWhole } from "../base/arguments.ts";
import { printableHistory } from "./summary.ts";
import { type OnDemand, load } from "../base/on-demand.ts";
import type { Accumulation, MicroBatchRun } from "./accumulation.ts";
import type { Batches } from "./batches.ts";
import type { Callback, EpochEnd, History, TrainedModel } from "./callbacks.ts";
import { Callbacks } from "./callbacks.ts";
import { batchSizes, evaluate, prepareEvaluation } from "./evaluate.ts";
import { answersOf, lossWeight, meanOf } from "./example-weights.ts";
import { fitRules } from "./option-rules.ts";
import type { Dataset, Evaluation, FitOptions } from "./options.ts";
import { YieldTimer } from "./yield-timer.ts";
import { Recovery } from "./recovery.ts";
import { layerOf } from "../compile/match.ts";
import { type ModelParts, answersPerExample, lossOf, trainingOf } from "../compile/tasks.ts";
import { ResidentDataset } from "./resident-dataset.ts";
import { type TrainingState, clearStates } from "./optimizer-state.ts";
import type { Workspace } from "../compile/workspace.ts";

/** Code for micro-batches, loaded on demand: most models are trained by whole batches. */
export const accumulations: OnDemand<typeof import("./accumulation.ts")> = {
  import: () => import("./accumulation.ts"),
};

/** Parts of a model that fit needs. */
export interface Trainee extends TrainingState {
  readonly workspace: Workspace;
  readonly batches: Batches;
  readonly metrics: readonly ModelMetric<unknown>[];
  /** The model as callbacks see it. */
  readonly model: TrainedModel;
  readonly batchSize: number;
  /** True while a fit is under way. */
  fitting: boolean;
  /** Snapshot of the last fit, reused because allocating it costs more than copying. */
  lastRecovery: WeakRef<Recovery> | undefined;
}

/** A fit under way. */
interface Run extends MicroBatchRun {
  readonly trainee: Trainee;
  readonly options: FitOptions;
  readonly batchSize: number;
  readonly accumulation: Accumulation | undefined;
  readonly yieldTimer: YieldTimer;
  readonly callbacks: Callbacks;
}

/** The sums of an epoch under way. */
interface Sums {
  loss: number;
  /** Weight of the losses so far: all, unless a callback stops training within the epoch. */
  weight: number;
  correct: number;
  /** Number of answers so far, right or wrong. */
  answers: number;
  /** Milliseconds of training so far, without callbacks and pauses. */
  spent: number;
}

/** Checks sizes against the data. @throws RangeError naming the one that is wrong */
function checkSizes(options: FitOptions, count: number, planned: number) {
  const { epochs = 1, batchSize = Math.min(planned, count) } = options;
  const { microBatchSize = batchSize } = options;
  checkWhole("fit", "microBatchSize", microBatchSize, 1, batchSize);
  if (batchSize > count) {
    const expected = `batchSize of at most ${count}, the examples`;
    throw new RangeError(`fit: expected ${expected}, got ${batchSize}`);
  }
  return { epochs, batchSize, microBatchSize };
}

/** @throws RangeError if layers that go on from batch to batch would be given other examples than they are to */
function checkOrder(
  { blueprint }: ModelParts,
  { shuffle = true, microBatchSize }: FitOptions,
): void {
  const [spec] = blueprint.states.specs;
  if (!spec) return;
  const why = `${layerOf(spec.name)}, which goes on from batch to batch`;
  if (shuffle) throw new RangeError(`fit: expected shuffle: false for ${why}, got true`);
  if (microBatchSize === undefined) return;
  throw new RangeError(`fit: expected no microBatchSize with ${why}, got ${microBatchSize}`);
}

/**
 * Makes every program that the fit will run: memory runs out before the first step, or not at all.
 */
function prepare({ trainee, examples, batchSize, microBatchSize, accumulation }: Run): void {
  const { count, byteInputs, targets } = examples;
  const does = accumulation ? "accumulate" : "train";
  const pieces = batchSizes(count, batchSize).flatMap((rows) => batchSizes(rows, microBatchSize));
  for (const rows of pieces) trainee.workspace.program(does, rows, byteInputs, targets);
}

/** Runs one step on the examples from a position in the order: a single WebAssembly call. */
function stepWhole(
  { trainee, data, examples }: Run,
  sums: Sums,
  from: number,
  rows: number,
): number {
  const { workspace, stepper, parts } = trainee;
  const { byteInputs, targets } = examples;
  const { program } = workspace.program("train", rows, byteInputs, targets);
  data.bindBatch(program, from);
  stepper.step(program);
  sums.correct += parts.results.correct;
  return parts.results.loss;
}

/**
 * Runs one epoch over the data in its order.
 * @throws RangeError when the loss or a weight is not finite, with all as it was at the last
 * snapshot
 */
async function runEpoch(run: Run, recovery: Recovery, epoch: number): Promise<Sums> {
  const { trainee, data, examples, batchSize, accumulation, yieldTimer, callbacks } = run;
  const { signal, snapshotSteps = Infinity } = run.options;
  const { count } = examples;
  const batches = Math.ceil(count / batchSize);
  const isSum = lossOf(trainee.parts, "fit").reduction === "sum";
  const perExample = answersPerExample(trainee.parts);
  const sums: Sums = { loss: 0, weight: 0, correct: 0, answers: 0, spent: 0 };
  let since = performance.now();
  let batch = 0;
  for (; batch < batches && !callbacks.stopped; batch++) {
    const from = batch * batchSize;
    const rows = Math.min(batchSize, count - from);
    const loss = accumulation
      ? accumulation.step(run, sums, from, rows)
      : stepWhole(run, sums, from, rows);
    const step = epoch * batches + batch + 1;
    recovery.checkLoss(loss, epoch, batch, step);
    if ((batch + 1) % snapshotSteps === 0) {
      recovery.checkState(epoch, batch, step);
      recovery.takeSnapshot();
    }
    const weight = lossWeight(examples, from, rows, data);
    sums.loss += isSum ? loss : loss * weight;
    sums.weight += weight;
    sums.answers += answersOf(examples, perExample, from, rows, data);
    if (!callbacks.wantsBatches && !yieldTimer.isDue) continue;
    sums.spent += performance.now() - since;
    const told = callbacks.batchEnd({ epoch, batch, batches, step, loss, size: rows });
    if (told) await told;
    if (yieldTimer.isDue) await yieldTimer.yield();
    trainee.workspace.checkAlive();
    signal?.throwIfAborted();
    since = performance.now();
  }
  sums.spent += performance.now() - since;
  recovery.checkState(epoch, batch - 1, epoch * batches + batch);
  return sums;
}

/** Returns the results of an epoch from its sums. */
function summarise({ parts }: Trainee, epoch: number, sums: Sums): EpochEnd {
  const { loss, weight, correct, answers } = sums;
  return {
    epoch,
    loss: lossOf(parts, "fit").reduction === "sum" ? loss : meanOf(loss, weight),
    ...(parts.settings.accuracy && { accuracy: correct / answers }),
    seconds: sums.spent / 1000,
  };
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

/** Checks the validation data; returns the function that evaluates the model on it. */
function validator(trainee: Trainee, data: Dataset | undefined, batchSize: number) {
  if (!data) return undefined;
  const examples = trainee.batches.examples("fit: validation", data);
  prepareEvaluation(trainee, examples, batchSize);
  return () => evaluate(trainee, examples, batchSize);
}

/**
 * Trains for some epochs over a data set.
 * @throws TypeError or RangeError for wrong data or options, before anything is changed; the
 * signal's reason when it is aborted, with the weights of the last step; RangeError when a loss or
 * a weight is not finite, ThreadError when a thread is lost, with all as it was at the last
 * snapshot; Error while another fit of the model is under way, as the two would mix their steps
 */
export async function fit(trainee: Trainee, data: Dataset, options: FitOptions): Promise<History> {
  if (trainee.fitting)
    throw new Error("fit: expected no other fit of this model, one is under way");
  trainee.fitting = true;
  try {
    return await fitAlone(trainee, data, options);
  } finally {
    trainee.fitting = false;
  }
}

async function fitAlone(trainee: Trainee, data: Dataset, asked: FitOptions): Promise<History> {
  const { batches, parts, allocations } = trainee;
  trainingOf(parts, "fit");
  const examples = batches.examples("fit", data);
  const options = checkOptions("fit", asked, fitRules());
  const { signal, shuffle = true } = options;
  checkOrder(parts, options);
  const callbacks = callbacksOf(trainee, options);
  const sizes = checkSizes(options, examples.count, trainee.batchSize);
  const { batchSize, microBatchSize } = sizes;
  signal?.throwIfAborted();
  const resident = new ResidentDataset(parts, allocations, examples);
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
    const shared = { trainee, options, data: resident, examples, accumulation, callbacks };
    const run: Run = { ...shared, batchSize, microBatchSize, yieldTimer: new YieldTimer() };
    const validate = validator(trainee, options.validation, microBatchSize);
    prepare(run);
    await callbacks.trainBegin();
    trainee.workspace.checkAlive();
    recovery = trainee.lastRecovery?.deref() ?? new Recovery(trainee);
    trainee.lastRecovery = new WeakRef(recovery);
    for (let epoch = 0; epoch < sizes.epochs && !callbacks.stopped; epoch++) {
      clearStates(parts, "training");
      recovery.takeSnapshot();
      if (shuffle) resident.shuffle(trainee.seed, trainee.epochs);
      else resident.keepOrder();
      trainee.epochs++;
      const end = summarise(trainee, epoch, await runEpoch(run, recovery, epoch));
      Object.assign(end, validate && validationPart(await validate()));
      history.epochs.push(end);
      await callbacks.epochEnd(end);
      trainee.workspace.checkAlive();
      signal?.throwIfAborted();
    }
    // All steps are done: an error from here on undoes none.
    recovery = undefined;
    await callbacks.trainEnd(history);
  } catch (error) {
    recovery?.restoreAfter(error);
    throw error;
  } finally {
    resident.dispose();
    accumulation?.dispose();
  }
  return history;
}
