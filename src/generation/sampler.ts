import { type Rules, checkOptions, numberFrom, whole } from "../base/arguments.ts";
import { check, share } from "../base/arguments.ts";
import { philox } from "../base/philox.ts";
import { exp } from "../base/portable-math.ts";
import { SAMPLE_STREAM } from "../base/random-streams.ts";
import { seedWords } from "../initializers.ts";

/** Options of createSampler. */
export interface SamplerOptions {
  /**
   * Divisor of the logits, from 0 on; 1 by default. Below 1 likely ids become likelier still, and 0 takes the
   * likeliest always.
   */
  readonly temperature?: number;
  /** Number of the likeliest ids that are drawn from; all of them by default (Fan and others 2018). */
  readonly topK?: number;
  /**
   * Probability, in (0, 1], that the likeliest ids which are drawn from have together at least, after topK;
   * 1, which is all of them, by default (nucleus sampling, Holtzman and others 2020).
   */
  readonly topP?: number;
  /** Seed of the draws: a whole number from 0 to 2^53 - 1; 0 by default. */
  readonly seed?: number;
}

/** Rules for SamplerOptions. */
export const samplerRules = (): Rules<SamplerOptions> => ({
  temperature: numberFrom(0),
  topK: whole(1),
  topP: share(),
  seed: whole(0),
});

/** @throws TypeError or RangeError unless they are logits, of which one is finite and none NaN or Infinity */
function checkLogits(logits: Float32Array): void {
  check("sampler", "logits", logits, {
    expected: "a Float32Array of at least one logit",
    is: (value) => value instanceof Float32Array && value.length > 0,
  });
  const wrong = logits.findIndex((logit) => !(logit < Infinity));
  if (wrong >= 0) {
    throw new RangeError(`sampler: expected finite logits, got ${logits[wrong]} for id ${wrong}`);
  }
  if (logits.every((logit) => logit === -Infinity)) {
    throw new RangeError("sampler: expected a finite logit, got -Infinity for all ids");
  }
}

/** Returns the id of the largest logit: the lowest one of equals. */
function likeliest(logits: Float32Array): number {
  return logits.reduce((best, logit, id) => (logit > logits[best]! ? id : best), 0);
}

/** Returns how many of the weights, the largest of which come first, have this share of their sum. */
function nucleus(weights: readonly number[], share: number): number {
  const wanted = share * weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  const last = weights.findIndex((weight) => (sum += weight) >= wanted);
  return last < 0 ? weights.length : last + 1;
}

/**
 * Returns a function that draws an id by its logits: from softmax(logits / temperature), among the topK
 * likeliest ids and then those of the nucleus. Equal options, seeds and logits give the same ids on every
 * machine, draw by draw: numbers come from a Philox stream, and exponentials from + - * / alone.
 * @throws TypeError if an option has the wrong type; RangeError if one is out of range or unknown. The function
 * throws them for logits that are not finite (-Infinity excepted, which has probability 0).
 * @example
 * const sample = createSampler({ temperature: 0.8, topK: 2, seed: 1 });
 * sample(Float32Array.of(-1, 3, 2, -5)); // 1
 */
export function createSampler(options: SamplerOptions = {}): (logits: Float32Array) => number {
  const chosen = checkOptions("createSampler", options, samplerRules());
  const { temperature = 1, topK = Infinity, topP = 1, seed = 0 } = chosen;
  const key = seedWords(seed);
  let draws = 0;

  /** Returns a number in [0, 1) of 53 bits. */
  function draw(): number {
    draws++;
    const counter = [Math.floor(draws / 2 ** 32), draws % 2 ** 32, SAMPLE_STREAM, 0] as const;
    const [a, b] = philox(counter, key);
    return ((a >>> 5) * 2 ** 26 + (b >>> 6)) / 2 ** 53;
  }

  return (logits) => {
    checkLogits(logits);
    if (temperature === 0) return likeliest(logits);
    const ids = Array.from(logits, (_, id) => id);
    if (topK < ids.length || topP < 1) ids.sort((a, b) => logits[b]! - logits[a]! || a - b);
    const most = logits[likeliest(logits)]!;
    const weights = ids
      .slice(0, topK)
      .map((id) => (logits[id] === most ? 1 : exp((logits[id]! - most) / temperature)));
    const kept = topP < 1 ? weights.slice(0, nucleus(weights, topP)) : weights;
    let left = draw() * kept.reduce((sum, weight) => sum + weight, 0);
    const at = kept.findIndex((weight) => (left -= weight) < 0);
    // Rounding may leave a rest behind the last one.
    return ids[at < 0 ? kept.findLastIndex((weight) => weight > 0) : at]!;
  };
}
