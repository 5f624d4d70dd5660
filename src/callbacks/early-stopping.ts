import { checkOptions, flag, numberFrom } from "../base/arguments.ts";
import { oneOf, text, whole } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import type { Callback, FitContext, TrainedModel } from "../training/callbacks.ts";
import { improves, modeOf, monitored } from "./monitor.ts";

/** Options of earlyStopping. */
export interface EarlyStoppingOptions {
  /** Name of the monitored number in EpochEnd; "validationLoss" by default, as in Keras. */
  readonly monitor?: string;
  /**
   * Number of epochs in a row without improvement after which training stops; 0 by default. 0 and 1
   * both stop at the first such epoch, as in Keras (Lightning's default is 3).
   */
  readonly patience?: number;
  /** A change has to be larger than this to count as an improvement; 0 by default. */
  readonly minDelta?: number;
  /**
   * Direction of improvement: "min" if less is better. The default is "min" for names that end in
   * "loss", "perplexity", "mae", "mse" or "mape", and "max" for accuracy, precision, recall, f1, rocAuc
   * and r2 of any kind. Other names need it.
   */
  readonly mode?: "min" | "max";
  /**
   * True to give the model the best epoch's parameters and buffers back when training ends, stopped
   * or not; true by default (Keras has false). The optimizer's state stays as it is.
   */
  readonly restoreBest?: boolean;
}

/** Early stopping with the findings of the last fit. */
export interface EarlyStopping extends Callback {
  /** The monitored value of the best epoch; undefined before there is one. */
  readonly best: number | undefined;
  /** The best epoch, counted from 0. */
  readonly bestEpoch: number | undefined;
  /** The epoch after which training was stopped; undefined if it was not. */
  readonly stoppedEpoch: number | undefined;
}

/** @throws TypeError or RangeError that names the wrong option */
function readOptions(options: EarlyStoppingOptions): EarlyStoppingOptions {
  return checkOptions("earlyStopping", options, {
    monitor: text(),
    patience: whole(0),
    minDelta: numberFrom(0),
    mode: oneOf("min", "max"),
    restoreBest: flag(),
  });
}

/** Returns every array that a model keeps from step to step. */
function arraysOf({ parameters, buffers = [] }: TrainedModel): Float32Array[] {
  return [...parameters, ...buffers].map(({ data }) => data);
}

/**
 * Stops training when the monitored number has not improved for some epochs, and gives the model
 * the best epoch's weights back. An epoch improves if it beats the best one by more than minDelta;
 * NaN never does.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown, or if the monitor's name does not
 *   tell the mode; in fit, after the first epoch, if an epoch has no such number
 * @example
 * const stopping = earlyStopping({ patience: 3 });
 * await model.fit(train, { epochs: 100, validation: test, callbacks: [stopping] });
 * console.log(stopping.bestEpoch, stopping.best);
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): EarlyStopping {
  const chosen = readOptions(options);
  const { monitor = "validationLoss", patience = 0, minDelta = 0, restoreBest = true } = chosen;
  const { mode = modeOf("earlyStopping", monitor) } = chosen;
  let best: number | undefined;
  let bestEpoch: number | undefined;
  let stoppedEpoch: number | undefined;
  let weights: Float32Array[] = [];
  let waited = 0;
  const shown = call("earlyStopping", chosen);
  return immutable<EarlyStopping>(
    {
      get best() {
        return best;
      },
      get bestEpoch() {
        return bestEpoch;
      },
      get stoppedEpoch() {
        return stoppedEpoch;
      },
      onTrainBegin() {
        best = bestEpoch = stoppedEpoch = undefined;
        weights = [];
        waited = 0;
      },
      onEpochEnd(epoch, context) {
        const value = monitored("earlyStopping", epoch, monitor);
        if (improves(value, best, mode, minDelta)) {
          best = value;
          bestEpoch = epoch.epoch;
          waited = 0;
          if (restoreBest) weights = keep(context, weights);
        } else if (++waited >= patience) {
          stoppedEpoch = epoch.epoch;
          context.stop();
        }
      },
      getState() {
        const arrays = weights.map((array, i) => [`weights${i}`, array] as const);
        return { best, bestEpoch, waited, ...Object.fromEntries(arrays) };
      },
      setState(state) {
        best = state.best as number | undefined;
        bestEpoch = state.bestEpoch as number | undefined;
        waited = state.waited as number;
        weights = Object.values(state).filter((value) => value instanceof Float32Array);
      },
      onTrainEnd(_history, { model }) {
        const places = arraysOf(model);
        weights.forEach((array, i) => {
          places[i]!.set(array);
        });
        weights = [];
      },
    },
    shown,
    () => (best === undefined ? shown : `${shown}: best ${monitor} ${best} in epoch ${bestEpoch}`),
  );
}

/** Copies the model's arrays, into earlier copies if there are any. */
function keep({ model }: FitContext, room: Float32Array[]): Float32Array[] {
  const arrays = arraysOf(model);
  if (room.length === 0) return arrays.map((array) => array.slice());
  room.forEach((array, i) => {
    array.set(arrays[i]!);
  });
  return room;
}
