import { createEngine, crossEntropy, type Engine, type Model } from "../index.ts";
import { classifierFor, sizeText, type Classifier } from "./classifier.ts";
import type { Command } from "./command.ts";
import { onInterrupt } from "./interrupt.ts";
import { predictedClasses } from "./matrix.ts";
import { parseOptions } from "./options.ts";
import { hashOf, headerLines, reportLines, resultJson, type Result } from "./report.ts";
import { loadTask, type Task } from "./task.ts";
import { columnsOf, printError, printLines, type Io } from "./terminal.ts";
import { optimizers, trainOptions, type TrainOptions } from "./train-options.ts";
import { barWatcher, lineWatcher, silentWatcher, type Watcher } from "./watch.ts";
import { checkWritable } from "./writable.ts";

export const train: Command = {
  name: "train",
  summary: "trains a classifier and shows how its loss falls",
  options: trainOptions,
  run,
};

async function run(args: readonly string[], io: Io): Promise<number> {
  const options = parseOptions(trainOptions, args);
  if (options.save !== undefined) await checkWritable("--save", options.save);
  const { threads, math } = options;
  // The engine reports what it cannot do better than checks of the options would.
  const engine = await createEngine({ threads, math });
  for (const note of engine.info.notes) printError(io, note);
  try {
    const task = await loadTask(options.data, options.header);
    const batch = Math.min(options.batch, task.train.count);
    return await trainOn(engine, task, { ...options, batch }, io);
  } finally {
    engine.dispose();
  }
}

async function trainOn(engine: Engine, task: Task, options: TrainOptions, io: Io): Promise<number> {
  const interrupt = onInterrupt();
  try {
    const classifier = classifierFor(task, options);
    const model = compile(engine, classifier, options);
    if (!options.json) {
      const count = model.parameters.reduce((sum, { data }) => sum + data.length, 0);
      const network = sizeText(classifier, count);
      printLines(io.stdout, [...headerLines(task, options, network, columnsOf(io.stdout)), ""]);
    }
    const watcher = await fit(model, task, options, io, interrupt.signal);
    if (options.save !== undefined) await model.save(options.save);
    const result = await resultOf(model, task, watcher);
    const lines = options.json
      ? [resultJson(result)]
      : reportLines(result, task, options, columnsOf(io.stdout), io.colors);
    printLines(io.stdout, lines);
    return interrupt.exitCode() ?? 0;
  } finally {
    interrupt.release();
  }
}

function compile(
  engine: Engine,
  { network, inputShape }: Classifier,
  options: TrainOptions,
): Model {
  return engine.compile(network, {
    inputShape,
    loss: crossEntropy(),
    optimizer: optimizers[options.optimizer]({ learningRate: options.lr }),
    metrics: ["accuracy"],
    seed: options.seed,
    batchSize: options.batch,
  });
}

async function fit(
  model: Model,
  task: Task,
  options: TrainOptions,
  io: Io,
  signal: AbortSignal,
): Promise<Watcher> {
  const watcher = watcherFor(task, options, io);
  try {
    await model.fit(task.train, {
      epochs: options.epochs,
      batchSize: options.batch,
      validation: task.test,
      shuffle: true,
      onBatchEnd: watcher.batch,
      onEpochEnd: watcher.epoch,
      signal,
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    watcher.stop();
  }
  return watcher;
}

function watcherFor(task: Task, { epochs, batch, json }: TrainOptions, io: Io): Watcher {
  if (json) return silentWatcher();
  const totals = { epochs, steps: epochs * Math.ceil(task.train.count / batch) };
  return io.live ? barWatcher(totals, io) : lineWatcher(totals, io);
}

async function resultOf(model: Model, task: Task, { meter, epochs }: Watcher): Promise<Result> {
  const { accuracy = NaN, loss } = await model.evaluate(task.test);
  const { steps, seconds, samplesPerSecond } = meter;
  const { classes } = task;
  const scores = model.predict(task.test.x).data;
  return {
    accuracy,
    loss,
    epochs,
    steps,
    seconds,
    samplesPerSecond,
    verdicts: { truth: task.test.y, predicted: predictedClasses(scores, classes), classes },
    weightsSha256: hashOf(model.parameters),
  };
}
