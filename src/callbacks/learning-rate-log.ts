import { checkOptions, oneOf } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import type { Callback, FitContext } from "../training/callbacks.ts";

/** Options of learningRateLog. */
export interface LearningRateLogOptions {
  /**
   * "step" notes the rate of every step, "epoch" that of the last step of each epoch; "epoch" by
   * default. The names are those of Lightning's LearningRateMonitor.
   */
  readonly interval?: "step" | "epoch";
}

/** Log of learning rates. */
export interface LearningRateLog extends Callback {
  /** Rate of each step of the last fit, or of the last step of each epoch. */
  readonly rates: readonly number[];
}

/**
 * Notes the learning rates that a fit has used.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError for an unknown interval or option
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
  return immutable<LearningRateLog>(
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
