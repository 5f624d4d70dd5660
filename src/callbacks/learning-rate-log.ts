import { given } from "../runtime/arguments.ts";
import { call, printable } from "../runtime/printable.ts";
import type { Callback, FitContext } from "../model/callbacks.ts";

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
 * @throws RangeError for an unknown interval
 */
export function learningRateLog({
  interval = "epoch",
}: LearningRateLogOptions = {}): LearningRateLog {
  if (interval !== "step" && interval !== "epoch") {
    const came = given(interval);
    throw new RangeError(`learningRateLog: expected interval "step" or "epoch", got ${came}`);
  }
  let rates: number[] = [];
  const note = (_end: unknown, { model }: FitContext): void => {
    rates.push(model.learningRate);
  };
  const callback: LearningRateLog = {
    get rates() {
      return rates;
    },
    onTrainBegin() {
      rates = [];
    },
    ...(interval === "step" ? { onBatchEnd: note } : { onEpochEnd: note }),
  };
  const text = call("learningRateLog", { interval });
  return printable(callback, text, () => `${text}: ${rates.length} rates`);
}
