import { type Rules, check, checkOptions, describeValue, instance } from "../base/arguments.ts";
import { needed, positive, whole } from "../base/arguments.ts";
import { philox } from "../base/philox.ts";
import { cosPi, pow } from "../base/portable-math.ts";
import { MIXUP_ORDER_STREAM, MIXUP_STREAM } from "../base/random-streams.ts";
import { seedWords } from "../initializers.ts";

/** Examples that mixup mixes: all that there are, or one batch. */
export interface Unmixed {
  /** Numbers of the examples, row-major; bytes are read as numbers from 0 to 1. */
  readonly x: Float32Array | Uint8Array;
  /** Class indices, one for each example, or `classes` numbers for each. */
  readonly y: Int32Array | Uint8Array | Float32Array;
}

/** Batch of mixed examples. */
export interface MixedBatch {
  /** Numbers of the examples, row-major. */
  readonly x: Float32Array<ArrayBuffer>;
  /** Shares of the classes, [examples, classes]. */
  readonly y: Float32Array<ArrayBuffer>;
}

/** Batches to mix, one after the other. */
export type UnmixedStream = Iterable<Unmixed> | AsyncIterable<Unmixed>;

/** Examples, batches of them, or a function that gives the batches of an epoch, counted from 0. */
export type MixupSource = Unmixed | UnmixedStream | ((epoch: number) => UnmixedStream | Promise<UnmixedStream>);

/** Options of mixup. */
export interface MixupOptions {
  /** Number of classes, or of the numbers in a target. */
  readonly classes: number;
  /**
   * Both parameters of the Beta distribution of shares: the larger, the closer to one half; 0.2 by default, as
   * in Keras. torchvision's default is 1.
   */
  readonly alpha?: number;
  /** Examples of a batch, where the source has none of its own; 32 by default. */
  readonly batchSize?: number;
  /** Seed of the shares and of the order: a whole number from 0 to 2^53 - 1; 0 by default. */
  readonly seed?: number;
}

const rules = (): Rules<MixupOptions> => ({
  classes: needed(whole(1)),
  alpha: positive(),
  batchSize: whole(1),
  seed: whole(0),
});

type Key = ReturnType<typeof seedWords>;

/** Most rejected pairs that have counters of their own; one in two is rejected at most. */
const ATTEMPTS = 2 ** 8;

/** Returns two numbers in (0, 1). */
function drawPair(key: Key, epoch: number, batch: number, attempt: number): [number, number] {
  const words = philox([batch * ATTEMPTS + attempt, epoch + 1, MIXUP_STREAM, 0], key);
  return [(words[0] + 0.5) / 2 ** 32, (words[1] + 0.5) / 2 ** 32];
}

/**
 * Draws from Beta(alpha, alpha). Up to 1 it is Jöhnk's method, above 1 Ulrich's: Devroye, "Non-uniform random
 * variate generation", 1986, chapter IX.
 */
function drawShare(alpha: number, key: Key, epoch: number, batch: number): number {
  if (alpha > 1) {
    const [u, v] = drawPair(key, epoch, batch, 0);
    return 0.5 + 0.5 * cosPi(2 * v) * Math.sqrt(1 - pow(u, 2 / (2 * alpha - 1)));
  }
  for (let attempt = 0; ; attempt++) {
    const [u, v] = drawPair(key, epoch, batch, attempt);
    // A quotient of u and v, as their powers may both be 0.
    if (pow(u, 1 / alpha) + pow(v, 1 / alpha) <= 1) return 1 / (1 + pow(v / u, 1 / alpha));
  }
}

/** Returns the number of examples. @throws TypeError or RangeError unless x and y hold as many */
function countOf(data: Unmixed, classes: number): number {
  const who = "mixup";
  if (typeof data !== "object" || data === null) {
    throw new TypeError(`${who}: expected batches { x, y }, got ${describeValue(data)}`);
  }
  const { x, y } = data;
  check(who, "x", x, instance("a Float32Array or Uint8Array", Float32Array, Uint8Array));
  const kinds = [Int32Array, Uint8Array, Float32Array];
  check(who, "y", y, instance("an Int32Array, Uint8Array or Float32Array", ...kinds));
  if ("sampleWeights" in data) {
    throw new RangeError(`${who}: expected examples of equal weight, got sampleWeights`);
  }
  const count = y instanceof Float32Array ? y.length / classes : y.length;
  const isWhole = Number.isInteger(count) && count > 0 && x.length > 0 && x.length % count === 0;
  if (!isWhole) {
    const received = `${x.length} numbers and ${y.length} targets`;
    throw new RangeError(`${who}: expected x and y to hold the same examples, got ${received}`);
  }
  if (y instanceof Float32Array) return count;
  const wrong = y.find((label) => label < 0 || label >= classes);
  if (wrong === undefined) return count;
  throw new RangeError(`${who}: expected class indices from 0 to ${classes - 1}, got ${wrong}`);
}

/** Returns the targets as `classes` numbers for each example. */
function targetsOf(y: Unmixed["y"], classes: number): Float32Array {
  if (y instanceof Float32Array) return y;
  const rows = new Float32Array(y.length * classes);
  y.forEach((label, i) => (rows[i * classes + label] = 1));
  return rows;
}

/** Returns share · each row + (1 - share) · the next one; the first follows the last. */
function mixRows(
  rows: Float32Array | Uint8Array,
  width: number,
  share: number,
): Float32Array<ArrayBuffer> {
  const scale = rows instanceof Uint8Array ? 1 / 255 : 1;
  const [own, others] = [share * scale, (1 - share) * scale];
  const mixed = new Float32Array(rows.length);
  const last = rows.length - width;
  for (let i = 0; i < last; i++) mixed[i] = own * rows[i]! + others * rows[i + width]!;
  for (let i = 0; i < width; i++) mixed[last + i] = own * rows[last + i]! + others * rows[i]!;
  return mixed;
}

/** Picks examples out of an array. */
function pick<T extends Float32Array | Uint8Array | Int32Array>(
  rows: T,
  count: number,
  order: readonly number[],
): T {
  const width = rows.length / count;
  const picked = rows.slice(0, order.length * width) as T;
  order.forEach((from, i) => {
    picked.set(rows.subarray(from * width, (from + 1) * width), i * width);
  });
  return picked;
}

/** Yields all examples in batches, in an order that the key and the epoch decide. */
function* shuffled(data: Unmixed, count: number, batchSize: number, key: Key, epoch: number) {
  const word = (i: number) => philox([i, epoch + 1, MIXUP_ORDER_STREAM, 0], key)[0];
  const words = Array.from({ length: count }, (_, i) => word(i));
  const order = words.map((_, i) => i).sort((a, b) => words[a]! - words[b]! || a - b);
  for (let from = 0; from < count; from += batchSize) {
    const some = order.slice(from, from + batchSize);
    yield { x: pick(data.x, count, some), y: pick(data.y, count, some) };
  }
}

const isStream = (source: unknown): source is UnmixedStream =>
  typeof source === "object" &&
  source !== null &&
  (Symbol.iterator in source || Symbol.asyncIterator in source);

/** Calls a function for the batches of an epoch. @throws TypeError unless it gives some */
async function streamOf(
  source: (epoch: number) => UnmixedStream | Promise<UnmixedStream>,
  epoch: number,
): Promise<UnmixedStream> {
  const stream: unknown = await source(epoch);
  if (isStream(stream)) return stream;
  const expected = "an iterable or async iterable of batches";
  throw new TypeError(`mixup: expected source to give ${expected}, got ${describeValue(stream)}`);
}

/**
 * Mixes examples and their targets (Zhang, Cisse, Dauphin and Lopez-Paz, "mixup: beyond empirical risk
 * minimization", 2018): each example of a batch becomes share · itself + (1 - share) · the next one, and so does its
 * target. As in torchvision a batch has one share, drawn from Beta(alpha, alpha). The targets are floats, as
 * crossEntropy takes them. The seed, the epoch and the number of a batch decide everything, to the bit.
 * @param source examples, which are shuffled anew in each epoch; or an iterable or async iterable of batches,
 * as they are; or a function that gives one for each epoch
 * @returns what fit takes: a function that gives the mixed batches of an epoch, counted from 0
 * @throws TypeError if an argument has the wrong type, RangeError if an option is out of range or unknown, and while
 * batches are read both for one that is not { x, y } of whole examples without weights
 * @example
 * const mixed = mixup({ x: Float32Array.of(0, 0, 1, 1), y: Int32Array.of(0, 1) }, { classes: 2, seed: 1 });
 * for await (const { x, y } of mixed(0)) console.log(x, y);
 */
export function mixup(
  source: MixupSource,
  options: MixupOptions,
): (epoch: number) => AsyncGenerator<MixedBatch, void, void> {
  const { classes, alpha = 0.2, batchSize = 32, seed = 0 } = checkOptions("mixup", options, rules());
  check("mixup", "source", source, {
    expected: "{ x, y }, batches of such, or a function that gives batches",
    is: (value) => typeof value === "function" || (typeof value === "object" && value !== null),
  });
  const key = seedWords(seed);
  const isBatched = typeof source === "function" || isStream(source);
  const count = isBatched ? 0 : countOf(source, classes);
  const batchesOf = (epoch: number) => {
    if (typeof source === "function") return streamOf(source, epoch);
    return isStream(source) ? source : shuffled(source, count, batchSize, key, epoch);
  };

  return async function* (epoch) {
    check("mixup", "epoch", epoch, whole(0));
    let batch = 0;
    for await (const one of await batchesOf(epoch)) {
      const examples = countOf(one, classes);
      const share = drawShare(alpha, key, epoch, batch++);
      yield {
        x: mixRows(one.x, one.x.length / examples, share),
        y: mixRows(targetsOf(one.y, classes), classes, share),
      };
    }
  };
}
