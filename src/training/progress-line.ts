import { formatClock, formatLoss, formatRate } from "../base/format.ts";
import type { BatchEnd, Callback, EpochEnd } from "./callbacks.ts";
import { barLine, countText, epochLine, formatAccuracy } from "./progress-text.ts";

/** Part of process.stderr that is written to. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Callback that shows the progress of a fit. */
export interface ProgressLine extends Callback {
  /** Erases a line that is not finished: fit calls it however it ends. */
  close(): void;
}

const mostColumns = 80;
const millisecondsPerFrame = 100;
/** Puts the cursor at the start of the line, and erases it. */
const ERASE = "\r\x1b[K";

const plain = { cyan: String, dim: String };

/** Returns the standard error of Node, Deno and Bun; undefined in browsers. */
function standardError(): ProgressOutput | undefined {
  const { process } = globalThis as {
    process?: { stderr?: ProgressOutput; env?: Record<string, string | undefined> };
  };
  const { stderr, env } = process ?? {};
  if (typeof stderr?.write !== "function") return undefined;
  if (!stderr.isTTY || env?.TERM !== "dumb") return stderr;
  return { write: (text) => stderr.write(text) };
}

/** The line of the epoch under way. */
class EpochLine {
  readonly #epochs: number;
  readonly #begin: number;
  /** Time at which the epoch began, in milliseconds. */
  #epochBegin: number;
  #lossSum = 0;
  #examples = 0;

  constructor(epochs: number, now: number) {
    this.#epochs = epochs;
    this.#begin = this.#epochBegin = now;
  }

  startEpoch(now: number): void {
    this.#epochBegin = now;
    this.#lossSum = this.#examples = 0;
  }

  add(loss: number, size: number): void {
    this.#lossSum += loss * size;
    this.#examples += size;
  }

  /** Formats the line after a step. An epoch whose batches nobody knows yet has their count, and no bar. */
  text({ epoch, batch, batches, step, accuracy }: BatchEnd, now: number, columns: number): string {
    const count = countText(epoch + 1, this.#epochs);
    const loss = `loss ${formatLoss(this.#lossSum / this.#examples)}`;
    const right = accuracy === undefined ? [] : [`accuracy ${formatAccuracy(accuracy)}`];
    const rate = `${formatRate((1000 * (batch + 1)) / (now - this.#epochBegin))} steps/s`;
    const isKnown = Number.isFinite(batches);
    // The whole time has validations in it, as the rest of the fit will.
    const perStep = (now - this.#begin) / 1000 / step;
    const left = isKnown
      ? [`${formatClock(perStep * (batches * this.#epochs - step))} left`]
      : [`step ${batch + 1}`];
    const layouts = [
      [`epoch ${count}`, loss, ...right, rate, ...left],
      [`epoch ${count}`, loss, ...right, ...left],
      [`epoch ${count}`, loss, ...left],
      [count, loss, ...left],
      [count, loss],
      [count],
    ];
    if (isKnown) return barLine(layouts, (batch + 1) / batches, columns, plain);
    const lines = layouts.map((parts) => parts.join("  "));
    return lines.find((line) => line.length < columns) ?? "";
  }
}

/**
 * Returns a callback that shows the progress of a fit on standard error: on a terminal a line that is
 * rewritten at most ten times a second, and elsewhere, as in a log, nothing within an epoch. Each epoch
 * ends as one line of at most 80 columns. It costs a call and a look at the clock for each step on a
 * terminal, and nothing elsewhere. Returns undefined where there is no standard error, as in browsers.
 * @param epochs number of epochs of the fit
 * @param now clock in milliseconds
 */
export function progressLine(
  epochs: number,
  output: ProgressOutput | undefined = standardError(),
  now: () => number = () => performance.now(),
): ProgressLine | undefined {
  if (!output) return undefined;
  const columns = (): number => {
    const { columns: width = mostColumns } = output;
    // Some pseudo-terminals report 0 columns.
    return width > 0 ? Math.min(width, mostColumns) : mostColumns;
  };
  const live = output.isTTY === true;
  let line = new EpochLine(epochs, now());
  let nextFrame = 0;
  let isOpen = false;
  const close = (): void => {
    if (isOpen) output.write(ERASE);
    isOpen = false;
  };
  const draw = (batch: BatchEnd): void => {
    line.add(batch.loss, batch.size);
    const time = now();
    if (time < nextFrame) return;
    nextFrame = time + millisecondsPerFrame;
    isOpen = true;
    output.write(ERASE + line.text(batch, time, columns()));
  };
  return {
    close,
    onTrainBegin() {
      nextFrame = 0;
      line = new EpochLine(epochs, now());
    },
    ...(live && { onBatchEnd: draw }),
    onEpochEnd(end: EpochEnd) {
      close();
      output.write(`${epochLine(end.epoch + 1, epochs, end, columns())}\n`);
      line.startEpoch(now());
    },
  };
}
