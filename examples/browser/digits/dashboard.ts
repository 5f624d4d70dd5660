import type { EpochEnd, Progress } from "gradlane";
import { Curves } from "../curves.ts";
import { byId, formatCount, formatPercent } from "../page.ts";
import { Meter } from "./meter.ts";
import { BATCH_SIZE } from "./network.ts";

/** Milliseconds between figures that change as one looks at them. */
const FIGURES_EVERY = 150;

/** Milliseconds between points of the batches' loss. */
const POINTS_EVERY = 60;

/** Ends of the axis of epochs. */
const ends = [1, 2, 5, 10, 20, 40, 100];

/** Figures and curves of a training under way. */
export class Dashboard {
  readonly #loss = new Curves(byId("loss-chart"), { ends, format: (loss) => loss.toFixed(1) });
  readonly #accuracy = new Curves(byId("accuracy-chart"), {
    ends,
    range: () => [0, 1],
    format: (part) => `${Math.round(100 * part)} %`,
  });
  readonly #trained = byId<HTMLProgressElement>("trained");
  readonly #meter = new Meter();
  #figuresAt = 0;
  #pointAt = 0;
  #epochs = 0;

  constructor() {
    this.start(0);
  }

  /** Clears what an earlier training has left. @param epochs how many the next one has */
  start(epochs: number): void {
    this.#epochs = epochs;
    this.#loss.clear();
    this.#accuracy.clear();
    this.#meter.clear();
    this.#trained.value = 0;
    for (const id of ["epoch", "speed", "loss", "accuracy"]) byId(id).textContent = "–";
  }

  /** Looks at how far training is: for every frame, as it costs next to nothing. */
  look({ epoch, batch, batches, step, loss }: Progress, now: number): void {
    if (step === 0) return;
    this.#trained.value = (epoch + (batch + 1) / batches) / this.#epochs;
    const speed = this.#meter.read(step * BATCH_SIZE, now);
    if (now - this.#pointAt >= POINTS_EVERY) {
      this.#pointAt = now;
      this.#loss.add({ x: epoch + (batch + 1) / batches, batch: loss });
      this.#loss.draw();
    }
    if (now - this.#figuresAt < FIGURES_EVERY) return;
    this.#figuresAt = now;
    byId("epoch").textContent = `${epoch + 1} of ${this.#epochs}`;
    byId("speed").textContent = formatCount(speed);
    byId("loss").textContent = loss.toFixed(3);
  }

  /** Takes an epoch's results into the curves. */
  add({ epoch, loss, accuracy, validationLoss, validationAccuracy }: EpochEnd): void {
    const x = epoch + 1;
    this.#loss.add({ x, train: loss, test: validationLoss! });
    this.#accuracy.add({ x, train: accuracy!, test: validationAccuracy! });
    byId("accuracy").textContent = formatPercent(validationAccuracy!);
    this.#accuracy.draw();
    const [loss3, accuracy3] = [loss.toFixed(3), formatPercent(validationAccuracy!)];
    byId("loss-chart").ariaLabel = `Loss by epoch: ${loss3} after epoch ${x}`;
    byId("accuracy-chart").ariaLabel =
      `Accuracy by epoch: ${accuracy3} of the test digits after ${x}`;
  }

  /** Shows the result of the whole training, in place of the figures of its last step. */
  end(epochs: readonly EpochEnd[], samplesPerSecond: number): void {
    const last = epochs.at(-1)!;
    this.#trained.value = 1;
    byId("epoch").textContent = `${epochs.length} of ${this.#epochs}`;
    byId("speed").textContent = formatCount(samplesPerSecond);
    byId("loss").textContent = last.loss.toFixed(3);
    this.#loss.draw();
  }
}
