import type { OpMethods } from "../../../build/op-methods.ts";
import { given } from "../../runtime/arguments.ts";
import type { Node, Recorder } from "../node.ts";
import { activationOps } from "./activations.ts";
import { unaryOps } from "./unary.ts";
import { add, div, mul, neg, sub } from "./binary.ts";
import { crossEntropy, nll } from "./crossentropy.ts";
import { bce, bceWithLogits, huber, klDiv, mae, mse } from "./losses.ts";
import { dense, matmul } from "./matmul.ts";
import { batchNormOps } from "./batchnorm.ts";
import { dropout } from "./dropout.ts";
import { embedding } from "./embedding.ts";
import { normOps } from "./norm.ts";
import { reduceOps } from "./reduce.ts";
import { shapeOps } from "./shape.ts";
import { logSoftmax, softmax } from "./softmax.ts";

/** Every op, by the name of its method on a graph. */
export const ops = {
  ...activationOps,
  ...unaryOps,
  add,
  sub,
  mul,
  div,
  neg,
  matmul,
  dense,
  ...shapeOps,
  ...reduceOps,
  ...normOps,
  ...batchNormOps,
  embedding,
  dropout,
  softmax,
  logSoftmax,
  mse,
  mae,
  huber,
  bce,
  bceWithLogits,
  klDiv,
  crossEntropy,
  nll,
};

export type OpName = keyof typeof ops;
export type { OpMethods };

/** Drops the first parameter, the recorder, of an op's function. */
type Method<F> = F extends (g: never, ...args: infer A) => infer R ? (...args: A) => R : never;

/** What build/op-methods.ts spells out, with the ops' docstrings. */
type Methods = { readonly [K in OpName]: Method<(typeof ops)[K]> };

type Recording = (g: Recorder, ...args: never[]) => Node;

/** @throws TypeError unless an op's first argument is a node, or a list of them */
function checkNode(op: string, argument: unknown): void {
  if (Array.isArray(argument) && argument.length === 0) return;
  const first: unknown = Array.isArray(argument) ? argument[0] : argument;
  if (typeof first === "object" && first !== null && "shape" in first) return;
  const hint = typeof first === "number" ? "; constant() makes one of a number" : "";
  throw new TypeError(`${op}: expected a node, got ${given(first)}${hint}`);
}

/** The ops as methods that record in `g`. */
export function opMethods(g: Recorder): OpMethods {
  const methods = Object.entries(ops).map(([name, op]) => [
    name,
    (...args: never[]): Node => {
      checkNode(name, args[0]);
      return (op as Recording)(g, ...args);
    },
  ]);
  return Object.fromEntries(methods) as Methods;
}
