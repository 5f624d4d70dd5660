import { checkOptions, flag, numberBelow } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import type { Callback, NamedArray, TrainedModel } from "../training/callbacks.ts";

/** Options of exponentialMovingAverage. */
export interface ExponentialMovingAverageOptions {
  /** Share of the average that each step keeps, in [0, 1); 0.999 by default, as in PyTorch. */
  readonly decay?: number;
  /**
   * True to leave the averages in the model when training ends; false by default. Callbacks that are
   * after this one in the list see the averages at their onTrainEnd.
   */
  readonly applyAtEnd?: boolean;
}

/** Averages of a model's parameters over the steps of the last fit. */
export interface ExponentialMovingAverage extends Callback {
  /** Averages by the names of their parameters, in float32; [] before the first step. */
  readonly averages: readonly NamedArray[];
  /** True while the model has the averages in the place of its weights. */
  readonly isApplied: boolean;
  /**
   * Gives the model the averages, to evaluate or save it, and keeps its weights for restore. Buffers,
   * such as running means, stay as they are.
   * @throws Error before the first step of a fit, or if they are applied already
   * @example
   * const average = exponentialMovingAverage();
   * await model.fit(train, { epochs: 3, callbacks: [average] });
   * average.apply();
   * console.log(await model.evaluate(test));
   * average.restore();
   */
  apply(): void;
  /**
   * Gives the model its own weights back.
   * @throws Error unless the averages are applied
   * @example
   * const average = exponentialMovingAverage({ applyAtEnd: true });
   * await model.fit(train, { epochs: 3, callbacks: [average] });
   * average.restore();
   * average.isApplied; // false
   */
  restore(): void;
}

/** Sets averages to decay · average + (1 - decay) · weight. */
function blend(averages: Float32Array, weights: Float32Array, decay: number): void {
  const rest = 1 - decay;
  for (let i = 0; i < averages.length; i++) averages[i] = decay * averages[i]! + rest * weights[i]!;
}

function copies(arrays: readonly NamedArray[]): NamedArray[] {
  return arrays.map(({ name, data }) => ({ name, data: data.slice() }));
}

function setAll(places: readonly NamedArray[], values: readonly NamedArray[]): void {
  values.forEach(({ data }, i) => {
    places[i]!.data.set(data);
  });
}

/**
 * Keeps an average of every parameter: average = decay · average + (1 - decay) · weight after each step,
 * from the weights of the first step on, as PyTorch's AveragedModel does. It is computed in float64 and
 * kept in float32: a difference from the weight that is too small for that stays. A step takes some
 * 1.5 ms longer for each million parameters. Each fit starts anew.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if decay is not in [0, 1), or for an unknown option
 * @throws Error in fit, at the step after an apply without a restore
 * @example
 * const average = exponentialMovingAverage({ decay: 0.99, applyAtEnd: true });
 * await model.fit(train, { epochs: 3, callbacks: [average] });
 * console.log(average.averages, await model.evaluate(test));
 */
export function exponentialMovingAverage(
  options: ExponentialMovingAverageOptions = {},
): ExponentialMovingAverage {
  const rules = { decay: numberBelow(1), applyAtEnd: flag() };
  const chosen = checkOptions("exponentialMovingAverage", options, rules);
  const { decay = 0.999, applyAtEnd = false } = chosen;
  let model: TrainedModel | undefined;
  let averages: NamedArray[] = [];
  /** The weights while the averages are applied. */
  let own: NamedArray[] | undefined;
  const refused = (expected: string): Error =>
    new Error(`exponentialMovingAverage: expected ${expected}`);
  const apply = (): void => {
    if (!model || averages.length === 0) throw refused("a step of a fit before apply, got none");
    if (own) throw refused("restore before another apply");
    own = copies(model.parameters);
    setAll(model.parameters, averages);
  };
  const shown = call("exponentialMovingAverage", chosen);
  return immutable<ExponentialMovingAverage>(
    {
      get averages() {
        return averages;
      },
      get isApplied() {
        return own !== undefined;
      },
      apply,
      restore() {
        if (!model || !own) throw refused("apply before restore");
        setAll(model.parameters, own);
        own = undefined;
      },
      onTrainBegin(context) {
        model = context.model;
        averages = [];
        own = undefined;
      },
      onBatchEnd(_batch, context) {
        if (own) throw refused("restore before the next step of training");
        const { parameters } = context.model;
        if (averages.length === 0) averages = copies(parameters);
        else {
          for (let i = 0; i < averages.length; i++) {
            blend(averages[i]!.data, parameters[i]!.data, decay);
          }
        }
      },
      onTrainEnd() {
        if (applyAtEnd && !own) apply();
      },
      getState: () => Object.fromEntries(averages.map(({ name, data }) => [name, data])),
      setState(state) {
        averages = Object.entries(state).map(([name, data]) => ({
          name,
          data: data as Float32Array,
        }));
      },
    },
    shown,
  );
}
