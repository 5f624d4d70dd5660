import type { Node, Recorder } from "../node.ts";
import { activationOps } from "./activations.ts";
import { add, div, mul, neg, sub } from "./binary.ts";
import { bce, bceWithLogits, crossEntropy, mse } from "./losses.ts";
import { dense, matmul } from "./matmul.ts";
import { mean, sum } from "./reduce.ts";
import { reshape } from "./shape.ts";
import { softmax } from "./softmax.ts";

/** Every op, by the name of its method on a graph. */
export const ops = {
  ...activationOps,
  add,
  sub,
  mul,
  div,
  neg,
  matmul,
  dense,
  sum,
  mean,
  reshape,
  softmax,
  mse,
  bce,
  bceWithLogits,
  crossEntropy,
};

export type OpName = keyof typeof ops;

/** Drops the first parameter, the recorder, of an op's function. */
type Method<F> = F extends (g: never, ...args: infer A) => infer R ? (...args: A) => R : never;

/** A method for every op, by its name. */
export type OpMethods = { readonly [K in OpName]: Method<(typeof ops)[K]> };

type Recording = (g: Recorder, ...args: never[]) => Node;

/** The ops as methods that record in `g`. */
export function opMethods(g: Recorder): OpMethods {
  const methods = Object.entries(ops).map(([name, op]) => [
    name,
    (...args: never[]): Node => (op as Recording)(g, ...args),
  ]);
  return Object.fromEntries(methods) as OpMethods;
}
