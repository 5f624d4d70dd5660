// A network that learns a text step by step. It writes what comes next, and can be saved to go on later.
import { generate } from "gradlane";
import { decodeSafetensors, encodeSafetensors } from "gradlane/safetensors";
import { compile } from "./network.mjs";
import { Alphabet, allWindows, randomWindows, split } from "./text.mjs";

/** Name under which a file of weights says what they belong to. */
const STATE = "gpt";

export class Trainer {
  /**
   * @param settings those of RECIPE
   * @throws RangeError for a text that is too short, or has characters that are not in the alphabet
   */
  constructor(engine, text, settings, alphabet = Alphabet.of(text)) {
    this.settings = settings;
    this.alphabet = alphabet;
    const { train, validation } = split(alphabet.encode(text), settings.context);
    this.train = train;
    this.validation = allWindows(validation, settings.context);
    this.model = compile(engine, settings, alphabet.characters.length);
    this.step = 0; // how many are done
  }

  /** Goes on from what `save` returned; the settings are those of then, but for some changes. */
  static async resume(engine, text, bytes, changes = {}) {
    const { step, characters, settings } = readState(bytes);
    const alphabet = new Alphabet(characters);
    const trainer = new Trainer(engine, text, { ...settings, ...changes }, alphabet);
    await trainer.model.fromSafetensors(bytes, { includeOptimizer: true });
    trainer.step = step;
    return trainer;
  }

  get isDone() {
    return this.step >= this.settings.steps;
  }

  /** Trains on the windows of the next step; returns their loss before it. */
  trainStep() {
    const { x, y } = randomWindows(this.train, this.settings, this.step);
    this.step++;
    return this.model.trainStep(x, y);
  }

  /**
   * Mean loss over the part of the text that is not trained on, in nats per character.
   * @param windows how many of its windows are enough; all by default
   */
  async validationLoss(windows = Infinity) {
    const { x, y } = this.validation;
    const end = windows * this.settings.context;
    const { loss } = await this.model.evaluate({ x: x.subarray(0, end), y: y.subarray(0, end) });
    return loss;
  }

  /**
   * Continues a text, character by character.
   * @param prompt what to continue; a new line if it is empty
   * @param options count, temperature, topK, topP and seed, as those of gradlane's generate
   */
  *write(prompt, options) {
    const { characters } = this.alphabet;
    const start = characters.includes("\n") ? "\n" : characters[0];
    const ids = this.alphabet.encode(prompt || start);
    for (const id of generate(this.model, ids, options)) yield characters[id];
  }

  /** Weights, the optimizer's state, settings and alphabet: a safetensors file that others can read too. */
  async save() {
    const { step, settings } = this;
    const { characters } = this.alphabet;
    const bytes = await this.model.toSafetensors({ includeOptimizer: true });
    const { tensors, metadata } = decodeSafetensors(bytes, STATE);
    const named = Array.from(tensors, ([name, tensor]) => ({ name, ...tensor }));
    const state = JSON.stringify({ step, characters, settings });
    return encodeSafetensors(named, { ...metadata, [STATE]: state });
  }
}

/** @throws RangeError if `save` did not make the file */
function readState(bytes) {
  const { metadata } = decodeSafetensors(bytes, "weights");
  if (metadata[STATE] !== undefined) return JSON.parse(metadata[STATE]);
  throw new RangeError("expected weights that this example has saved, got others");
}
