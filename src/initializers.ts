import { given } from "./runtime/shape.ts";
import type { Shape } from "./graph/node.ts";
import type { Runtime } from "./runtime/runtime.ts";

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
  readonly name: string;
  fill(draw: Draw, fanIn: number, fanOut: number): void;
}

const HALF = 2 ** 32;

function fillUniform({ runtime, at, count, seed, stream }: Draw, low: number, high: number): void {
  runtime.kernels.randomUniform(at, count, low, high, seed % HALF, Math.floor(seed / HALF), stream);
}

function fillNormal({ runtime, at, count, seed, stream }: Draw, deviation: number): void {
  runtime.kernels.randomNormal(
    at,
    count,
    0,
    deviation,
    seed % HALF,
    Math.floor(seed / HALF),
    stream,
  );
}

/** Inputs and outputs of a weight of this shape, [in, out]; a vector counts as both. */
export function fans(shape: Shape): [fanIn: number, fanOut: number] {
  return [shape[0] ?? 1, shape[1] ?? shape[0] ?? 1];
}

/** Variance `gain` over a count of connections, uniform or normal. */
function scaled(
  name: string,
  gain: number,
  over: (fanIn: number, fanOut: number) => number,
  distribution: "uniform" | "normal",
): () => Initializer {
  return () => ({
    name,
    fill(draw, fanIn, fanOut) {
      const deviation = Math.sqrt(gain / Math.max(1, over(fanIn, fanOut)));
      if (distribution === "normal") {
        fillNormal(draw, deviation);
        return;
      }
      const limit = Math.sqrt(3) * deviation;
      fillUniform(draw, -limit, limit);
    },
  });
}

const average = (fanIn: number, fanOut: number): number => (fanIn + fanOut) / 2;
const inputs = (fanIn: number): number => fanIn;

/** Uniform, variance 2 / (in + out) (Glorot and Bengio 2010): Keras's default for dense layers. */
export const glorotUniform = scaled("glorotUniform", 1, average, "uniform");

/** Normal, variance 2 / (in + out) (Glorot and Bengio 2010). */
export const glorotNormal = scaled("glorotNormal", 1, average, "normal");

/** Uniform, variance 2 / in (He, Zhang, Ren and Sun 2015), for relu. */
export const heUniform = scaled("heUniform", 2, inputs, "uniform");

/** Normal, variance 2 / in (He, Zhang, Ren and Sun 2015), for relu. */
export const heNormal = scaled("heNormal", 2, inputs, "normal");

/** Uniform, variance 1 / in (LeCun, Bottou, Orr and Müller 1998). */
export const lecunUniform = scaled("lecunUniform", 1, inputs, "uniform");

/** Normal, variance 1 / in (LeCun, Bottou, Orr and Müller 1998). */
export const lecunNormal = scaled("lecunNormal", 1, inputs, "normal");

/** Every element `value`. @throws TypeError if it is not a number */
export function constant(value: number): Initializer {
  if (typeof value !== "number") {
    throw new TypeError(`constant: expected a number, got ${given(value)}`);
  }
  return {
    name: `constant(${value})`,
    fill: ({ runtime, at, count }) => void runtime.heap.floats.fill(value, at / 4, at / 4 + count),
  };
}

/** Every element 0. */
export const zeros = (): Initializer => constant(0);
