import { checkOptions, describeValue, whole } from "../base/arguments.ts";
import { freezeButTag, printable, renameDisposed } from "../base/printable.ts";
import { type Blueprint, type InputSpec, blockOf } from "../compile/parameters.ts";
import type { Features } from "../compile/options.ts";
import { type States, recordNetwork } from "../compile/recording.ts";
import { describe, size } from "../graph/node.ts";
import { MOST_IDS } from "../graph/ops/embedding.ts";
import { Model, traineeOf } from "../model/model.ts";
import { POSITIONS } from "../plan/inputs.ts";
import { type Prediction, predictedForm } from "../training/evaluate.ts";
import type { Trainee } from "../training/trainee.ts";

/** @throws TypeError unless it is a model; Error after its dispose; returns its parts */
export function checkedModel(who: string, model: Model): Trainee {
  if (model instanceof Model) return traineeOf(model);
  const came = describeValue(model);
  throw new TypeError(`${who}: expected model to be a model of compile, got ${came}`);
}

/** Options of createDecoder. */
export interface DecoderOptions {
  /** Number of sequences that are decoded beside each other; 1 by default. */
  readonly batchSize?: number;
  /**
   * Number of steps that there is room for; by default those of the model's inputShape. Networks without
   * attention and positions have no bound.
   */
  readonly length?: number;
}

/** @throws RangeError unless the network has one input, of steps with features or of ids */
function checkSequences({ inputs, ids }: Blueprint): void {
  const [{ name, shape, wholes }] = inputs as [InputSpec];
  if (inputs.length > 1) {
    const names = inputs.map(({ name }) => name).join(", ");
    throw new RangeError(`createDecoder: expected a network of one input, got ${names}`);
  }
  if (shape.length > 1 || wholes || ids.has(name)) return;
  const expected = "a network of sequences [steps, features] or of ids [steps]";
  throw new RangeError(`createDecoder: expected ${expected}, got ${describe(shape)}`);
}

/** Work of a decoder, its memory, and whether a network reads where its steps are. */
interface Layout {
  readonly states: States;
  readonly isBounded: boolean;
}

/** Predicts for steps of sequences behind those that it has been given before. Made by createDecoder. */
export class Decoder extends Object {
  /** Number of sequences. */
  readonly batchSize: number;
  /** Number of steps that there is room for; Infinity if there is no bound. */
  readonly length: number;
  readonly #trainee: Trainee;
  readonly #room: number;
  readonly #states: States;
  #position = 0;
  #isLive = true;

  /** @throws as createDecoder */
  constructor(model: Model, options: DecoderOptions = {}) {
    super();
    const trainee = checkedModel("createDecoder", model);
    const rules = { batchSize: whole(1), length: whole(1, MOST_IDS) };
    const chosen = checkOptions("createDecoder", options, rules);
    const { inputs } = trainee.parts.blueprint;
    checkSequences(trainee.parts.blueprint);
    this.#trainee = trainee;
    this.batchSize = chosen.batchSize ?? 1;
    this.#room = chosen.length ?? inputs[0]!.shape[0]!;
    const { states, isBounded } = this.#layOut();
    this.#states = states;
    this.length = isBounded ? this.#room : Infinity;
    const title = `Decoder(${this.batchSize} x ${this.length})`;
    printable<Decoder>(this, title, () => title);
    freezeButTag(this);
  }

  /** Number of steps that it has been given since the start or the last reset. */
  get position(): number {
    return this.#position;
  }

  /**
   * Returns the network's output for steps that follow those of the calls before.
   * @param x steps [batchSize, steps, ...features], row-major: one step, or more, as of a prompt
   * @returns [batchSize, steps, ...], or what the network has for the last step alone; a view that is good
   * until the next call of the model or of any of its decoders
   * @throws TypeError or RangeError for wrong data, or for more steps than there is room for; it is as
   * before then
   * @example
   * const net = sequential([embedding(17, 8), lstm(16, { returnSequences: true }), dense(17)]);
   * const model = engine.compile(net, { inputShape: [20], loss: crossEntropy(), optimizer: adam() });
   * const decoder = createDecoder(model);
   * decoder.predict(Int32Array.of(3, 1, 4)).shape; // [1, 3, 17]
   * decoder.predict(Int32Array.of(1)).shape; // [1, 1, 17]
   */
  predict(x: Features): Prediction {
    const { batches, parts, workspace } = this.#live;
    const inputs = batches.list("predict", x);
    const steps = batches.checkSteps("predict", inputs[0]!, this.batchSize);
    const left = this.length - this.#position;
    if (steps > left) {
      const expected = `at most ${left} more steps of ${this.length}`;
      throw new RangeError(`predict: expected ${expected}, got ${steps}; reset starts anew`);
    }
    const task = { steps, length: this.#room, states: this.#states };
    const rows = this.batchSize;
    const form = predictedForm(inputs);
    const { program, prediction } = workspace.program("decode", rows, form, task);
    const [planned] = parts.blueprint.inputs[0]!.shape;
    batches.reserveStaging(inputs, Math.ceil((steps * rows) / planned!));
    batches.stage(program, inputs);
    const { heap } = parts.runtime;
    const positions = program.input(POSITIONS);
    for (let i = 0; i < steps; i++) heap.words[positions.address / 4 + i] = this.#position + i;
    positions.bind({ source: positions.address });
    program.run();
    this.#position += steps;
    const { shape } = prediction;
    return { data: heap.view(program.address(prediction), size(shape))(), shape };
  }

  /**
   * Forgets all steps: the next ones are the first.
   * @throws Error after dispose
   * @example
   * const net = sequential([lstm(8), dense(1)]);
   * const model = engine.compile(net, { inputShape: [50, 4], loss: mse(), optimizer: adam() });
   * const decoder = createDecoder(model);
   * decoder.predict(new Float32Array(3 * 4));
   * decoder.reset();
   * decoder.position; // 0
   */
  reset(): void {
    const { heap } = this.#live.parts.runtime;
    const { at, block } = this.#states;
    heap.bytes.fill(0, at, at + block.bytes);
    this.#position = 0;
  }

  /**
   * Gives its memory back to the model. It cannot be used after that.
   * @example
   * const net = sequential([lstm(8), dense(1)]);
   * const model = engine.compile(net, { inputShape: [50, 4], loss: mse(), optimizer: adam() });
   * const decoder = createDecoder(model);
   * decoder.dispose();
   */
  dispose(): void {
    if (!this.#isLive) return;
    this.#isLive = false;
    renameDisposed(this);
    // Both are nothing once the model has been disposed.
    this.#trainee.workspace.forget(this.#states);
    this.#trainee.allocations.release(this.#states.at);
  }

  /** Disposes at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @throws Error after the decoder's, the model's or the engine's dispose */
  get #live(): Trainee {
    if (!this.#isLive) throw new Error("decoder: expected a live decoder, it has been disposed");
    this.#trainee.workspace.checkAlive();
    return this.#trainee;
  }

  /** Records one step to learn what layers keep, and allocates that. */
  #layOut(): Layout {
    const { parts, allocations } = this.#trainee;
    const nothing = { block: blockOf([]), at: 0 };
    const decoding = { steps: 1, length: this.#room, states: nothing };
    const recorded = recordNetwork(parts, { does: "decode", rows: this.batchSize, decoding });
    const { traced, tape, positions } = recorded;
    const block = blockOf(traced.states.specs);
    const at = allocations.allocate("state", block.bytes, "createDecoder");
    parts.runtime.heap.bytes.fill(0, at, at + block.bytes);
    const isBounded = tape.nodes.some(({ inputs }) => inputs.includes(positions!));
    return { states: { block, at }, isBounded };
  }
}

/**
 * Makes a decoder, which predicts step by step where `predict` wants whole sequences: recurrent layers go on from
 * their states, causal attention from the keys and values that it keeps, positions count on. Its weights are the
 * model's, of whatever step of training. Other layers that mix steps, such as conv1d, flatten and bidirectional,
 * refuse it, but ops of a network's own on the axis of steps are not noticed.
 * @throws TypeError or RangeError for wrong options; RangeError for a network that cannot go on step by step,
 * that has several inputs, or if the memory has no room; Error after dispose
 * @example
 * const net = sequential([lstm(32, { returnSequences: true }), dense(1)]);
 * const model = engine.compile(net, { inputShape: [50, 8], loss: mse(), optimizer: adam() });
 * const decoder = createDecoder(model);
 * decoder.predict(new Float32Array(5 * 8)).shape; // [1, 5, 1]
 * decoder.predict(new Float32Array(8)).shape; // [1, 1, 1]
 * decoder.position; // 6
 */
export function createDecoder(model: Model, options: DecoderOptions = {}): Decoder {
  return new Decoder(model, options);
}
