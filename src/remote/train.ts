import type { EpochEnd } from "../training/callbacks.ts";
import { printableHistory } from "../training/summary.ts";
import { describeValue } from "../base/arguments.ts";
import { printable } from "../base/printable.ts";
import { type AnyWorker, type Connection, connect, isWorker } from "../threads/connection.ts";
import { hasWorkers, nodeThreads } from "../threads/connection.ts";
import { type RemoteOptions, engineOptionsOf, fitOptionsOf, readOptions } from "./options.ts";
import type { PageMessage, Progress, TrainingResult, WorkerMessage } from "./protocol.ts";
import { PROGRESS_BYTES, clearProgress, readProgress } from "./protocol.ts";

/** A training in a worker. */
export interface RemoteTraining {
  /**
   * Promise of the result. It rejects with an error of the worker or its loss, with the reason of
   * an abort, or with an error of onEpochEnd.
   */
  readonly finished: Promise<TrainingResult>;
  /**
   * Current position: read from shared memory, or else reported by messages twenty times a second.
   */
  readonly progress: Progress;
  /**
   * Returns the weights as a safetensors file: as they are after the current step or soon after,
   * paused or not, and those at the end once training has finished. Reading them does not change
   * the bits of the training. It rejects as `finished` does.
   * @example
   * const bytes = await training.weights();
   * await model.fromSafetensors(bytes);
   */
  weights(): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Pauses after the current step or soon after, until resume.
   * @example
   * training.pause();
   * console.log(training.progress.epoch);
   * training.resume();
   */
  pause(): void;
  /**
   * Continues after pause.
   * @example
   * training.pause();
   * training.resume();
   * await training.finished;
   */
  resume(): void;
  /**
   * Ends training: at once if its worker was started for it, else after the current step or soon
   * after.
   * @example
   * training.abort();
   * await training.finished.catch(({ name }) => console.log(name)); // AbortError
   */
  abort(reason?: unknown): void;
}

/**
 * Starts a worker with the module at a URL. @throws Error if there are none, as in service workers
 */
function open(url: URL): AnyWorker {
  if (!hasWorkers()) throw new Error("trainInWorker: expected workers, there are none here");
  const threads = nodeThreads();
  const name = "gradlane training";
  return threads ? new threads.Worker(url, { name }) : new Worker(url, { type: "module", name });
}

/** Rebuilds an error that was thrown in the worker. */
function errorFrom(error: unknown): Error {
  const { name, message, stack } = error as Partial<Error>;
  const types: Record<string, ErrorConstructor> = { RangeError, TypeError };
  const Type = types[name ?? ""] ?? Error;
  return Object.assign(new Type(message ?? String(error)), { name: name ?? "Error", stack });
}

/**
 * Workers of callers that are training: an answer does not name the training that it belongs to.
 */
const busy = new WeakSet<AnyWorker>();

/** Returns true if a worker is known to have ended, which only Node reports. */
function hasEnded(worker: AnyWorker): boolean {
  return "threadId" in worker && worker.threadId === -1;
}

/** Implementation of the handle that trainInWorker returns. */
class WorkerTraining extends Object implements RemoteTraining {
  readonly finished: Promise<TrainingResult>;
  readonly #worker: AnyWorker;
  /** True if the worker was started here. */
  readonly #isOwn: boolean;
  readonly #connection: Connection;
  readonly #onEpochEnd: RemoteOptions["onEpochEnd"];
  readonly #signal: AbortSignal | undefined;
  readonly #outcome = settleable<TrainingResult>();
  /** Pending requests for weights, in the order in which they are answered. */
  readonly #requests: Settleable<Uint8Array<ArrayBuffer>>[] = [];
  /** Promise that is fulfilled when onEpochEnd has handled all epochs so far. */
  #epochs: Promise<unknown> = Promise.resolve();
  /** Reason for an early end, in an object because anything can be thrown. */
  #stopped: { readonly reason: unknown } | undefined;
  /** True once the worker has finished; onEpochEnd may still be running. */
  #isTrained = false;
  #isOver = false;
  #values: Float64Array;

  constructor(worker: AnyWorker | URL, options: RemoteOptions) {
    super();
    printable<WorkerTraining>(this, "RemoteTraining", () => this.#text);
    const { data, settings, weights, checkpoint, includeOptimizer, signal } = options;
    this.#onEpochEnd = options.onEpochEnd;
    this.#signal = signal;
    const canShare = typeof SharedArrayBuffer === "function";
    const shared = canShare ? new SharedArrayBuffer(PROGRESS_BYTES) : undefined;
    this.#values = new Float64Array(shared ?? new ArrayBuffer(PROGRESS_BYTES));
    clearProgress(this.#values);
    this.#isOwn = worker instanceof URL;
    this.#worker = worker instanceof URL ? open(worker) : worker;
    busy.add(this.#worker);
    this.#connection = connect(this.#worker, {
      onMessage: (message) => {
        this.#handle(message);
      },
      onLost: (reason) => {
        this.#fail(new Error(`trainInWorker: expected the worker to train, it ${reason}`));
      },
    });
    const { promise } = this.#outcome;
    this.finished = promise.finally(() => {
      this.#end();
    });
    promise.then(
      (result) => this.#requests.forEach((request) => request.settle(result.weights)),
      (reason: unknown) => this.#requests.forEach((request) => request.fail(reason)),
    );
    const fit = fitOptionsOf(options);
    const engine = engineOptionsOf(options);
    const files = { weights, checkpoint, includeOptimizer };
    const order = { data, fit, engine, settings, ...files, progress: shared };
    try {
      this.#send({ kind: "train", order });
      if (signal?.aborted) this.#abortBySignal();
      else signal?.addEventListener("abort", this.#abortBySignal);
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  /** `RemoteTraining(epoch 2, batch 11 of 45, loss 0.2311)`, counted from 0 as in progress. */
  get #text(): string {
    const { epoch, batch, batches, loss, paused } = this.progress;
    const state = this.#isOver ? "ended" : paused ? "paused" : "under way";
    if (epoch < 0) return `RemoteTraining(${state})`;
    const at = `epoch ${epoch}, batch ${batch} of ${batches}, loss ${Number(loss.toPrecision(4))}`;
    return `RemoteTraining(${at}, ${state})`;
  }

  get progress(): Progress {
    return readProgress(this.#values);
  }

  weights(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#isOver) return this.finished.then(({ weights }) => weights);
    const request = settleable<Uint8Array<ArrayBuffer>>();
    this.#requests.push(request);
    this.#send({ kind: "weights" });
    return request.promise;
  }

  pause(): void {
    this.#send({ kind: "pause" });
  }

  resume(): void {
    this.#send({ kind: "resume" });
  }

  abort(reason?: unknown): void {
    // The platform's own default is an AbortError.
    this.#stop(AbortSignal.abort(reason).reason);
  }

  readonly #abortBySignal = (): void => {
    this.#stop(this.#signal!.reason);
  };

  #handle(message: unknown): void {
    // The worker may send its page other messages as well.
    const received = message as WorkerMessage | null | undefined;
    if (received?.kind === "progress") this.#values = received.values;
    else if (received?.kind === "epoch") this.#handleEpoch(received.epoch);
    else if (received?.kind === "lock") this.#connection.watch(received.lock);
    else if (received?.kind === "weights") this.#requests.shift()?.settle(received.weights);
    else if (received?.kind === "noWeights")
      this.#requests.shift()?.fail(errorFrom(received.error));
    else if (received?.kind === "done") this.#handleResult(received.result);
    else if (received?.kind === "failed") this.#fail(errorFrom(received.error));
  }

  #handleEpoch(epoch: EpochEnd): void {
    const notify = (): unknown => !this.#stopped && !this.#isOver && this.#onEpochEnd?.(epoch);
    this.#epochs = this.#epochs.then(notify);
    this.#epochs.catch(this.#stop);
  }

  #handleResult(result: TrainingResult): void {
    this.#isTrained = true;
    if (this.#stopped) this.#fail(this.#stopped.reason);
    // handleEpoch reports an error of onEpochEnd.
    else
      void this.#epochs.then(
        () => this.#outcome.settle({ ...result, history: printableHistory(result.history) }),
        () => undefined,
      );
  }

  /** Ends training early; the first reason counts. A worker that was started here ends at once. */
  readonly #stop = (reason: unknown): void => {
    this.#stopped ??= { reason };
    if (this.#isTrained || this.#isOwn) this.#fail(reason);
    else this.#send({ kind: "abort" });
  };

  /** Rejects with an error, or with the reason of an earlier stop. */
  #fail(error: unknown): void {
    // If the order could not be sent, the constructor has thrown, and nobody has the promise.
    if (!this.#isOver) this.#outcome.fail(this.#stopped ? this.#stopped.reason : error);
  }

  /** Disconnects from the worker, whose next messages belong to another training. */
  #end(): void {
    this.#isOver = true;
    this.#signal?.removeEventListener("abort", this.#abortBySignal);
    busy.delete(this.#worker);
    if (this.#isOwn) this.#connection.terminate();
    else this.#connection.disconnect();
  }

  #send(message: PageMessage): void {
    if (!this.#isOver) this.#connection.send(message);
  }
}

/** Promise with the functions that settle it. */
interface Settleable<T> {
  readonly promise: Promise<T>;
  readonly settle: (value: T) => void;
  readonly fail: (reason: unknown) => void;
}

/** Does what Promise.withResolvers does, which Node 20 lacks. */
function settleable<T>(): Settleable<T> {
  let settle!: (value: T) => void;
  let fail!: (reason: unknown) => void;
  const promise = new Promise<T>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  return { promise, settle, fail };
}

/**
 * Trains in a worker, so that the calling thread stays free: a page's thread has 60 frames a second
 * to draw, and must not block. The worker's module defines the training with serveTraining, because
 * layers hold functions, which cannot be sent.
 * @param worker the worker, or the URL of its module; a worker that is started here ends with the
 * training
 * @throws TypeError or RangeError for wrong options, DataCloneError for data that cannot be sent,
 * Error if no worker is available, or if the worker has ended or is still training. Errors in the
 * worker reject `finished`
 * @example
 * const worker = new URL("./trainer.js", import.meta.url);
 * const training = trainInWorker(worker, { data: train, epochs: 5 });
 * const { weights } = await training.finished;
 * await model.fromSafetensors(weights);
 */
export function trainInWorker(
  worker: AnyWorker | URL,
  options: RemoteOptions = {},
): RemoteTraining {
  const chosen = readOptions(options);
  if (!(worker instanceof URL) && !isWorker(worker)) {
    const expected = "a worker or the URL of its module";
    throw new TypeError(`trainInWorker: expected ${expected}, got ${describeValue(worker)}`);
  }
  if (!(worker instanceof URL)) {
    const got = busy.has(worker)
      ? "a training is under way"
      : hasEnded(worker)
        ? "it has ended"
        : "";
    if (got) throw new Error(`trainInWorker: expected a worker that trains nothing, ${got}`);
  }
  return new WorkerTraining(worker, chosen);
}
