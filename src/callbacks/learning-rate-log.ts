import { checkOptions, oneOf } from "../base/arguments.ts";
import { call, made } from "../base/printable.ts";
import type { Callback, FitContext } from "../training/callbacks.ts";

/** Where the rates go. */
export interface LearningRateLogOptions {
  /** How often it is noted; "epoch" by default (Lightning's LearningRateMonitor calls it so too). */
  readonly interval?: "step" | "epoch";
}

/** A log of learning rates. */
export interface LearningRateLog extends Callback {
  /** The rate of each step, or of the last step of each epoch, of the last fit. */
  readonly rates: readonly number[];
}

/**
 * Notes the learning rates that a fit has used.
 * @throws RangeError for an unknown interval or option, TypeError for one of another type
 * @example
 * const log = learningRateLog();
 * await model.fit(train, { epochs: 3, callbacks: [log] });
 * log.rates; // [0.001, 0.001, 0.001]
 */
export function learningRateLog(options: LearningRateLogOptions = {}): LearningRateLog {
  const rules = { interval: oneOf("step", "epoch") };
  const chosen = checkOptions("learningRateLog", options, rules);
  const { interval } = chosen;
  let rates: number[] = [];
  const note = (_end: unknown, { model }: FitContext): void => {
    rates.push(model.learningRate);
  };
  const shown = call("learningRateLog", chosen);
  return made<LearningRateLog>(
    {
      get rates() {
        return rates;
      },
      onTrainBegin() {
        rates = [];
      },
      ...(interval === "step" ? { onBatchEnd: note } : { onEpochEnd: note }),
    },
    shown,
    () => `${shown}: ${rates.length} rates`,
  );
}
