import { type Rule, checkOptions, numberFrom, oneOf, text, whole } from "../base/arguments.ts";
import { call, immutable, plural } from "../base/printable.ts";
import type { Callback, TrainedModel } from "../training/callbacks.ts";
import { improves, modeOf, monitored } from "./monitor.ts";

/** Options of reduceOnPlateau. */
export interface ReduceOnPlateauOptions {
  /** Name of the monitored number in EpochEnd; "validationLoss" by default, as in Keras. */
  readonly monitor?: string;
  /** Factor of the new learning rate, above 0 and below 1; 0.1 by default, as in Keras and PyTorch. */
  readonly factor?: number;
  /**
   * Number of epochs in a row without improvement after which the rate is lowered, 10 by default as in
   * Keras; 0 and 1 both lower it at the first such epoch. PyTorch waits for one epoch more.
   */
  readonly patience?: number;
  /**
   * Number of epochs after a reduction that do not count as without improvement; 0 by default. In Keras
   * the last of them counts, in PyTorch none does.
   */
  readonly cooldown?: number;
  /** The rate is never lowered below it; 0 by default. */
  readonly minLearningRate?: number;
  /**
   * A change has to be larger than this to count as an improvement; 1e-4 by default, as in Keras
   * (PyTorch takes 1e-4 as a share of the best).
   */
  readonly minDelta?: number;
  /**
   * Direction of improvement: "min" if less is better. The default follows from the monitor's name, as
   * in earlyStopping.
   */
  readonly mode?: "min" | "max";
}

/** A learning rate that was lowered. */
export interface LearningRateReduction {
  /** Index of the epoch after which it was lowered. */
  readonly epoch: number;
  /** New rate. */
  readonly learningRate: number;
}

/** Lowering of the learning rate with the reductions of the last fit. */
export interface ReduceOnPlateau extends Callback {
  /** Reductions in order. */
  readonly reductions: readonly LearningRateReduction[];
}

const factorRule: Rule = {
  expected: "a number above 0 and below 1",
  is: (value) => typeof value === "number",
  allows: (value) => (value as number) > 0 && (value as number) < 1,
};

function readOptions(options: ReduceOnPlateauOptions): ReduceOnPlateauOptions {
  return checkOptions("reduceOnPlateau", options, {
    monitor: text(),
    factor: factorRule,
    patience: whole(0),
    cooldown: whole(0),
    minLearningRate: numberFrom(0),
    minDelta: numberFrom(0),
    mode: oneOf("min", "max"),
  });
}

/** @throws Error if the rate cannot be set, before the epochs that would only find out later */
function checkSettable(model: TrainedModel): void {
  const { learningRate } = model;
  try {
    model.learningRate = learningRate;
  } catch (cause) {
    const text = "expected an optimizer with a number as its learningRate, got a schedule";
    throw new Error(`reduceOnPlateau: ${text}, which would replace what it sets`, { cause });
  }
}

/**
 * Multiplies the learning rate by a factor when the monitored number has not improved for some epochs,
 * as Keras's ReduceLROnPlateau does. Rates of parameter groups are lowered in proportion. An epoch
 * improves if it beats the best one by more than minDelta; NaN never does.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown, or if the monitor's name does not tell
 *   the mode; in fit, after the first epoch, if an epoch has no such number
 * @throws Error in fit, before the first step, if the optimizer has a schedule
 * @example
 * const plateau = reduceOnPlateau({ factor: 0.5, patience: 2 });
 * await model.fit(train, { epochs: 10, validation: test, callbacks: [plateau] });
 * console.log(plateau.reductions, model.learningRate);
 */
export function reduceOnPlateau(options: ReduceOnPlateauOptions = {}): ReduceOnPlateau {
  const chosen = readOptions(options);
  const { monitor = "validationLoss", factor = 0.1, patience = 10, cooldown = 0 } = chosen;
  const { minLearningRate = 0, minDelta = 1e-4 } = chosen;
  const { mode = modeOf("reduceOnPlateau", monitor) } = chosen;
  let best: number | undefined;
  let waited = 0;
  let cooling = 0;
  let reductions: LearningRateReduction[] = [];
  const shown = call("reduceOnPlateau", chosen);
  return immutable<ReduceOnPlateau>(
    {
      get reductions() {
        return reductions;
      },
      onTrainBegin({ model }) {
        checkSettable(model);
        best = undefined;
        waited = cooling = 0;
        reductions = [];
      },
      onEpochEnd(epoch, { model }) {
        const value = monitored("reduceOnPlateau", epoch, monitor);
        const counts = cooling === 0;
        if (!counts) cooling--;
        if (improves(value, best, mode, minDelta)) {
          best = value;
          waited = 0;
        } else if (counts && ++waited >= patience && model.learningRate > minLearningRate) {
          const learningRate = Math.max(model.learningRate * factor, minLearningRate);
          model.learningRate = learningRate;
          reductions.push({ epoch: epoch.epoch, learningRate });
          cooling = cooldown;
          waited = 0;
        }
      },
      getState: () => ({ best, waited, cooling, reductions: JSON.stringify(reductions) }),
      setState(state) {
        best = state.best as number | undefined;
        waited = state.waited as number;
        cooling = state.cooling as number;
        reductions = JSON.parse(state.reductions as string) as LearningRateReduction[];
      },
    },
    shown,
    () => `${shown}: ${plural(reductions.length, "reduction")}`,
  );
}
