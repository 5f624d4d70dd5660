import { type Rule, check, checkArguments, finite, number } from "./base/arguments.ts";
import { numberFrom, objectWith } from "./base/arguments.ts";
import { type Shape, size } from "./graph/node.ts";
import { made } from "./base/printable.ts";
import type { Runtime } from "./wasm/runtime.ts";

/** Numbers drawn for one parameter: stream and seed decide them, in WebAssembly, on every machine. */
export interface Draw {
  readonly runtime: Runtime;
  readonly at: number;
  readonly count: number;
  readonly seed: number;
  readonly stream: number;
}

/** How a parameter gets its first values. */
export interface Initializer {
  /** `uniform(-0.05, 0.05)`. */
  readonly name: string;
  /** Writes them, as many as the draw counts. @internal */
  fill(draw: Draw, fanIn: number, fanOut: number): void;
}

/** What an option that is an initializer has to be. */
export const initializer = (): Rule => objectWith("fill", "an initializer such as zeros()", "name");

/** Prints an initializer as it is made; names without arguments stand without brackets. */
function filling(name: string, fill: Initializer["fill"], text = name): Initializer {
  return made({ name, fill }, text);
}

/** The two words of a seed. */
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
 * Inputs and outputs of a weight of this shape, as Keras counts them: [in, out], or with axes before
 * them that each input passes through, [height, width, in, out]; a vector counts as both.
 */
export function fans(shape: Shape): [fanIn: number, fanOut: number] {
  const [fanIn = 1, fanOut = fanIn] = shape.slice(-2);
  const places = size(shape.slice(0, -2));
  return [fanIn * places, fanOut * places];
}

/** Variance `gain` over a count of connections, uniform or normal. */
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
 * Uniform, variance 2 / (in + out) (Glorot and Bengio 2010): Keras's default for dense layers.
 * @example
 * const layer = dense(64, { weightInitializer: glorotUniform() });
 */
export const glorotUniform: () => Initializer = (...none) =>
  scaled("glorotUniform", 1, average, "uniform", none);

/**
 * Normal, variance 2 / (in + out) (Glorot and Bengio 2010).
 * @example
 * const layer = dense(64, { weightInitializer: glorotNormal() });
 */
export const glorotNormal: () => Initializer = (...none) =>
  scaled("glorotNormal", 1, average, "normal", none);

/**
 * Uniform, variance 2 / in (He, Zhang, Ren and Sun 2015), for relu.
 * @example
 * const layer = dense(64, { weightInitializer: heUniform() });
 */
export const heUniform: () => Initializer = (...none) =>
  scaled("heUniform", 2, inputs, "uniform", none);

/**
 * Normal, variance 2 / in (He, Zhang, Ren and Sun 2015), for relu.
 * @example
 * const layer = dense(64, { weightInitializer: heNormal() });
 */
export const heNormal: () => Initializer = (...none) =>
  scaled("heNormal", 2, inputs, "normal", none);

/**
 * Uniform, variance 1 / in (LeCun, Bottou, Orr and Müller 1998).
 * @example
 * const layer = dense(64, { weightInitializer: lecunUniform() });
 */
export const lecunUniform: () => Initializer = (...none) =>
  scaled("lecunUniform", 1, inputs, "uniform", none);

/**
 * Normal, variance 1 / in (LeCun, Bottou, Orr and Müller 1998).
 * @example
 * const layer = dense(64, { weightInitializer: lecunNormal() });
 */
export const lecunNormal: () => Initializer = (...none) =>
  scaled("lecunNormal", 1, inputs, "normal", none);

/**
 * Uniform from low to high.
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
 * Normal with a mean and a standard deviation.
 * @throws RangeError if one is not finite or below 0
 * @example
 * const layer = dense(64, { weightInitializer: normal(0, 0.02) });
 */
export function normal(mean: number, deviation: number): Initializer {
  return gaussian("normal", "randomNormal", mean, deviation);
}

/**
 * Normal without what is more than two deviations from the mean, as Keras's TruncatedNormal: the
 * deviation is that of the normal before it is cut.
 * @throws as normal
 * @example
 * const layer = dense(64, { weightInitializer: truncatedNormal(0, 0.02) });
 */
export function truncatedNormal(mean: number, deviation: number): Initializer {
  return gaussian("truncatedNormal", "randomTruncatedNormal", mean, deviation);
}

/** Takes off a row what it has in common with the rows before it, then scales it to length 1. */
function orthonormalise(rows: Float64Array[], i: number): void {
  const row = rows[i]!;
  // Twice, as one pass leaves what its roundings made ("twice is enough": Giraud, Langou, Rozloznik
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
 * Orthonormal columns, or rows where there are fewer of them, times gain: Q of the QR decomposition of
 * a normal matrix, with a positive diagonal of R, so that every orthogonal matrix is as likely (Saxe,
 * McClelland and Ganguli 2014). The last axis are the columns, all axes before it the rows, as in
 * Keras.
 * @throws TypeError or RangeError unless gain is a finite number
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
 * Every element `value`, NaN and infinities too.
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
 * Every element 0.
 * @example
 * const layer = dense(10, { weightInitializer: zeros() });
 */
export const zeros: () => Initializer = (...none) => {
  checkArguments("zeros", none);
  return filled(0, "zeros()");
};

/**
 * Every element 1.
 * @example
 * const layer = layerNorm({ weightInitializer: ones() });
 */
export const ones: () => Initializer = (...none) => {
  checkArguments("ones", none);
  return filled(1, "ones()");
};
