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
   * What it comes to. It rejects with what went wrong in the worker, or if that is gone, or with the
   * reason of an abort, or with what onEpochEnd has thrown.
   */
  readonly finished: Promise<TrainingResult>;
  /** How far it is: read from shared memory, or told twenty times a second where there is none. */
  readonly progress: Progress;
  /**
   * The weights as they are after the current step or soon after, paused or not, as a safetensors file;
   * those at the end once training has finished. The training comes to the same bits, asked or not. It
   * rejects as `finished` does.
   */
  weights(): Promise<Uint8Array<ArrayBuffer>>;
  /** Stops after the current step or soon after, until resume. */
  pause(): void;
  /** Lets training go on after pause. */
  resume(): void;
  /** Ends it: at once if its worker was started for it, else after the current step or soon after. */
  abort(reason?: unknown): void;
}

/** A worker that runs the module at a URL. @throws Error where there are none, as in service workers */
function open(url: URL): AnyWorker {
  if (!hasWorkers()) throw new Error("trainInWorker: expected workers, there are none here");
  const threads = nodeThreads();
  const name = "gradlane training";
  return threads ? new threads.Worker(url, { name }) : new Worker(url, { type: "module", name });
}

/** What was thrown in the worker. */
function thrown(error: unknown): Error {
  const { name, message, stack } = error as Partial<Error>;
  const types: Record<string, ErrorConstructor> = { RangeError, TypeError };
  const Type = types[name ?? ""] ?? Error;
  return Object.assign(new Type(message ?? String(error)), { name: name ?? "Error", stack });
}

/** The callers' workers that train: an answer does not say which training it is of. */
const busy = new WeakSet<AnyWorker>();

/** Whether a worker is known to have ended, which only Node tells. */
function hasEnded(worker: AnyWorker): boolean {
  return "threadId" in worker && worker.threadId === -1;
}

/** What trainInWorker returns. */
class WorkerTraining extends Object implements RemoteTraining {
  readonly finished: Promise<TrainingResult>;
  readonly #worker: AnyWorker;
  /** Whether it was started here. */
  readonly #isOwn: boolean;
  readonly #connection: Connection;
  readonly #onEpochEnd: RemoteOptions["onEpochEnd"];
  readonly #signal: AbortSignal | undefined;
  readonly #outcome = settleable<TrainingResult>();
  /** Requests for weights, in the order in which they are answered. */
  readonly #requests: Settleable<Uint8Array<ArrayBuffer>>[] = [];
  /** Fulfilled when onEpochEnd has done with all epochs that there have been. */
  #epochs: Promise<unknown> = Promise.resolve();
  /** Why training is to end early, in an object because anything can be thrown. */
  #stopped: { readonly reason: unknown } | undefined;
  /** Whether the worker trains no more, though onEpochEnd may not have done yet. */
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
        this.#hear(message);
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

  #hear(message: unknown): void {
    // The worker may have messages of its own for its page.
    const told = message as WorkerMessage | null | undefined;
    if (told?.kind === "progress") this.#values = told.values;
    else if (told?.kind === "epoch") this.#hearEpoch(told.epoch);
    else if (told?.kind === "life") this.#connection.watch(told.lock);
    else if (told?.kind === "weights") this.#requests.shift()?.settle(told.weights);
    else if (told?.kind === "noWeights") this.#requests.shift()?.fail(thrown(told.error));
    else if (told?.kind === "done") this.#hearResult(told.result);
    else if (told?.kind === "failed") this.#fail(thrown(told.error));
  }

  #hearEpoch(epoch: EpochEnd): void {
    const tell = (): unknown => !this.#stopped && !this.#isOver && this.#onEpochEnd?.(epoch);
    this.#epochs = this.#epochs.then(tell);
    this.#epochs.catch(this.#stop);
  }

  #hearResult(result: TrainingResult): void {
    this.#isTrained = true;
    if (this.#stopped) this.#fail(this.#stopped.reason);
    // An error of onEpochEnd is told by hearEpoch.
    else
      void this.#epochs.then(
        () => this.#outcome.settle({ ...result, history: printableHistory(result.history) }),
        () => undefined,
      );
  }

  /** Ends training early; the first reason counts. A worker started here ends at once. */
  readonly #stop = (reason: unknown): void => {
    this.#stopped ??= { reason };
    if (this.#isTrained || this.#isOwn) this.#fail(reason);
    else this.#send({ kind: "abort" });
  };

  /** Rejects with an error, or with the reason why training was to end before that. */
  #fail(error: unknown): void {
    // What could not even be told what to train has thrown, and nobody has its promise.
    if (!this.#isOver) this.#outcome.fail(this.#stopped ? this.#stopped.reason : error);
  }

  /** Leaves the worker to its next training, whose messages are not for this one. */
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

/** A promise and what settles it. */
interface Settleable<T> {
  readonly promise: Promise<T>;
  readonly settle: (value: T) => void;
  readonly fail: (reason: unknown) => void;
}

/** Promise.withResolvers is younger than Node 20. */
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
 * Trains in a worker, so that the thread that calls it stays free: a page's own has 60 frames a
 * second to draw, and may not wait for other threads. The worker's module says what is trained, by
 * serveTraining, because layers hold functions, which cannot be sent.
 * @param worker the worker, or the URL of its module; what is started here ends with the training
 * @throws TypeError or RangeError for wrong options, DataCloneError for data that cannot be sent, Error
 * where no worker can be had, for one whose last training has not finished or that has ended; what the worker finds wrong rejects `finished`
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
