import type { Ledger } from "../runtime/ledger.ts";
import { align } from "../runtime/heap.ts";
import { Tensor } from "../runtime/tensor.ts";
import type { Batches, Examples } from "./batches.ts";
import { checkWhole } from "./checks.ts";
import type { Dataset, EpochEnd, Evaluation, FitOptions, History } from "./options.ts";
import { Pacer } from "./pacer.ts";
import { GATHER_X, GATHER_Y, INDICES, type ModelParts, SOURCE, answersPerRow } from "./programs.ts";
import type { Purpose, ReadyProgram, Workspace } from "./workspace.ts";

/** Streams of random numbers from here on shuffle; those below it draw first weights. */
const SHUFFLE_STREAM = 2 ** 31;

/** What fit needs of a model. */
export interface Trainee {
  readonly parts: ModelParts;
  readonly workspace: Workspace;
  readonly ledger: Ledger<Purpose>;
  readonly batches: Batches;
  readonly seed: number;
  readonly batchSize: number;
  /** Epochs that earlier fits have run: each epoch shuffles anew, whoever asked for it. */
  epochs: number;
}

/** A data set in linear memory, and the order in which an epoch takes it. */
interface Resident {
  readonly x: number;
  readonly y: number;
  readonly order: number;
  /** Scratch for shuffling. */
  readonly words: number;
  /** Regions to give back. */
  readonly regions: readonly number[];
}

/** Checks the options. @throws RangeError naming the one that is wrong */
function checkOptions(options: FitOptions, count: number, planned: number): [number, number] {
  const { epochs = 1, batchSize = Math.min(planned, count) } = options;
  checkWhole("fit", "epochs", epochs, 1, Number.MAX_SAFE_INTEGER);
  checkWhole("fit", "batchSize", batchSize, 1, Number.MAX_SAFE_INTEGER);
  if (batchSize > count) {
    throw new RangeError(
      `fit: expected batchSize of at most ${count}, the examples, got ${batchSize}`,
    );
  }
  return [epochs, batchSize];
}

/** Looks at a data set. @throws TypeError or RangeError naming x or y */
export function checkDataset(batches: Batches, who: string, { x, y }: Dataset): Examples {
  const count = batches.checkFeatures(who, x);
  const targets = batches.checkTargets(who, y, count);
  return { count, bytes: x instanceof Uint8Array, targets };
}

/** Copies a data set into memory, once; tensors are there already. */
function bringIn({ parts, ledger }: Trainee, { x, y }: Dataset, examples: Examples): Resident {
  const { heap } = parts.runtime;
  const { count, targets } = examples;
  const xBytes = x instanceof Tensor ? 0 : x.byteLength;
  const yBytes = y instanceof Tensor ? 0 : y.length * 4;
  const sizes = [xBytes, yBytes, count * 4, count * 4];
  heap.reserve(
    sizes.reduce((sum, bytes) => sum + Math.max(64, align(bytes)), 0),
    "fit: data",
  );
  const regions = sizes.map((bytes) => ledger.allocate("activations", bytes, "fit: data"));
  const [xAt, yAt, order, words] = regions as [number, number, number, number];
  if (x instanceof Float32Array) heap.floats.set(x, xAt / 4);
  else if (x instanceof Uint8Array) heap.bytes.set(x, xAt);
  if (!(y instanceof Tensor)) (targets === "classes" ? heap.words : heap.floats).set(y, yAt / 4);
  return {
    x: x instanceof Tensor ? x.at : xAt,
    y: y instanceof Tensor ? y.at : yAt,
    order,
    words,
    regions,
  };
}

/** The order of an epoch: a permutation that seed and epoch decide, or as the examples come. */
function setOrder(trainee: Trainee, data: Resident, count: number, shuffle: boolean): void {
  const { kernels, heap } = trainee.parts.runtime;
  if (!shuffle) {
    const order = heap.words.subarray(data.order / 4, data.order / 4 + count);
    for (let i = 0; i < count; i++) order[i] = i;
    return;
  }
  const { seed } = trainee;
  const stream = SHUFFLE_STREAM + (trainee.epochs % SHUFFLE_STREAM);
  kernels.shuffle(
    data.order,
    count,
    data.words,
    seed % 2 ** 32,
    Math.floor(seed / 2 ** 32),
    stream,
  );
}

/** Points a program at a batch of the data set: `from` is a position in the epoch's order. */
function aim({ program }: ReadyProgram, data: Resident, from: number): void {
  program.patch(GATHER_X, SOURCE, data.x);
  program.patch(GATHER_X, INDICES, data.order + from * 4);
  program.patch(GATHER_Y, SOURCE, data.y);
  program.patch(GATHER_Y, INDICES, data.order + from * 4);
}

/** The sums of an epoch under way. */
interface Running {
  readonly epoch: number;
  loss: number;
  correct: number;
  /** Milliseconds of training so far, without callbacks and pauses. */
  spent: number;
}

/** One step: a single WebAssembly call. Returns the batch's loss. */
function step(
  trainee: Trainee,
  data: Resident,
  examples: Examples,
  from: number,
  rows: number,
): number {
  const { workspace, batches } = trainee;
  const ready = workspace.program("train", rows, examples.bytes, examples.targets);
  aim(ready, data, from);
  ready.program.run();
  return batches.loss;
}

/** Runs one epoch over the data in its order. */
async function runEpoch(
  trainee: Trainee,
  data: Resident,
  examples: Examples,
  epoch: number,
  batchSize: number,
  pacer: Pacer,
  { onBatchEnd, signal }: FitOptions,
): Promise<Running> {
  const { count } = examples;
  const batches = Math.ceil(count / batchSize);
  const byRow = trainee.parts.loss.reduction === "mean";
  const running: Running = { epoch, loss: 0, correct: 0, spent: 0 };
  let since = performance.now();
  for (let batch = 0; batch < batches; batch++) {
    const from = batch * batchSize;
    const rows = Math.min(batchSize, count - from);
    const loss = step(trainee, data, examples, from, rows);
    running.loss += byRow ? loss * rows : loss;
    running.correct += trainee.batches.correct;
    if (!onBatchEnd && !pacer.due) continue;
    running.spent += performance.now() - since;
    const steps = epoch * batches + batch + 1;
    const end = { epoch, batch, batches, step: steps, loss, size: rows };
    const answer = onBatchEnd?.(end);
    if (answer instanceof Promise) await answer;
    if (pacer.due) await pacer.pause();
    signal?.throwIfAborted();
    since = performance.now();
  }
  running.spent += performance.now() - since;
  return running;
}

/** What an epoch's sums come to, with the validation if there is one. */
function summarise(
  trainee: Trainee,
  running: Running,
  count: number,
  validation?: Evaluation,
): EpochEnd {
  const { parts } = trainee;
  const loss = parts.loss.reduction === "mean" ? running.loss / count : running.loss;
  const accuracy = running.correct / (count * answersPerRow(parts));
  return {
    epoch: running.epoch,
    loss,
    ...(parts.accuracy && { accuracy }),
    ...(validation && { validationLoss: validation.loss }),
    ...(validation?.accuracy !== undefined && { validationAccuracy: validation.accuracy }),
    seconds: running.spent / 1000,
  };
}

/** Makes every program that a fit will run, so that memory runs out before the first step or never. */
function prepare(
  { workspace }: Trainee,
  { count, bytes, targets }: Examples,
  batchSize: number,
  does: "train" | "evaluate",
): void {
  for (const rows of [count % batchSize, Math.min(batchSize, count)]) {
    if (rows > 0) workspace.program(does, rows, bytes, targets);
  }
}

/**
 * Trains for some epochs over a data set.
 * @throws TypeError or RangeError for wrong data or options, before anything is changed; the
 * signal's reason when it is aborted, with the weights of the last step
 */
export async function fit(trainee: Trainee, data: Dataset, options: FitOptions): Promise<History> {
  const { batches } = trainee;
  const { validation, onEpochEnd, signal, shuffle = true } = options;
  const examples = checkDataset(batches, "fit", data);
  const [epochs, batchSize] = checkOptions(options, examples.count, trainee.batchSize);
  const validated = validation && checkDataset(batches, "fit: validation", validation);
  signal?.throwIfAborted();
  const resident = bringIn(trainee, data, examples);
  const history: History = { epochs: [] };
  const pacer = new Pacer();
  try {
    prepare(trainee, examples, batchSize, "train");
    if (validated) prepare(trainee, validated, batchSize, "evaluate");
    for (let epoch = 0; epoch < epochs; epoch++) {
      setOrder(trainee, resident, examples.count, shuffle);
      trainee.epochs++;
      const running = await runEpoch(trainee, resident, examples, epoch, batchSize, pacer, options);
      const evaluation =
        validation && validated && (await batches.evaluate(validation, validated, batchSize));
      const end = summarise(trainee, running, examples.count, evaluation);
      history.epochs.push(end);
      await onEpochEnd?.(end);
      signal?.throwIfAborted();
    }
  } finally {
    for (const region of resident.regions) trainee.ledger.release(region);
  }
  return history;
}
