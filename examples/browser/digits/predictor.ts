import { type Engine, type Model, createEngine } from "gradlane";
import { FeatureMaps } from "./maps.ts";
import { type NetworkSettings, compileOptions, digitNetwork } from "./network.ts";

/** The page's own copy of the network, which takes the worker's weights and reads what is drawn. */
export class Predictor {
  readonly #engine: Engine;
  #settings: NetworkSettings;
  #model: Model;
  /** Undefined for a dense network. */
  #maps: FeatureMaps | undefined;

  private constructor(engine: Engine, settings: NetworkSettings) {
    this.#engine = engine;
    this.#settings = settings;
    this.#model = engine.compile(digitNetwork(settings), compileOptions(settings));
    this.#maps = mapsFor(engine, settings);
  }

  static async create(settings: NetworkSettings): Promise<Predictor> {
    return new Predictor(await createEngine(), settings);
  }

  /** Starts again, from the first weights of another network. */
  reset(settings: NetworkSettings): void {
    this.#model.dispose();
    this.#maps?.dispose();
    this.#settings = settings;
    this.#model = this.#engine.compile(digitNetwork(settings), compileOptions(settings));
    this.#maps = mapsFor(this.#engine, settings);
  }

  /** Settings of the network that there is, which the form may have left behind. */
  get settings(): NetworkSettings {
    return this.#settings;
  }

  /** @param weights as safetensors, of a network of the same size */
  async load(weights: Uint8Array): Promise<void> {
    await this.#model.fromSafetensors(weights);
  }

  /** Probability of each digit, for an image of 64 pixels from 0 to 1. */
  probabilities(image: Float32Array): Float64Array {
    const logits = this.#model.predict(image).data;
    const largest = Math.max(...logits);
    const powers = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / sum);
  }

  /** The first layer's weights: pixels × units, or pixels of a filter × filters, row-major. */
  get filters(): Float32Array {
    return this.#model.parameters[0]!.data;
  }

  /** Answers of each filter of the first layer to an image: pixels × filters, row-major. */
  featureMaps(image: Float32Array): Float32Array | undefined {
    const [weight, bias] = this.#model.parameters;
    return this.#maps?.of(image, weight!.data, bias!.data);
  }

  /**
   * Over all parameters' bytes, in order, as hex: what `gradlane train --json` calls weightsSha256.
   * Undefined where browsers do not compute it: on pages over plain HTTP, but for localhost.
   */
  async weightsSha256(): Promise<string | undefined> {
    if (!isSecureContext) return undefined;
    const parts = this.#model.parameters.map(({ data }) => new Uint8Array(data.slice().buffer));
    const bytes = await new Blob(parts).arrayBuffer();
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
}

function mapsFor(engine: Engine, { kind, units }: NetworkSettings): FeatureMaps | undefined {
  return kind === "convolutional" ? new FeatureMaps(engine, units) : undefined;
}
