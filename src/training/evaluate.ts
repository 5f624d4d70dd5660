import { type Shape, size } from "../graph/node.ts";
import type { Allocations } from "../memory/allocations.ts";
import { GrowableRegion } from "../memory/allocations.ts";
import { type Batches, type Examples, byteInputMask } from "./batches.ts";
import type { ModelMetric } from "../metrics/metric.ts";
import { numbers } from "./data-checks.ts";
import { answersOf, lossWeight, meanOf } from "./example-weights.ts";
import type { Evaluation } from "./options.ts";
import type { Features, Targets } from "../compile/options.ts";
import { clearStates } from "./optimizer-state.ts";
import { YieldTimer } from "./yield-timer.ts";
import { type ModelParts, answersPerExample, lossOf } from "../compile/tasks.ts";
import type { BatchForm } from "../compile/recording.ts";
import type { Workspace } from "../compile/workspace.ts";
import type { Purpose } from "../compile/options.ts";

/** Predictions for a batch, [batch, ...]. */
export interface Prediction {
  /**
   * View of the model's memory, row-major. It is good until the model's next call or its end: a
   * view that is kept longer shows, and overwrites, what another model has there by then.
   */
  readonly data: Float32Array;
  /** [batch, ...]. */
  readonly shape: Shape;
}

/** Parts of a model that evaluation and prediction need. */
export interface InferenceContext {
  readonly parts: ModelParts;
  readonly workspace: Workspace;
  readonly allocations: Allocations<Purpose>;
  readonly batches: Batches;
  /** Metrics besides loss and accuracy. */
  readonly metrics: readonly ModelMetric<unknown>[];
}

/** Returns a part of an array; the whole array as it is, so that a tensor stays one. */
function slice<T extends Features | Targets>(value: T, from: number, length: number): T {
  const data = numbers(value) as Float32Array;
  return (from === 0 && length === data.length ? value : data.subarray(from, from + length)) as T;
}

/** Returns some rows of every input. */
function rowsOf(
  { batches }: InferenceContext,
  x: readonly Features[],
  from: number,
  rows: number,
): Features[] {
  return x.map((input, i) => slice(input, from * batches.features(i), rows * batches.features(i)));
}

/** Returns the sizes of the batches that `count` examples are divided into, the largest first. */
export function batchSizes(count: number, size: number): number[] {
  return [Math.min(size, count), count % size].filter((rows) => rows > 0);
}

/**
 * Makes every program that an evaluation will run.
 * @throws RangeError for a batch that the network or the memory cannot take
 */
export function prepareEvaluation(
  { workspace }: Pick<InferenceContext, "workspace">,
  examples: Examples,
  batchSize: number,
): void {
  for (const rows of batchSizes(examples.count, batchSize)) {
    workspace.program("evaluate", rows, examples);
  }
}

/** Computes the loss, the accuracy and the other metrics over all examples, batch by batch. */
export async function evaluate(
  context: InferenceContext,
  examples: Examples,
  batchSize: number,
): Promise<Evaluation> {
  const { parts, workspace, batches } = context;
  const { x, y, sampleWeights, count, targets } = examples;
  const { runtime, settings, results } = parts;
  const lossFunction = lossOf(parts, "evaluate");
  const { outputShape } = parts.blueprint;
  const perRow = numbers(y).length / count;
  const states = context.metrics.map((metric) => [metric.name, metric.create()] as const);
  const isSum = lossFunction.reduction === "sum";
  const yieldTimer = new YieldTimer();
  let loss = 0;
  let correct = 0;
  prepareEvaluation(context, examples, batchSize);
  clearStates(parts, "evaluation");
  for (let from = 0; from < count; from += batchSize) {
    if (yieldTimer.isDue) await yieldTimer.yield();
    const rows = Math.min(batchSize, count - from);
    const { program, prediction } = workspace.program("evaluate", rows, examples);
    batches.reserveStaging(x, rows);
    const target = slice(y, from * perRow, rows * perRow);
    const weights = sampleWeights?.subarray(from, from + rows);
    batches.stage(program, rowsOf(context, x, from, rows), target, weights);
    results.share = rows / count;
    batches.setDivisor(examples, from, rows);
    program.run();
    for (const [, state] of states) {
      const data = runtime.heap.view(program.address(prediction), rows * size(outputShape))();
      const { threshold, ignoreIndex } = lossFunction;
      const labels = { data: numbers(target), kind: targets };
      const wanted = ignoreIndex === undefined ? labels : { ...labels, ignoreIndex };
      const predicted = { data, shape: [rows, ...outputShape] };
      state.update(threshold === undefined ? predicted : { ...predicted, threshold }, wanted);
    }
    loss += isSum ? results.loss : results.loss * lossWeight(examples, from, rows);
    correct += results.correct;
  }
  const answers = answersOf(examples, answersPerExample(parts), 0, count);
  return {
    loss: isSum ? loss : meanOf(loss, lossWeight(examples, 0, count)),
    ...(settings.accuracy && { accuracy: correct / answers }),
    ...Object.fromEntries(states.map(([name, state]) => [name, state.result()])),
  };
}

/** Returns the kinds of the arrays of a batch that is predicted for. */
export function predictedForm(x: readonly Features[]): BatchForm {
  return { byteInputs: byteInputMask(x), targets: "values" };
}

/** Computes predictions; those of more than one batch get a region of their own. */
export class Predictor {
  readonly #context: InferenceContext;
  readonly #room: GrowableRegion<Purpose>;

  constructor(context: InferenceContext) {
    this.#context = context;
    this.#room = new GrowableRegion(context.allocations, "activations");
  }

  /**
   * Returns the address of the predictions for all examples.
   * @throws RangeError for a batch that the network cannot take, before any is predicted
   */
  predict(x: readonly Features[], count: number, batchSize: number): number {
    if (count <= batchSize) return this.#batch(x, 0, count);
    const { parts, workspace } = this.#context;
    const rowBytes = size(parts.blueprint.outputShape) * 4;
    const all = this.#room.ensureCapacity(count * rowBytes, "predictions");
    for (const rows of batchSizes(count, batchSize)) {
      workspace.program("predict", rows, predictedForm(x));
    }
    for (let from = 0; from < count; from += batchSize) {
      const rows = Math.min(batchSize, count - from);
      const source = this.#batch(x, from, rows);
      const to = all + from * rowBytes;
      parts.runtime.heap.bytes.copyWithin(to, source, source + rows * rowBytes);
    }
    return all;
  }

  #batch(x: readonly Features[], from: number, rows: number): number {
    const { workspace, batches } = this.#context;
    const { program, prediction } = workspace.program("predict", rows, predictedForm(x));
    batches.reserveStaging(x, rows);
    // Staged last, because allocations may grow the memory and detach a view of a tensor's rows.
    batches.stage(program, rowsOf(this.#context, x, from, rows));
    program.run();
    return program.address(prediction);
  }
}
