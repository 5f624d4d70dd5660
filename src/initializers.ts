import { type Rule, check, checkArguments, finite, number } from "./base/arguments.ts";
import { numberFrom, objectWith } from "./base/arguments.ts";
import { type Shape, size } from "./graph/node.ts";
import { immutable } from "./base/printable.ts";
import type { Runtime } from "./wasm/runtime.ts";

/** Random numbers for one parameter. Seed and stream determine them, the same on every machine. */
export interface Draw {
  readonly runtime: Runtime;
  readonly at: number;
  readonly count: number;
  readonly seed: number;
  readonly stream: number;
}

/** Rule for the first values of a parameter. */
export interface Initializer {
  /** Name of the initializer: `uniform(-0.05, 0.05)`. */
  readonly name: string;
  /** Writes as many values as the draw counts. @internal */
  fill(draw: Draw, fanIn: number, fanOut: number): void;
}

/** Rule for an option that is an initializer. */
export const initializer = (): Rule => objectWith("fill", "an initializer such as zeros()", "name");

/** Makes an initializer print as the call that made it. */
function filling(name: string, fill: Initializer["fill"], text = name): Initializer {
  return immutable({ name, fill }, text);
}

/** Returns the two 32-bit words of a seed. */
export function seedWords(seed: number): [low: number, high: number] {
  return [seed % 2 ** 32, Math.floor(seed / 2 ** 32)];
}

function fillUniform({ runtime, at, count, seed, stream }: Draw, low: number, high: number): void {
  runtime.kernels.randomUniform(at, count, low, high, ...seedWords(seed), stream);
}

function fillNormal(
  { runtime, at, count, seed, stream }: Draw,
  mean: number,
  deviation: number,
  kernel: "randomNormal" | "randomTruncatedNormal" = "randomNormal",
): void {
  runtime.kernels[kernel](at, count, mean, deviation, ...seedWords(seed), stream);
}

/**
 * Returns the number of inputs and outputs of a weight, as Keras counts them. The last two axes are
 * [in, out], and the axes before them multiply both: [height, width, in, out]. A vector's length
 * counts as both.
 */
export function fans(shape: Shape): [fanIn: number, fanOut: number] {
  const [fanIn = 1, fanOut = fanIn] = shape.slice(-2);
  const places = size(shape.slice(0, -2));
  return [fanIn * places, fanOut * places];
}

/** Makes an initializer with variance gain / (number of connections), uniform or normal. */
function scaled(
  name: string,
  gain: number,
  over: (fanIn: number, fanOut: number) => number,
  distribution: "uniform" | "normal",
  none: readonly unknown[],
): Initializer {
  checkArguments(name, none);
  const fill: Initializer["fill"] = (draw, fanIn, fanOut) => {
    const deviation = Math.sqrt(gain / Math.max(1, over(fanIn, fanOut)));
    if (distribution === "normal") {
      fillNormal(draw, 0, deviation);
      return;
    }
    const limit = Math.sqrt(3) * deviation;
    fillUniform(draw, -limit, limit);
  };
  return filling(name, fill, `${name}()`);
}

const average = (fanIn: number, fanOut: number): number => (fanIn + fanOut) / 2;
const inputs = (fanIn: number): number => fanIn;

/**
 * Uniform distribution of variance 2 / (in + out) (Glorot and Bengio 2010), Keras's default for
 * dense layers.
 * @example
 * const layer = dense(64, { weightInitializer: glorotUniform() });
 */
export const glorotUniform: () => Initializer = (...none) =>
  scaled("glorotUniform", 1, average, "uniform", none);

/**
 * Normal distribution of variance 2 / (in + out) (Glorot and Bengio 2010).
 * @example
 * const layer = dense(64, { weightInitializer: glorotNormal() });
 */
export const glorotNormal: () => Initializer = (...none) =>
  scaled("glorotNormal", 1, average, "normal", none);

/**
 * Uniform distribution of variance 2 / in (He, Zhang, Ren and Sun 2015), for relu.
 * @example
 * const layer = dense(64, { weightInitializer: heUniform() });
 */
export const heUniform: () => Initializer = (...none) =>
  scaled("heUniform", 2, inputs, "uniform", none);

/**
 * Normal distribution of variance 2 / in (He, Zhang, Ren and Sun 2015), for relu.
 * @example
 * const layer = dense(64, { weightInitializer: heNormal() });
 */
export const heNormal: () => Initializer = (...none) =>
  scaled("heNormal", 2, inputs, "normal", none);

/**
 * Uniform distribution of variance 1 / in (LeCun, Bottou, Orr and Müller 1998).
 * @example
 * const layer = dense(64, { weightInitializer: lecunUniform() });
 */
export const lecunUniform: () => Initializer = (...none) =>
  scaled("lecunUniform", 1, inputs, "uniform", none);

/**
 * Normal distribution of variance 1 / in (LeCun, Bottou, Orr and Müller 1998).
 * @example
 * const layer = dense(64, { weightInitializer: lecunNormal() });
 */
export const lecunNormal: () => Initializer = (...none) =>
  scaled("lecunNormal", 1, inputs, "normal", none);

/**
 * Uniform distribution from low to high.
 * @throws TypeError if low or high is not a number
 * @throws RangeError if one of them is not finite, or low is above high
 * @example
 * const layer = dense(64, { weightInitializer: uniform(-0.05, 0.05) });
 */
export function uniform(low: number, high: number): Initializer {
  check("uniform", "low", low, finite());
  check("uniform", "high", high, finite());
  if (low > high) throw new RangeError(`uniform: expected low up to ${high}, got ${low}`);
  return filling(`uniform(${low}, ${high})`, (draw) => {
    fillUniform(draw, low, high);
  });
}

function gaussian(
  name: "normal" | "truncatedNormal",
  kernel: Parameters<typeof fillNormal>[3],
  mean: number,
  deviation: number,
): Initializer {
  check(name, "mean", mean, finite());
  check(name, "deviation", deviation, numberFrom(0));
  return filling(`${name}(${mean}, ${deviation})`, (draw) => {
    fillNormal(draw, mean, deviation, kernel);
  });
}

/**
 * Normal distribution with a mean and a standard deviation.
 * @throws TypeError if mean or deviation is not a number
 * @throws RangeError if one of them is not finite, or the deviation is negative
 * @example
 * const layer = dense(64, { weightInitializer: normal(0, 0.02) });
 */
export function normal(mean: number, deviation: number): Initializer {
  return gaussian("normal", "randomNormal", mean, deviation);
}

/**
 * Normal distribution cut off at two deviations from the mean, as Keras's TruncatedNormal. The
 * deviation is that of the distribution before it is cut.
 * @throws TypeError and RangeError as normal does
 * @example
 * const layer = dense(64, { weightInitializer: truncatedNormal(0, 0.02) });
 */
export function truncatedNormal(mean: number, deviation: number): Initializer {
  return gaussian("truncatedNormal", "randomTruncatedNormal", mean, deviation);
}

/** Makes a row orthogonal to the rows before it, then scales it to length 1 (Gram-Schmidt). */
function orthonormalise(rows: Float64Array[], i: number): void {
  const row = rows[i]!;
  // Twice, because rounding leaves errors after one pass ("twice is enough": Giraud, Langou, Rozloznik
  // and van den Eshof, "Rounding error analysis of the classical Gram-Schmidt process", 2005).
  for (let pass = 0; pass < 2; pass++) {
    for (let p = 0; p < i; p++) {
      const other = rows[p]!;
      const common = dot(row, other);
      for (let j = 0; j < row.length; j++) row[j]! -= common * other[j]!;
    }
  }
  const length = Math.sqrt(dot(row, row));
  for (let j = 0; j < row.length; j++) row[j]! /= length;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}

/**
 * Matrix with orthonormal columns, or rows if there are fewer rows, times gain (Saxe, McClelland
 * and Ganguli 2014). It is Q of the QR decomposition of a matrix of normal numbers, with a positive
 * diagonal of R, so that every orthogonal matrix is equally likely. Columns are the last axis, and
 * rows all axes before it, as in Keras.
 * @param gain finite number; 1 by default
 * @throws TypeError if gain is not a number
 * @throws RangeError if gain is not finite
 * @example
 * const layer = dense(64, { weightInitializer: orthogonal(Math.SQRT2) });
 */
export function orthogonal(gain = 1): Initializer {
  check("orthogonal", "gain", gain, finite());
  return filling(`orthogonal(${gain})`, (draw, fanIn) => {
    const { runtime, at, count } = draw;
    if (count === 0) return;
    fillNormal(draw, 0, 1);
    const values = runtime.heap.floats.subarray(at / 4, at / 4 + count);
    const [height, width] = [fanIn, count / fanIn];
    const tall = height > width;
    const [vectors, length] = tall ? [width, height] : [height, width];
    const place = (i: number, j: number): number => (tall ? j * width + i : i * width + j);
    const rows = Array.from({ length: vectors }, (_, i) =>
      Float64Array.from({ length }, (_, j) => values[place(i, j)]!),
    );
    rows.forEach((row, i) => {
      orthonormalise(rows, i);
      row.forEach((value, j) => (values[place(i, j)] = gain * value));
    });
  });
}

/**
 * Sets every element to `value`, which may be NaN or infinite.
 * @throws TypeError if it is not a number
 * @example
 * const layer = dense(1, { biasInitializer: constant(0.1) });
 */
export function constant(value: number): Initializer {
  check("constant", "value", value, number());
  return filled(value, `constant(${value})`);
}

function filled(value: number, text: string): Initializer {
  const fill: Initializer["fill"] = ({ runtime, at, count }) => {
    runtime.heap.floats.fill(value, at / 4, at / 4 + count);
  };
  return filling(`constant(${value})`, fill, text);
}

/**
 * Sets every element to 0.
 * @example
 * const layer = dense(10, { weightInitializer: zeros() });
 */
export const zeros: () => Initializer = (...none) => {
  checkArguments("zeros", none);
  return filled(0, "zeros()");
};

/**
 * Sets every element to 1.
 * @example
 * const layer = layerNorm({ weightInitializer: ones() });
 */
export const ones: () => Initializer = (...none) => {
  checkArguments("ones", none);
  return filled(1, "ones()");
};

/** Returns an initializer that sets the elements to numbers which a layer has computed. */
export function fitted(values: readonly number[]): Initializer {
  return filling("fitted", ({ runtime, at }) => {
    runtime.heap.floats.set(values, at / 4);
  });
}
