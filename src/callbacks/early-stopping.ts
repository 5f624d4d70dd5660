import { checkOptions, flag, describeValue, numberFrom } from "../base/arguments.ts";
import { oneOf, text, whole } from "../base/arguments.ts";
import { call, made } from "../base/printable.ts";
import type { Callback, FitContext, TrainedModel } from "../training/callbacks.ts";

/** What is watched, and when it is enough. */
export interface EarlyStoppingOptions {
  /** What is watched, a name in EpochEnd; "validationLoss" by default, as in Keras. */
  readonly monitor?: string;
  /**
   * Epochs in a row without improvement after which training stops, 0 by default: 0 and 1 both stop
   * at the first, as in Keras (Lightning's default is 3).
   */
  readonly patience?: number;
  /** The least change that counts as an improvement; 0 by default. */
  readonly minDelta?: number;
  /**
   * Whether less or more is better. By default "min" for what ends in "loss", "max" for accuracy,
   * precision, recall, f1 and rocAuc of any kind; for other names it has to be given.
   */
  readonly mode?: "min" | "max";
  /**
   * Whether the model gets the best epoch's parameters and buffers back when training ends, stopped
   * or not; true by default (Keras has false). The optimizer's moments stay as they are.
   */
  readonly restoreBest?: boolean;
}

/** Early stopping, and what it has found in the last fit. */
export interface EarlyStopping extends Callback {
  /** The monitored value of the best epoch; undefined before there is one. */
  readonly best: number | undefined;
  /** The best epoch, from 0. */
  readonly bestEpoch: number | undefined;
  /** The epoch that training was stopped after; undefined if it was not. */
  readonly stoppedEpoch: number | undefined;
}

const largerIsBetter = /(accuracy|precision|recall|f1|rocAuc)$/i;

function modeOf(monitor: string): "min" | "max" {
  if (/loss$/i.test(monitor)) return "min";
  if (largerIsBetter.test(monitor)) return "max";
  const came = `none for ${describeValue(monitor)}`;
  throw new RangeError(`earlyStopping: expected mode "min" or "max", got ${came}`);
}

/** @throws RangeError or TypeError naming the option that is wrong */
function readOptions(options: EarlyStoppingOptions): EarlyStoppingOptions {
  return checkOptions("earlyStopping", options, {
    monitor: text(),
    patience: whole(0),
    minDelta: numberFrom(0),
    mode: oneOf("min", "max"),
    restoreBest: flag(),
  });
}

/** The monitored number of an epoch. @throws RangeError if the epoch has none */
function monitored(epoch: object, monitor: string): number {
  const numbers = Object.entries(epoch).filter(([, value]) => typeof value === "number");
  const found = numbers.find(([name]) => name === monitor);
  if (found) return found[1] as number;
  const names = numbers.map(([name]) => name).join(", ");
  throw new RangeError(
    `earlyStopping: expected an epoch with ${describeValue(monitor)}, it has ${names}`,
  );
}

/** Every array that a model keeps from step to step. */
function arraysOf({ parameters, buffers = [] }: TrainedModel): Float32Array[] {
  return [...parameters, ...buffers].map(({ data }) => data);
}

/**
 * Stops training when what is monitored has not improved for some epochs, and gives the model the
 * best epoch's weights back. An epoch improves if it beats the best one by more than minDelta; NaN
 * never does.
 * @throws RangeError if an option is out of range or unknown, or the mode is not known from the
 * monitor's name; TypeError if an option is of another type;
 * in fit, after the first epoch, if that has no such value
 * @example
 * const stopping = earlyStopping({ patience: 3 });
 * await model.fit(train, { epochs: 100, validation: test, callbacks: [stopping] });
 * console.log(stopping.bestEpoch, stopping.best);
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): EarlyStopping {
  const chosen = readOptions(options);
  const { monitor = "validationLoss", patience = 0, minDelta = 0, restoreBest = true } = chosen;
  const { mode = modeOf(monitor) } = chosen;
  let best: number | undefined;
  let bestEpoch: number | undefined;
  let stoppedEpoch: number | undefined;
  let weights: Float32Array[] = [];
  let waited = 0;
  const improves = (value: number): boolean => {
    if (best === undefined) return !Number.isNaN(value);
    return mode === "min" ? value < best - minDelta : value > best + minDelta;
  };
  const shown = call("earlyStopping", chosen);
  return made<EarlyStopping>(
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
        const value = monitored(epoch, monitor);
        if (improves(value)) {
          best = value;
          bestEpoch = epoch.epoch;
          waited = 0;
          if (restoreBest) weights = keep(context, weights);
        } else if (++waited >= patience) {
          stoppedEpoch = epoch.epoch;
          context.stop();
        }
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

/** Copies of the model's arrays, in the room of earlier copies where there are some. */
function keep({ model }: FitContext, room: Float32Array[]): Float32Array[] {
  const arrays = arraysOf(model);
  if (room.length === 0) return arrays.map((array) => array.slice());
  room.forEach((array, i) => {
    array.set(arrays[i]!);
  });
  return room;
}
