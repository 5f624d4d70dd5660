import { createEngine } from "../engine/engine.ts";
import type { EngineOptions } from "../engine/options.ts";
import type { Network } from "../layers/layer.ts";
import type { Callback } from "../training/callbacks.ts";
import type { Model } from "../model/model.ts";
import { dataset } from "../training/option-rules.ts";
import type { CompileOptions } from "../compile/options.ts";
import type { Dataset, SaveOptions } from "../training/options.ts";
import { anything, check, checkOptions, describeValue, list, object } from "../base/arguments.ts";
import { holdLock } from "../threads/worker-scope.ts";
import { type Port, parentPort } from "../threads/worker-scope.ts";
import type { Order, PageMessage, Request, TrainMessage } from "./protocol.ts";
import type { TrainingResult, WorkerMessage } from "./protocol.ts";
import { PROGRESS_BYTES, REQUESTS, clearProgress, writeProgress } from "./protocol.ts";

/** Training of a worker, defined in the worker's module, because functions cannot be sent to it. */
export interface TrainingPlan {
  /** The network to train. */
  readonly network: Network;
  /** The options of engine.compile. */
  readonly compile: CompileOptions;
  /** Training data, unless the page sends some. */
  readonly data?: Dataset;
  /** Validation data after each epoch, unless the page sends some. */
  readonly validation?: Dataset;
  /** Called in the worker. */
  readonly callbacks?: readonly Callback[];
  /** Options of createEngine; those of the page override them. */
  readonly engine?: EngineOptions;
}

/**
 * A plan, or a function that makes one from the page's settings, whose type only its caller knows.
 */
export type TrainingPlanner =
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as what JSON.parse returns
  TrainingPlan | ((settings: any) => TrainingPlan | Promise<TrainingPlan>);

/** Milliseconds between messages about progress, if memory cannot be shared. */
const REPORT_MS = 50;

type Line = Port<unknown, WorkerMessage>;

/** Loads the weights or the checkpoint that the page sent, if any. */
async function loadStart(model: Model, { weights, checkpoint }: Order): Promise<void> {
  if (weights) await model.fromSafetensors(weights, { source: "weights" });
  if (checkpoint) {
    const whole = { source: "checkpoint", includeOptimizer: true };
    await model.fromSafetensors(checkpoint, whole);
  }
}

/** A training under way, and its answers to the page's requests. */
class Training {
  readonly #port: Line;
  readonly #values: Float64Array;
  readonly #isShared: boolean;
  readonly #saving: SaveOptions;
  readonly #aborts = new AbortController();
  #lastReport = performance.now();
  /** Promise that resume fulfils; undefined unless training is paused. */
  #pause: Promise<void> | undefined;
  #resume = (): void => undefined;
  /** Promise of the compiled model; it stays pending if compiling fails. */
  readonly #model: Promise<Model>;
  #compiled!: (model: Model) => void;
  /** True once the page knows of the end: it would take later messages for the next training's. */
  isOver = false;

  constructor(port: Line, { progress, includeOptimizer }: Order) {
    this.#port = port;
    this.#saving = { includeOptimizer };
    this.#isShared = progress !== undefined;
    this.#values = new Float64Array(progress ?? new ArrayBuffer(PROGRESS_BYTES));
    clearProgress(this.#values);
    this.#model = new Promise((resolve) => (this.#compiled = resolve));
  }

  /** Waits for a promise, or until the page aborts. @throws the abort's reason */
  unlessAborted<T>(wait: Promise<T>): Promise<T> {
    const { signal } = this.#aborts;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => {
        reject(signal.reason as Error);
      });
    });
    return Promise.race([wait, aborted]);
  }

  handle(kind: Request): void {
    if (kind === "weights") void this.#sendWeights();
    else this.#control(kind);
  }

  #control(kind: Exclude<Request, "weights">): void {
    if (kind === "pause") {
      // No resume would follow an abort.
      if (this.#aborts.signal.aborted) return;
      this.#pause ??= new Promise((resolve) => (this.#resume = resolve));
      return;
    }
    this.#pause = undefined;
    this.#resume();
    if (kind === "abort") this.#aborts.abort();
    this.#report({ paused: false }, true);
  }

  async run(plan: TrainingPlan, order: Order): Promise<TrainingResult> {
    const data = order.data ?? plan.data;
    if (!data)
      throw new TypeError("serveTraining: expected data of the page or of the plan, got none");
    const engine = await createEngine({ ...plan.engine, ...order.engine });
    try {
      const model = engine.compile(plan.network, plan.compile);
      await loadStart(model, order);
      this.#compiled(model);
      const validation = order.fit.validation ?? plan.validation;
      const history = await model.fit(data, {
        ...order.fit,
        ...(validation && { validation }),
        callbacks: [...(plan.callbacks ?? []), this.#watcher()],
        signal: this.#aborts.signal,
      });
      return { history, weights: await model.toSafetensors(this.#saving), info: engine.info };
    } finally {
      engine.dispose();
    }
  }

  /** Returns the callback that reports to the page, and waits while training is paused. */
  #watcher(): Callback {
    return {
      onBatchEnd: (batch) => {
        this.#report(batch);
        // Reported here, where it waits: a step may run between the request and this.
        if (this.#pause) this.#report({ paused: true }, true);
        return this.#pause;
      },
      onEpochEnd: (epoch) => {
        this.#port.postMessage({ kind: "epoch", epoch });
      },
    };
  }

  /** Answers between two steps, because no event arrives during one. */
  async #sendWeights(): Promise<void> {
    const model = await this.#model;
    const answer = await model.toSafetensors(this.#saving).then(
      (weights) => ({ kind: "weights", weights }) as const,
      (error: unknown) => ({ kind: "noWeights", error: sendable(error) }) as const,
    );
    if (!this.isOver) this.#port.postMessage(answer);
  }

  #report(progress: Parameters<typeof writeProgress>[1], atOnce = false): void {
    writeProgress(this.#values, progress);
    if (this.#isShared) return;
    const now = performance.now();
    if (!atOnce && now - this.#lastReport < REPORT_MS) return;
    this.#lastReport = now;
    this.#port.postMessage({ kind: "progress", values: this.#values });
  }
}

/** Returns an error in a form that can be sent, with the name that a copy would lose. */
function sendable(error: unknown): unknown {
  if (!(error instanceof Error)) return describeValue(error);
  const { name, message, stack } = error;
  return { name: String(name), message: String(message), stack: String(stack) };
}

/**
 * Serves the trainings that a page starts with trainInWorker, one after the other. Call it once, in
 * the worker's module.
 * @throws Error on a thread that is not a worker
 * @example
 * // trainer.js
 * serveTraining({
 *   network: sequential([dense(64, { activation: "relu" }), dense(10)]),
 *   compile: { inputShape: [64], loss: crossEntropy(), optimizer: adam() },
 * });
 */
export function serveTraining(planner: TrainingPlanner): void {
  check("serveTraining", "planner", planner, {
    expected: "a plan or a function that makes one",
    is: (value) => typeof value === "function" || (typeof value === "object" && value !== null),
  });
  const port: Line = parentPort("serveTraining");
  const lock = holdLock();
  let training: Training | undefined;
  const train = async (order: Order): Promise<void> => {
    const own = new Training(port, order);
    training = own;
    void lock.then((name) => {
      if (name !== undefined) port.postMessage({ kind: "lock", lock: name });
    });
    try {
      // A planner may load data, which may take any time.
      const unchecked = await own.unlessAborted(
        Promise.resolve(typeof planner === "function" ? planner(order.settings) : planner),
      );
      const plan = checkOptions("serveTraining", unchecked, {
        network: anything,
        compile: anything,
        data: dataset(),
        validation: dataset(),
        callbacks: list("a list of callbacks"),
        engine: object("an object of options"),
      });
      port.postMessage({ kind: "done", result: await own.run(plan, order) });
    } catch (error) {
      port.postMessage({ kind: "failed", error: sendable(error) });
    } finally {
      own.isOver = true;
      if (training === own) training = undefined;
    }
  };
  port.onmessageerror = () => {
    // During a training, a message that cannot be read is not an order.
    if (training) return;
    const error = new Error("serveTraining: expected an order that can be read, got another");
    port.postMessage({ kind: "failed", error: sendable(error) });
  };
  port.onmessage = ({ data: message }) => {
    // The page may send its worker other messages as well.
    const kind = (message as PageMessage | null)?.kind;
    if (kind === "train") void train((message as TrainMessage).order);
    else if (kind && REQUESTS.includes(kind)) training?.handle(kind);
  };
}
