import { Meter, type BatchEvent } from "./meter.ts";
import { ProgressBar, type Progress } from "./progress.ts";
import { epochLine, type EpochResult } from "../training/progress-text.ts";
import { columnsOf, printLines, type Io } from "./terminal.ts";

/** Counts the steps and epochs of a training run and shows its progress. */
export interface Watcher {
  readonly meter: Meter;
  readonly epochs: EpochResult[];
  readonly batch: (event: BatchEvent) => void;
  readonly epoch: (result: EpochResult) => void;
  readonly stop: () => void;
}

/** Number of epochs and steps of a whole run. */
export interface Totals {
  readonly epochs: number;
  readonly steps: number;
}

export function silentWatcher(): Watcher {
  const meter = new Meter();
  const epochs: EpochResult[] = [];
  return {
    meter,
    epochs,
    batch: (event) => {
      meter.batch(event);
    },
    epoch: (result) => {
      epochs.push(result);
      meter.epoch(result.seconds);
    },
    stop: () => undefined,
  };
}

/** Returns a watcher that prints a line for every epoch. */
export function lineWatcher(totals: Totals, io: Io): Watcher {
  const watcher = silentWatcher();
  return {
    ...watcher,
    epoch: (result) => {
      watcher.epoch(result);
      printLines(io.stdout, [
        epochLine(watcher.epochs.length, totals.epochs, result, columnsOf(io.stdout)),
      ]);
    },
    stop: () => {
      printLines(io.stdout, [""]);
    },
  };
}

/** Returns a watcher that draws a progress bar over all steps. */
export function barWatcher(totals: Totals, io: Io): Watcher {
  const watcher = silentWatcher();
  const { meter, epochs } = watcher;
  const bar = new ProgressBar(io.stdout, () => columnsOf(io.stdout), io.colors);
  const start = performance.now();
  const current = (): Progress => ({
    epoch: Math.min(epochs.length + 1, totals.epochs),
    epochs: totals.epochs,
    step: meter.steps,
    steps: totals.steps,
    loss: meter.loss,
    samplesPerSecond: meter.samplesPerSecond,
    secondsLeft: secondsLeft((performance.now() - start) / 1000, meter.steps, totals.steps),
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

/** Estimates the seconds left. Those elapsed include validation, as the rest of the run will. */
export function secondsLeft(elapsed: number, done: number, all: number): number {
  return (elapsed / done) * (all - done);
}
