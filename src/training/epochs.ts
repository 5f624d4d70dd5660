import { answersPerExample, lossOf } from "../compile/tasks.ts";
import type { Accumulation, MicroBatchRun } from "./accumulation.ts";
import type { BatchSource, SourcedBatch } from "./batch-source.ts";
import type { Callbacks, EpochEnd } from "./callbacks.ts";
import { answersOf, lossWeight, meanOf } from "./example-weights.ts";
import type { Trainee } from "./trainee.ts";
import type { FitOptions } from "./options.ts";
import type { Position } from "./position.ts";
import type { Recovery } from "./recovery.ts";
import type { YieldTimer } from "./yield-timer.ts";

/** A fit under way. */
export interface Run extends MicroBatchRun {
  readonly trainee: Trainee;
  readonly options: FitOptions;
  readonly source: BatchSource;
  readonly accumulation: Accumulation | undefined;
  readonly yieldTimer: YieldTimer;
  readonly callbacks: Callbacks;
  readonly position: Position;
}

/** Runs one step on a batch: a single WebAssembly call. @returns the loss */
function stepWhole({ trainee, position }: Run, batch: SourcedBatch): number {
  const { batches, workspace, stepper, parts } = trainee;
  const { examples, data, from, rows } = batch;
  const { program } = workspace.program("train", rows, examples);
  data.bindBatch(program, from);
  batches.setDivisor(examples, from, rows, data);
  stepper.step(program);
  position.sums.correct += parts.results.correct;
  return parts.results.loss;
}

/** Adds the loss and the number of answers of a batch. */
function count({ trainee: { parts }, position }: Run, batch: SourcedBatch, loss: number): void {
  const { examples, data, from, rows } = batch;
  const { sums } = position;
  const weight = lossWeight(examples, from, rows, data);
  sums.loss += lossOf(parts, "fit").reduction === "sum" ? loss : loss * weight;
  sums.weight += weight;
  sums.answers += answersOf(examples, answersPerExample(parts), from, rows, data);
}

/** Trains on a batch. @returns the loss @throws RangeError when it, or a weight, is not finite */
function step(run: Run, recovery: Recovery, batch: SourcedBatch): number {
  const { accumulation, position } = run;
  const { snapshotSteps = Infinity } = run.options;
  const { epoch } = position;
  const index = position.batch;
  const loss = accumulation ? accumulation.step(run, batch, position.sums) : stepWhole(run, batch);
  recovery.checkLoss(loss, epoch, index, position.step + 1);
  position.batch++;
  position.step++;
  if (position.batch % snapshotSteps === 0) {
    recovery.checkState(epoch, index, position.step);
    recovery.takeSnapshot();
  }
  count(run, batch, loss);
  return loss;
}

/** Tells callbacks of a step, and lets other tasks have their turn from time to time. */
async function pause(run: Run, loss: number, size: number): Promise<void> {
  const { trainee, source, yieldTimer, callbacks, position } = run;
  const { epoch, batch, step, sums } = position;
  const { batches = Infinity } = source;
  const told = callbacks.batchEnd({
    ...{ epoch, batch: batch - 1, batches, step, loss, size },
    ...(trainee.parts.settings.accuracy && { accuracy: sums.correct / sums.answers }),
  });
  if (told) await told;
  if (yieldTimer.isDue) await yieldTimer.yield();
  trainee.workspace.checkAlive();
  run.options.signal?.throwIfAborted();
}

/**
 * Runs one epoch over the batches of the source, from the run's position on.
 * @throws RangeError when the loss or a weight is not finite, with all as it was at the last
 * snapshot; the source's own error, with the weights of the last step
 */
export async function runEpoch(run: Run, recovery: Recovery): Promise<EpochEnd> {
  const { trainee, source, yieldTimer, callbacks, position } = run;
  const { sums } = position;
  let since = performance.now();
  while (!callbacks.stopped) {
    const asked = source.next();
    const batch = asked instanceof Promise ? await asked : asked;
    if (!batch) break;
    if (asked !== batch) trainee.workspace.checkAlive();
    const loss = step(run, recovery, batch);
    if (!callbacks.wantsBatches && !yieldTimer.isDue) continue;
    sums.spent += performance.now() - since;
    await pause(run, loss, batch.rows);
    since = performance.now();
  }
  sums.spent += performance.now() - since;
  recovery.checkState(position.epoch, position.batch - 1, position.step);
  return summarise(trainee, position);
}

/** Returns the results of an epoch from its sums. */
function summarise({ parts }: Trainee, { epoch, sums }: Position): EpochEnd {
  const { loss, weight, correct, answers } = sums;
  return {
    epoch,
    loss: lossOf(parts, "fit").reduction === "sum" ? loss : meanOf(loss, weight),
    ...(parts.settings.accuracy && { accuracy: correct / answers }),
    seconds: sums.spent / 1000,
  };
}
