import { type Rules, check, checkOptions, describeValue, whole } from "../base/arguments.ts";
import type { Model } from "../model/model.ts";
import { type Decoder, checkedModel, createDecoder } from "./decoder.ts";
import { type SamplerOptions, createSampler, samplerRules } from "./sampler.ts";

/** Options of generate. */
export interface GenerateOptions extends SamplerOptions {
  /** Number of ids to generate; no end by default, so that the loop has to break. */
  readonly count?: number;
  /** Number of steps that the network sees at a time; by default those of the model's inputShape. */
  readonly length?: number;
}

const generateRules = (): Rules<GenerateOptions> => ({
  ...samplerRules(),
  count: whole(0),
  length: whole(1),
});

function isList(prompt: unknown): boolean {
  if (!Array.isArray(prompt) && !ArrayBuffer.isView(prompt)) return false;
  return "length" in prompt && Array.from(prompt as number[]).every((id) => typeof id === "number");
}

/** @throws TypeError or RangeError unless they are ids that the model knows, at least one */
function checkPrompt(model: Model, prompt: ArrayLike<number>): Int32Array {
  check("generate", "prompt", prompt, { expected: "a list of ids", is: isList });
  if (prompt.length === 0) {
    throw new RangeError("generate: expected prompt to have at least one id, got none");
  }
  const { blueprint } = checkedModel("generate", model).parts;
  const { most = 2 ** 31 - 1 } = blueprint.inputs[0]?.wholes ?? {};
  const wrong = Array.from(prompt).findIndex((id) => !(id === (id | 0) && id >= 0 && id <= most));
  if (wrong < 0) return Int32Array.from(prompt);
  const expected = `prompt to hold ids from 0 to ${most}`;
  const came = `${describeValue(prompt[wrong])} at position ${wrong}`;
  throw new RangeError(`generate: expected ${expected}, got ${came}`);
}

/** Keeps the ids that a decoder has seen, to start anew from their end when it has no more room. */
class Text {
  readonly #decoder: Decoder;
  readonly #ids: number[];

  constructor(decoder: Decoder, prompt: Int32Array) {
    this.#decoder = decoder;
    this.#ids = [...prompt];
  }

  /** Returns the logits behind the prompt, or as much of its end as there is room for. */
  start(): Float32Array {
    return this.#logits(this.#ids.slice(-Math.min(this.#decoder.length, this.#ids.length)));
  }

  /** Returns the logits behind one more id. */
  goOn(id: number): Float32Array {
    const decoder = this.#decoder;
    this.#ids.push(id);
    if (decoder.length === Infinity) this.#ids.length = 0;
    if (decoder.position < decoder.length) return this.#logits([id]);
    decoder.reset();
    this.#ids.splice(0, this.#ids.length - Math.ceil(decoder.length / 2));
    return this.#logits(this.#ids);
  }

  #logits(ids: readonly number[]): Float32Array {
    const { data, shape } = this.#decoder.predict(Int32Array.from(ids));
    if (shape.length > 3) {
      const came = `[steps, ${shape.slice(2).join(", ")}]`;
      throw new RangeError(
        `generate: expected a network that gives logits [steps, classes], got ${came}`,
      );
    }
    return data.subarray(data.length - shape.at(-1)!);
  }
}

/** Generates ids; its memory is allocated when the first is asked for, as the caller may ask for none. */
function* idsOf(model: Model, prompt: Int32Array, options: GenerateOptions) {
  const { count = Infinity, length, ...sampling } = options;
  const sample = createSampler(sampling);
  const decoder = createDecoder(model, length === undefined ? {} : { length });
  try {
    const text = new Text(decoder, prompt);
    let logits = count > 0 ? text.start() : undefined;
    for (let i = 1; logits; i++) {
      const id = sample(logits);
      yield id;
      logits = i < count ? text.goOn(id) : undefined;
    }
  } finally {
    decoder.dispose();
  }
}

/**
 * Generates ids one by one, each drawn by the logits of the network for what came before: the prompt, and
 * the ids so far. The model maps ids [steps] to logits [steps, classes], or to the last step's [classes]. It
 * computes each step once: states and keys are kept. Equal weights, prompts, options and seeds give the same
 * ids in every engine of math "strict", with any number of threads.
 *
 * It starts anew from the last half of the steps where the network has no room left.
 * @param prompt ids to start from, at least one
 * @returns a generator of ids; leaving the loop frees what it holds
 * @throws TypeError or RangeError for wrong options or prompts. Asking for the first id throws as createDecoder and
 * its predict do, and any id RangeError if a logit is NaN.
 * @example
 * const net = sequential([embedding(17, 8), lstm(16, { returnSequences: true }), dense(17)]);
 * const model = engine.compile(net, { inputShape: [20], loss: crossEntropy(), optimizer: adam() });
 * const ids = [...generate(model, [3, 1, 4], { count: 5, temperature: 0.8, topK: 10, seed: 1 })];
 * ids.length; // 5
 */
export function generate(
  model: Model,
  prompt: ArrayLike<number>,
  options: GenerateOptions = {},
): Generator<number, void, undefined> {
  const chosen = checkOptions("generate", options, generateRules());
  return idsOf(model, checkPrompt(model, prompt), chosen);
}
