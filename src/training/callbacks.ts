import { callable, check, oneOf } from "../base/arguments.ts";

/** An array of a model by name, a live view. */
export interface NamedArray {
  /** `dense1.weight`. */
  readonly name: string;
  /** Its elements, row-major; training continues from values that are written to them. */
  readonly data: Float32Array;
}

/** Parts of the trained model that a callback may change. */
export interface TrainedModel {
  /** Weight and bias of each layer, in order. */
  readonly parameters: readonly NamedArray[];
  /** Arrays that are kept besides parameters, such as the running means of normalisation. */
  readonly buffers?: readonly NamedArray[];
  /** Learning rate of the next step; it may be set between steps unless there is a schedule. */
  learningRate: number;
}

/** A step that is done. */
export interface BatchEnd {
  /** Index of the epoch, counted from 0. */
  readonly epoch: number;
  /** Index of the batch, counted from 0. */
  readonly batch: number;
  /** Number of batches in an epoch; Infinity if only the end of a stream tells. */
  readonly batches: number;
  /** Number of steps of this fit that are done, this one included. */
  readonly step: number;
  /** Loss of this batch. */
  readonly loss: number;
  /** Share of right answers of the epoch so far, 0 to 1, if the model counts it. */
  readonly accuracy?: number;
  /** Number of examples in this batch. */
  readonly size: number;
}

/** An epoch that is done. */
export interface EpochEnd {
  /** Index of the epoch, counted from 0. */
  readonly epoch: number;
  /** Mean loss over the epoch's batches as they were trained. */
  readonly loss: number;
  /** Share of right answers over the same batches, 0 to 1, if the model counts it. */
  readonly accuracy?: number;
  /** Mean loss over the validation data after the epoch, if there is any. */
  readonly validationLoss?: number;
  /** Accuracy over the validation data, if there is any and the model counts it. */
  readonly validationAccuracy?: number;
  /** Duration of training in seconds, without validation and callbacks. */
  readonly seconds: number;
  /** Other metrics of the validation data: validationF1 for f1(). */
  readonly [metric: string]: unknown;
}

/** Results of all epochs of a fit. */
export interface History {
  /** Epochs in order. */
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
  /**
   * Returns a checkpoint: a safetensors file with all that the fit needs to go on from here, at the same
   * epoch and batch, to the same bits. It has the weights under their names, the optimizer's state,
   * states and counts, the history so far, and the states of the callbacks.
   * @example
   * let saved = new Uint8Array();
   * await model.fit(train, {
   *   callbacks: [{ onEpochEnd: async (_, fit) => void (saved = await fit.saveCheckpoint()) }],
   * });
   * saved.length > 4 * 4810; // true
   */
  saveCheckpoint(): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Goes on from a checkpoint, with data and options as they were: only in onTrainBegin, before the
   * first step.
   * @param source name of the checkpoint in errors; "checkpoint" by default
   * @throws RangeError if it is damaged, or of another network, optimizer, size of batches or list of
   * callbacks, Error after the first step; the model is then as before
   * @example
   * let saved = new Uint8Array();
   * await model.fit(train, {
   *   callbacks: [{ onEpochEnd: async (_, fit) => void (saved = await fit.saveCheckpoint()) }],
   * });
   * await model.fit(train, { epochs: 2, callbacks: [{ onTrainBegin: (fit) => fit.resume(saved) }] });
   */
  resume(checkpoint: Uint8Array, source?: string): Promise<void>;
}

/** State of a callback in checkpoints: numbers, texts, and arrays by their names. */
export type CallbackState = Readonly<
  Record<string, number | string | boolean | undefined | Float32Array>
>;

/**
 * Hooks that `fit({ callbacks: [...] })` calls, in the order of the list. Each hook may be left
 * out. If a hook returns a promise, training continues once it is fulfilled. If a hook throws, fit
 * rejects with its error.
 */
export interface Callback {
  /** Called before the first step. */
  onTrainBegin?(context: FitContext): unknown;
  /** Called after each step. */
  onBatchEnd?(batch: BatchEnd, context: FitContext): unknown;
  /** Called after each epoch and its validation. */
  onEpochEnd?(epoch: EpochEnd, context: FitContext): unknown;
  /** Called after the last epoch, or the one in which training was stopped, unless fit rejects. */
  onTrainEnd?(history: History, context: FitContext): unknown;
  /** Returns what a checkpoint keeps of the callback. */
  getState?(): CallbackState;
  /** Takes what a checkpoint has kept. It is called after all onTrainBegin. */
  setState?(state: CallbackState): void;
  /** True to be called after the other callbacks, as one that saves what they change is. */
  readonly isLast?: boolean;
}

const hooks = ["onTrainBegin", "onBatchEnd", "onEpochEnd", "onTrainEnd"] as const;

/**
 * Checks the callbacks. Unknown hooks, such as the onBatchBegin of other libraries, are refused,
 * because they would never be called.
 * @throws TypeError unless every callback is an object with at least one hook, and hooks are
 * functions; RangeError for another hook
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

/** Returns true if await would wait for a value: other realms and libraries have other promises. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";
}

/** The callbacks of one fit, called together. */
export class Callbacks {
  /** True if a callback has to be called after each step. */
  readonly wantsBatches: boolean;
  readonly #list: readonly Callback[];
  readonly #context: FitContext;
  #stopped = false;

  /** @throws TypeError as checkCallbacks */
  constructor(
    list: readonly Callback[],
    model: TrainedModel,
    saving: Pick<FitContext, "saveCheckpoint" | "resume">,
  ) {
    checkCallbacks(list);
    this.#list = list.toSorted((a, b) => Number(a.isLast ?? false) - Number(b.isLast ?? false));
    this.wantsBatches = list.some((callback) => callback.onBatchEnd !== undefined);
    this.#context = Object.freeze({
      saveCheckpoint: saving.saveCheckpoint,
      resume: saving.resume,
      model,
      stop: () => {
        this.#stopped = true;
      },
    });
  }

  /** Callbacks that have a state. */
  get #stateful(): readonly Callback[] {
    return this.#list.filter((callback) => callback.getState !== undefined);
  }

  /** Returns the state of each callback that has one. */
  get states(): CallbackState[] {
    return this.#stateful.map((callback) => callback.getState!());
  }

  /** @throws RangeError unless there are as many states as callbacks that have one */
  checkStates(states: readonly CallbackState[], source: string): void {
    const { length } = this.#stateful;
    if (states.length === length) return;
    const expected = `states of ${length} callbacks`;
    throw new RangeError(`${source}: expected ${expected}, got ${states.length}`);
  }

  /** Gives each callback its state. */
  restore(states: readonly CallbackState[]): void {
    this.#stateful.forEach((callback, i) => callback.setState?.(states[i]!));
  }

  /** True once one of them has called stop. */
  get stopped(): boolean {
    return this.#stopped;
  }

  async trainBegin(): Promise<void> {
    for (const callback of this.#list) await callback.onTrainBegin?.(this.#context);
  }

  /**
   * Calls the hooks; returns undefined if none has to be awaited, as an await for every step is
   * slow.
   */
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
