import { check, checkArguments, checkOptions as checkNames } from "../base/arguments.ts";
import { anything, numberFrom, text, whole } from "../base/arguments.ts";
import { size } from "../graph/node.ts";
import type { Network } from "../layers/layer.ts";
import { type OnDemand, load } from "../base/on-demand.ts";
import { freezeButTag, printable, renameDisposed } from "../base/printable.ts";
import type { Runtime } from "../wasm/runtime.ts";
import { memoryPlanOf } from "../compile/allocation.ts";
import { byteInputMask } from "../training/batches.ts";
import { type Prediction, Predictor, evaluate } from "../training/evaluate.ts";
import { fit } from "../training/fit.ts";
import type { Trainee } from "../training/trainee.ts";
import type { CompileOptions, Features, MemoryPlan, NamedFeatures } from "../compile/options.ts";
import type { ParameterGroup } from "../compile/parameter-groups.ts";
import type { Dataset, Evaluation, FitOptions, FitSource } from "../training/options.ts";
import type { History } from "../training/callbacks.ts";
import type { Targets } from "../compile/options.ts";
import type { LoadOptions, LoadReport, SaveOptions } from "../training/options.ts";
import type { ModelBuffer, Parameter } from "../compile/parameters.ts";
import { trainingOf } from "../compile/tasks.ts";
import { filePath, loadRules, saveRules } from "../training/option-rules.ts";
import { clearStates, copyState } from "../training/optimizer-state.ts";
import { summary, title } from "../training/summary.ts";
import { buildModel, regroup } from "./build.ts";

/** Code that reads and writes weights, loaded on demand: most programs only train and predict. */
export const files: OnDemand<typeof import("./weights.ts")> = {
  import: () => import("./weights.ts"),
};

/**
 * Returns the parts of a live model, for functions beside it that most programs leave out.
 * @throws Error after the model's or the engine's dispose
 */
export let traineeOf: (model: Model) => Trainee;

/** A network with its parameters, gradients and optimizer state in an engine's memory. */
export class Model extends Object {
  /** Weight and bias of each layer, in order. */
  readonly parameters: readonly Parameter[];
  /** Arrays that layers keep from step to step without training them, such as running means. */
  readonly buffers: readonly ModelBuffer[];
  readonly #trainee: Trainee;
  readonly #predictor: Predictor;

  static {
    traineeOf = (model) => model.#live;
  }

  /**
   * @throws RangeError or TypeError for wrong options, for layers that do not fit each other, or
   * where the memory has no room; the engine is then as before
   */
  constructor(runtime: Runtime, network: Network, chosen: CompileOptions) {
    super();
    const { trainee, parameters, buffers } = buildModel(runtime, network, chosen, this);
    this.#trainee = trainee;
    this.#predictor = new Predictor(trainee);
    this.parameters = parameters;
    this.buffers = buffers;
    const line = title(trainee.parts.blueprint);
    printable<Model>(this, line, (_, whole) => {
      trainee.workspace.checkAlive();
      return whole ? `${line}\n${this.summary()}` : line;
    });
    freezeButTag(this);
  }

  /**
   * Takes one step of the optimizer over a batch, in one WebAssembly call.
   * @param x examples [batch, ...inputShape], row-major; by name for a network with several inputs
   * @param y class indices [batch, ...], one for each row of the output, or numbers [batch, ...outputShape], row-major
   * @param sampleWeights weight of each example in the loss, [batch]; 1 by default (Dataset.sampleWeights)
   * @returns loss of the batch before the step. A NaN or infinite loss spoils the weights; fit and
   * `checkFinite` prevent that.
   * @throws TypeError or RangeError for wrong data, or RangeError for a network that records itself
   * differently for this batch size; the weights are then as before
   * @throws ThreadError if a thread of the engine is lost; the step may then be half done
   * @example
   * const x = train.x.subarray(0, 32 * 64);
   * const loss = model.trainStep(x, train.y.subarray(0, 32));
   */
  trainStep(x: Features | NamedFeatures, y: Targets, sampleWeights?: Float32Array): number {
    const { batches, workspace, stepper, parts } = this.#live;
    trainingOf(parts, "trainStep");
    const inputs = batches.list("trainStep", x);
    const rows = batches.checkFeatures("trainStep", inputs);
    const wanted = batches.copyIfAliased(y);
    const targets = batches.checkTargets("trainStep", wanted, rows);
    const weights = batches.weigh("trainStep", sampleWeights, wanted, targets, rows);
    const form = { byteInputs: byteInputMask(inputs), targets, weighted: weights !== undefined };
    const { program } = workspace.program("train", rows, form);
    batches.stage(program, inputs, wanted, weights);
    stepper.step(program);
    return parts.results.loss;
  }

  /**
   * Trains for some epochs; see FitOptions. The last partial batch of an epoch is trained too.
   * @throws TypeError or RangeError for wrong data or options, before anything is changed; the
   * signal's reason when it is aborted, and the weights stay as the last step left them. RangeError
   * when a step's loss, or a weight at a snapshot, is NaN or infinite, naming epoch, batch and step
   * (as onBatchEnd counts them); ThreadError if a thread of the engine is lost. After both the
   * weights, the optimizer's state, buffers and counters are those of the last snapshot
   * (FitOptions.snapshotSteps), from where the next fit goes on, with one thread if others have
   * been lost
   * @example const { epochs } = await model.fit(train, { epochs: 5, batchSize: 32, validation: test
   * }); console.log(epochs.at(-1)?.validationAccuracy);
   */
  async fit(data: FitSource, options: FitOptions = {}): Promise<History> {
    return fit(this.#live, data, options);
  }

  /**
   * The mean loss over a data set, and the accuracy if the model counts it; changes nothing.
   * @throws TypeError or RangeError for wrong data
   * @example
   * await model.evaluate(test); // { loss: 2.31…, accuracy: 0.083… }
   */
  async evaluate(data: Dataset, options: { batchSize?: number } = {}): Promise<Evaluation> {
    const { batches, batchSize: planned } = this.#live;
    const { batchSize = planned } = checkNames("evaluate", options, { batchSize: whole(1) });
    return evaluate(this.#trainee, batches.examples("evaluate", data), batchSize);
  }

  /**
   * Returns the output of the last layer for each example: logits, if the loss takes logits.
   * @throws TypeError or RangeError for wrong data
   * @example
   * const { data, shape } = model.predict(test.x.subarray(0, 5 * 64));
   * shape; // [5, 10]
   */
  predict(x: Features | NamedFeatures): Prediction;
  predict(x: Features | NamedFeatures, ...none: unknown[]): Prediction {
    if (none.length > 0) checkArguments("predict", [x, ...none], { x: anything });
    const { batches, batchSize, parts } = this.#live;
    const inputs = batches.list("predict", x);
    const count = batches.checkFeatures("predict", inputs);
    const at = this.#predictor.predict(inputs, count, batchSize);
    const shape = [count, ...parts.blueprint.outputShape];
    return { data: parts.runtime.heap.view(at, size(shape))(), shape };
  }

  /**
   * Sets the states of layers that go on from batch to batch (option `stateful`) to zeros.
   * @throws TypeError for an argument, Error after dispose
   * @example
   * model.resetStates();
   */
  resetStates(): void;
  resetStates(...none: unknown[]): void {
    checkArguments("resetStates", none);
    clearStates(this.#live.parts);
  }

  /**
   * Bytes of the engine's memory that this model holds now; 0 after dispose.
   * @throws Error after the engine's dispose
   */
  get memoryPlan(): MemoryPlan {
    this.#trainee.parts.runtime.heap.checkLive();
    return memoryPlanOf(this.#trainee.allocations);
  }

  /**
   * Layers, shapes, parameters, multiply-adds for one example, and memory as a table. The total includes
   * products outside of layers. Labels past 80 columns lose the kind, which the name has, and then their end.
   * @example
   * console.log(model.summary());
   */
  summary(): string {
    return summary(this.#trainee.parts.blueprint, this.memoryPlan);
  }

  /** The learning rate of the next step; under a schedule, of the last one. */
  get learningRate(): number {
    const { parts } = this.#live;
    return parts.runtime.heap.doubles[trainingOf(parts, "learningRate").hyperparameters / 8]!;
  }

  /**
   * It may be set between steps.
   * @throws TypeError unless it is a number, RangeError unless it is finite and from 0 on, Error
   * under a schedule
   */
  set learningRate(rate: number) {
    const { parts } = this.#live;
    const { hyperparameters } = trainingOf(parts, "learningRate");
    if (parts.settings.optimizer!.schedule) {
      throw new Error("learningRate: expected a constant one to set, a schedule gives it");
    }
    check("model", "learningRate", rate, numberFrom(0));
    parts.runtime.heap.doubles[hyperparameters / 8] = rate;
  }

  /**
   * Sets other parameter groups for the steps to come, instead of those of compile or the last call.
   * Parameters that were trained before keep the optimizer's moments; those that were frozen start
   * with zeros.
   * @throws TypeError or RangeError as compile for wrong groups, RangeError where the memory has no
   * room, Error during a fit or without an optimizer; all is as before then
   * @example
   * model.setParameterGroups([{ parameters: "dense1", frozen: true }]);
   * await model.fit(train);
   * model.setParameterGroups([{ parameters: "dense1", learningRate: 1e-4 }]);
   */
  setParameterGroups(groups: readonly ParameterGroup[]): void {
    regroup(this.#live, groups);
  }

  /**
   * The weights, as they are when it is called, as a safetensors file.
   * @example
   * const bytes = await model.toSafetensors();
   */
  async toSafetensors(options: SaveOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    const trainee = this.#live;
    const { includeOptimizer } = checkNames("toSafetensors", options, saveRules());
    const weights = this.#arrays.map(({ name, shape, data }) => {
      return { name, shape, data: data.slice() };
    });
    const state = includeOptimizer ? copyState(trainee) : undefined;
    const { packModel } = await load(files);
    return packModel(weights, trainee.parts, state);
  }

  /**
   * Takes the weights from a safetensors file that toSafetensors made, or another tool.
   * @throws RangeError if it is damaged or of another network, or has no state of an optimizer like
   * this model's where that is to be included; nothing is changed then
   * @example
   * const bytes = await model.toSafetensors({ includeOptimizer: true });
   * await model.fromSafetensors(bytes, { includeOptimizer: true });
   */
  async fromSafetensors(bytes: Uint8Array, options: LoadOptions = {}): Promise<LoadReport> {
    this.#trainee.workspace.checkAlive();
    const rules = { ...loadRules(), source: text() };
    const chosen = checkNames("fromSafetensors", options, rules);
    const { unpackModel } = await load(files);
    return unpackModel(this.#arrays, this.#live, bytes, chosen);
  }

  /**
   * Writes the weights, as they are when it is called, to a file, by a temporary file next to it
   * that is renamed (Node, Deno, Bun).
   * @throws RangeError if the file cannot be written; an older one is then still whole
   * @example await model.save("digits.safetensors", { includeOptimizer: true });
   */
  async save(path: string, options: SaveOptions = {}): Promise<void> {
    check("save", "path", path, filePath());
    const bytes = await this.toSafetensors(checkNames("save", options, saveRules()));
    const { writeFileAtomic } = await load(files);
    await writeFileAtomic(path, bytes);
  }

  /**
   * Reads the weights from a file that save wrote (Node, Deno, Bun).
   * @throws RangeError if there is none, or as fromSafetensors
   * @example
   * await model.save("digits.safetensors");
   * await model.load("digits.safetensors");
   */
  async load(path: string, options: Omit<LoadOptions, "source"> = {}): Promise<LoadReport> {
    this.#trainee.workspace.checkAlive();
    check("load", "path", path, filePath());
    const chosen = checkNames("load", options, loadRules());
    const { readFile } = await load(files);
    return this.fromSafetensors(await readFile(path), { ...chosen, source: path });
  }

  /**
   * Gives its memory back. The model cannot be used after that: its methods, and the arrays of its
   * parameters and buffers, throw an Error.
   * @example
   * model.dispose();
   */
  dispose(): void {
    this.#trainee.workspace.dispose();
    renameDisposed(this);
  }

  /** Disposes at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** All parameters and buffers. */
  get #arrays(): readonly ModelBuffer[] {
    return [...this.parameters, ...this.buffers];
  }

  /** Parts of a live model. @throws Error after dispose */
  get #live(): Trainee {
    this.#trainee.workspace.checkAlive();
    return this.#trainee;
  }
}
