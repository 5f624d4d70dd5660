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
