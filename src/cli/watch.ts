import { Meter, type BatchEvent } from "./meter.ts";
import { ProgressBar, type Progress } from "./progress.ts";
import { epochLine, type EpochRecord } from "./report.ts";
import { columnsOf, printLines, type Io } from "./terminal.ts";

/** Follows a training run: counts it, and shows it in the way that suits the reader. */
export interface Watcher {
  readonly meter: Meter;
  readonly epochs: EpochRecord[];
  readonly batch: (event: BatchEvent) => void;
  readonly epoch: (record: EpochRecord) => void;
  readonly stop: () => void;
}

export interface Plan {
  readonly epochs: number;
  readonly steps: number;
}

export function silentWatcher(): Watcher {
  const meter = new Meter();
  const epochs: EpochRecord[] = [];
  return {
    meter,
    epochs,
    batch: (event) => {
      meter.batch(event);
    },
    epoch: (record) => {
      epochs.push(record);
      meter.epoch(record.seconds);
    },
    stop: () => undefined,
  };
}

/** One line for every epoch. */
export function lineWatcher(plan: Plan, io: Io): Watcher {
  const watcher = silentWatcher();
  return {
    ...watcher,
    epoch: (record) => {
      watcher.epoch(record);
      printLines(io.stdout, [
        epochLine(watcher.epochs.length, plan.epochs, record, columnsOf(io.stdout)),
      ]);
    },
    stop: () => {
      printLines(io.stdout, [""]);
    },
  };
}

/** A bar over all steps. */
export function barWatcher(plan: Plan, io: Io): Watcher {
  const watcher = silentWatcher();
  const { meter, epochs } = watcher;
  const bar = new ProgressBar(io.stdout, () => columnsOf(io.stdout), io.colors);
  const start = performance.now();
  const current = (): Progress => ({
    epoch: Math.min(epochs.length + 1, plan.epochs),
    epochs: plan.epochs,
    step: meter.steps,
    steps: plan.steps,
    loss: meter.loss,
    samplesPerSecond: meter.samplesPerSecond,
    secondsLeft: secondsLeft((performance.now() - start) / 1000, meter.steps, plan.steps),
  });
  bar.start(current());
  return {
    ...watcher,
    batch: (event) => {
      meter.batch(event);
      bar.update(current);
    },
    stop: () => {
      bar.stop();
    },
  };
}

/** Counts the time of validation in, because it will be taken again. */
export function secondsLeft(elapsed: number, done: number, all: number): number {
  return (elapsed / done) * (all - done);
}
