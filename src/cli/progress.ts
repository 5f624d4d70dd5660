import cliProgress from "cli-progress";
import { formatClock, formatLoss, formatRate } from "../base/format.ts";
import { barLine } from "../training/progress-text.ts";
import type { Colors, Output } from "./terminal.ts";

export interface Progress {
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly samplesPerSecond: number;
  readonly secondsLeft: number;
}

const framesPerSecond = 20;

/** Formats a bar and as many numbers as fit; the least important numbers are left out first. */
export function progressLine(progress: Progress, columns: number, colors: Colors): string {
  const { epoch, epochs, step, steps } = progress;
  const count = `${String(epoch).padStart(String(epochs).length)}/${epochs}`;
  const loss = `loss ${step === 0 ? "–" : formatLoss(progress.loss)}`;
  const rate = `${formatRate(progress.samplesPerSecond).padStart(5)} samples/s`;
  const left = `${formatClock(progress.secondsLeft)} left`;
  const layouts = [
    [`epoch ${count}`, loss, rate, left],
    [`epoch ${count}`, loss, left],
    [count, loss, left],
    [count, loss],
    [count],
  ];
  return barLine(layouts, step / steps, columns, colors);
}

/** A progress bar that is redrawn in place, and erased at its end. */
export class ProgressBar {
  #bar: cliProgress.SingleBar;
  #nextFrame = 0;

  constructor(output: Output, columns: () => number, colors: Colors) {
    this.#bar = new cliProgress.SingleBar({
      stream: output,
      fps: framesPerSecond,
      hideCursor: true,
      clearOnComplete: true,
      // The caller stops the bar on signals: it also has results to print then.
      gracefulExit: false,
      format: (_options, _params, progress: Progress) => progressLine(progress, columns(), colors),
    });
  }

  start(progress: Progress): void {
    this.#bar.start(progress.steps, progress.step, progress);
  }

  /** Redraws the bar if it is time. Up to tens of thousands of steps per second may call it. */
  update(current: () => Progress): void {
    const now = performance.now();
    if (now < this.#nextFrame) return;
    this.#nextFrame = now + 1000 / framesPerSecond;
    const progress = current();
    this.#bar.update(progress.step, progress);
  }

  stop(): void {
    this.#bar.stop();
  }
}
