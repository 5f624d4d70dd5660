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

/** What a worker trains: functions cannot cross to it, so its own module says what it is. */
export interface TrainingPlan {
  /** What is trained. */
  readonly network: Network;
  /** The options of engine.compile. */
  readonly compile: CompileOptions;
  /** What to train on, where the page does not say. */
  readonly data?: Dataset;
  /** What to validate on after each epoch, where the page does not say. */
  readonly validation?: Dataset;
  /** Called in the worker. */
  readonly callbacks?: readonly Callback[];
  /** Options of createEngine; the page's come before them. */
  readonly engine?: EngineOptions;
}

/** A plan, or what makes one for the page's settings, whose type only its caller knows. */
export type TrainingPlanner =
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as what JSON.parse returns
  TrainingPlan | ((settings: any) => TrainingPlan | Promise<TrainingPlan>);

/** Milliseconds between messages about progress, where memory cannot be shared. */
const TELL_MS = 50;

type Line = Port<unknown, WorkerMessage>;

/** Brings a model to where the page has training start; to its first weights if that says nothing. */
async function start(model: Model, { weights, checkpoint }: Order): Promise<void> {
  if (weights) await model.fromSafetensors(weights, { source: "weights" });
  if (checkpoint) {
    const whole = { source: "checkpoint", includeOptimizer: true };
    await model.fromSafetensors(checkpoint, whole);
  }
}

/** A training under way, and what the page may do to it. */
class Training {
  readonly #port: Line;
  readonly #values: Float64Array;
  readonly #isShared: boolean;
  readonly #saving: SaveOptions;
  readonly #aborts = new AbortController();
  #told = performance.now();
  /** Fulfilled when the page lets training go on; undefined unless it has been paused. */
  #pause: Promise<void> | undefined;
  #goOn = (): void => undefined;
  /** Fulfilled when it is there, never if it cannot be made. */
  readonly #model: Promise<Model>;
  #compiled!: (model: Model) => void;
  /** Whether the page has been told the end: what else came would be taken for the next training's. */
  isOver = false;

  constructor(port: Line, { progress, includeOptimizer }: Order) {
    this.#port = port;
    this.#saving = { includeOptimizer };
    this.#isShared = progress !== undefined;
    this.#values = new Float64Array(progress ?? new ArrayBuffer(PROGRESS_BYTES));
    clearProgress(this.#values);
    this.#model = new Promise((resolve) => (this.#compiled = resolve));
  }

  /** Waits for what the page's abort ends too. @throws the abort's reason */
  unlessAborted<T>(wait: Promise<T>): Promise<T> {
    const { signal } = this.#aborts;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => {
        reject(signal.reason as Error);
      });
    });
    return Promise.race([wait, aborted]);
  }

  obey(kind: Request): void {
    if (kind === "weights") void this.#tellWeights();
    else this.#steer(kind);
  }

  #steer(kind: Exclude<Request, "weights">): void {
    if (kind === "pause") {
      // There would be no resume.
      if (this.#aborts.signal.aborted) return;
      this.#pause ??= new Promise((resolve) => (this.#goOn = resolve));
      return;
    }
    this.#pause = undefined;
    this.#goOn();
    if (kind === "abort") this.#aborts.abort();
    this.#tell({ paused: false }, true);
  }

  async run(plan: TrainingPlan, order: Order): Promise<TrainingResult> {
    const data = order.data ?? plan.data;
    if (!data)
      throw new TypeError("serveTraining: expected data of the page or of the plan, got none");
    const engine = await createEngine({ ...plan.engine, ...order.engine });
    try {
      const model = engine.compile(plan.network, plan.compile);
      await start(model, order);
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

  /** What tells the page how training goes, and waits where it has been paused. */
  #watcher(): Callback {
    return {
      onBatchEnd: (batch) => {
        this.#tell(batch);
        // Said where it waits, not where it is asked to: a step may be taken in between.
        if (this.#pause) this.#tell({ paused: true }, true);
        return this.#pause;
      },
      onEpochEnd: (epoch) => {
        this.#port.postMessage({ kind: "epoch", epoch });
      },
    };
  }

  /** Between two steps, as nothing else comes to an event while one is under way. */
  async #tellWeights(): Promise<void> {
    const model = await this.#model;
    const answer = await model.toSafetensors(this.#saving).then(
      (weights) => ({ kind: "weights", weights }) as const,
      (error: unknown) => ({ kind: "noWeights", error: sendable(error) }) as const,
    );
    if (!this.isOver) this.#port.postMessage(answer);
  }

  #tell(progress: Parameters<typeof writeProgress>[1], atOnce = false): void {
    writeProgress(this.#values, progress);
    if (this.#isShared) return;
    const now = performance.now();
    if (!atOnce && now - this.#told < TELL_MS) return;
    this.#told = now;
    this.#port.postMessage({ kind: "progress", values: this.#values });
  }
}

/** An error that can be sent, with the name that a copy would lose; its fields may be anything. */
function sendable(error: unknown): unknown {
  if (!(error instanceof Error)) return describeValue(error);
  const { name, message, stack } = error;
  return { name: String(name), message: String(message), stack: String(stack) };
}

/**
 * Makes a worker train what a page's trainInWorker asks for, one after the other. To be called once,
 * in the worker's module.
 * @throws Error on a thread that is no worker
 */
export function serveTraining(planner: TrainingPlanner): void {
  check("serveTraining", "planner", planner, {
    expected: "a plan or a function that makes one",
    is: (value) => typeof value === "function" || (typeof value === "object" && value !== null),
  });
  const port: Line = parentPort("serveTraining");
  const life = holdLock();
  let training: Training | undefined;
  const train = async (order: Order): Promise<void> => {
    const own = new Training(port, order);
    training = own;
    void life.then((lock) => {
      if (lock !== undefined) port.postMessage({ kind: "life", lock });
    });
    try {
      // A planner may load data, for as long as that takes.
      const made = await own.unlessAborted(
        Promise.resolve(typeof planner === "function" ? planner(order.settings) : planner),
      );
      const plan = checkOptions("serveTraining", made, {
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
    // What comes while one is under way is none of its order.
    if (training) return;
    const error = new Error("serveTraining: expected an order that can be read, got another");
    port.postMessage({ kind: "failed", error: sendable(error) });
  };
  port.onmessage = ({ data: message }) => {
    // The page may have messages of its own for its worker.
    const kind = (message as PageMessage | null)?.kind;
    if (kind === "train") void train((message as TrainMessage).order);
    else if (kind && REQUESTS.includes(kind)) training?.obey(kind);
  };
}
