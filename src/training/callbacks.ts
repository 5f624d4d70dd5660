import { callable, check, oneOf } from "../base/arguments.ts";

/** An array of a model by name, a live view. */
export interface NamedArray {
  /** `dense1.weight`. */
  readonly name: string;
  /** Its elements, row-major: what is written to them is trained on. */
  readonly data: Float32Array;
}

/** What a callback may touch of the model that is trained. */
export interface TrainedModel {
  /** Weight and bias of each layer, in order. */
  readonly parameters: readonly NamedArray[];
  /** What is kept besides parameters, such as the running means of normalisation. */
  readonly buffers?: readonly NamedArray[];
  /** Of the next step; it may be set between steps unless a schedule gives it. */
  learningRate: number;
}

/** A step that is done. */
export interface BatchEnd {
  /** From 0. */
  readonly epoch: number;
  /** From 0. */
  readonly batch: number;
  /** Batches in an epoch. */
  readonly batches: number;
  /** Steps of this fit that are done, this one included. */
  readonly step: number;
  /** Of this batch. */
  readonly loss: number;
  /** Examples in this batch. */
  readonly size: number;
}

/** An epoch that is done. */
export interface EpochEnd {
  /** From 0. */
  readonly epoch: number;
  /** Mean over the epoch's batches as they were trained. */
  readonly loss: number;
  /** Over the same batches, if the model counts it: the part that was right, 0 to 1. */
  readonly accuracy?: number;
  /** Mean over the validation data after the epoch, if there is any. */
  readonly validationLoss?: number;
  /** Of the validation data, if there is any and the model counts it. */
  readonly validationAccuracy?: number;
  /** Time that training took, without validation and callbacks. */
  readonly seconds: number;
  /** Other metrics of the validation data: validationF1 for f1(). */
  readonly [metric: string]: unknown;
}

/** What fit has seen. */
export interface History {
  /** In order. */
  readonly epochs: EpochEnd[];
}

/** A fit under way, as callbacks see it. */
export interface FitContext {
  /** The model that is trained. */
  readonly model: TrainedModel;
  /**
   * Ends training after the current step: fit resolves with the history so far.
   * @example
   * await model.fit(train, {
   *   epochs: 100,
   *   callbacks: [{ onEpochEnd: ({ loss }, fit) => loss < 0.1 && fit.stop() }],
   * });
   */
  stop(): void;
}

/**
 * What `fit({ callbacks: [...] })` calls as it goes, in the order of the list. Each hook may be left
 * out; training goes on when the promise that a hook returns, if it does, is fulfilled, and fit
 * rejects with what a hook throws.
 */
export interface Callback {
  /** Before the first step. */
  onTrainBegin?(context: FitContext): unknown;
  /** After each step. */
  onBatchEnd?(batch: BatchEnd, context: FitContext): unknown;
  /** After each epoch and its validation. */
  onEpochEnd?(epoch: EpochEnd, context: FitContext): unknown;
  /** After the last epoch, or the one in which training was stopped; not if fit rejects. */
  onTrainEnd?(history: History, context: FitContext): unknown;
}

const hooks = ["onTrainBegin", "onBatchEnd", "onEpochEnd", "onTrainEnd"] as const;

/**
 * Checks the callbacks. What is named like a hook and is called by nobody, such as the onBatchBegin of
 * other libraries, is refused.
 * @throws TypeError unless every callback is an object with at least one hook, and hooks are functions;
 * RangeError for another hook
 */
export function checkCallbacks(callbacks: readonly Callback[]): void {
  const some = `an object with some of ${hooks.join(", ")}`;
  (callbacks as readonly Partial<Record<string, unknown>>[]).forEach((callback, i) => {
    const who = `callback ${i}`;
    const names = Object.keys(callback ?? {}).filter((name) => /^on[A-Z]/.test(name));
    for (const name of names) check("fit", `hooks of ${who}`, name, oneOf(...hooks));
    const present = hooks.filter((name) => callback?.[name] !== undefined);
    check("fit", who, callback, { expected: some, is: () => present.length > 0 });
    for (const name of present) check("fit", `${name} of ${who}`, callback[name], callable());
  });
}

/** Whether await would wait for it: promises of other realms and libraries are of other classes. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";
}

/** The callbacks of one fit, called together. */
export class Callbacks {
  /** Whether steps have to be told one by one. */
  readonly wantsBatches: boolean;
  readonly #list: readonly Callback[];
  readonly #context: FitContext;
  #stopped = false;

  /** @throws TypeError as checkCallbacks */
  constructor(list: readonly Callback[], model: TrainedModel) {
    checkCallbacks(list);
    this.#list = list.slice();
    this.wantsBatches = list.some((callback) => callback.onBatchEnd !== undefined);
    this.#context = Object.freeze({
      model,
      stop: () => {
        this.#stopped = true;
      },
    });
  }

  /** Whether one of them has asked to stop. */
  get stopped(): boolean {
    return this.#stopped;
  }

  async trainBegin(): Promise<void> {
    for (const callback of this.#list) await callback.onTrainBegin?.(this.#context);
  }

  /** Nothing, if no hook gave what can be awaited: awaiting one for every step would be dear. */
  batchEnd(batch: BatchEnd): Promise<void> | undefined {
    for (let i = 0; i < this.#list.length; i++) {
      const answer = this.#list[i]!.onBatchEnd?.(batch, this.#context);
      if (isThenable(answer)) return this.#batchEndFrom(i + 1, answer, batch);
    }
    return undefined;
  }

  async #batchEndFrom(next: number, answer: PromiseLike<unknown>, batch: BatchEnd): Promise<void> {
    await answer;
    for (const callback of this.#list.slice(next))
      await callback.onBatchEnd?.(batch, this.#context);
  }

  async epochEnd(epoch: EpochEnd): Promise<void> {
    for (const callback of this.#list) await callback.onEpochEnd?.(epoch, this.#context);
  }

  async trainEnd(history: History): Promise<void> {
    for (const callback of this.#list) await callback.onTrainEnd?.(history, this.#context);
  }
}
