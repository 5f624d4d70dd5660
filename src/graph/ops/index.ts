import type { OpMethods } from "../../../build/op-methods.ts";
import { checkArguments } from "../../base/arguments.ts";
import type { Node, Recorder } from "../node.ts";
import { scaledDotProductAttention } from "./attention.ts";
import { augment } from "./augment.ts";
import { type ActivationName, activationOps } from "./activations.ts";
import { unaryOps } from "./unary.ts";
import { add, div, mul, neg, sub } from "./binary.ts";
import { compareOps } from "./compare.ts";
import { convOps } from "./conv.ts";
import { convTransposeOps } from "./conv-transpose.ts";
import { rowLossOps } from "./crossentropy.ts";
import { lossOps } from "./losses.ts";
import { marginLossOps } from "./margin-losses.ts";
import { dense, matmul } from "./matmul.ts";
import { avgPoolOps } from "./avgpool.ts";
import { batchNormOps } from "./batchnorm.ts";
import { dropout } from "./dropout.ts";
import { embedding } from "./embedding.ts";
import { maxPoolOps } from "./maxpool.ts";
import { normOps } from "./norm.ts";
import { recurrentOps } from "./recurrent.ts";
import { reduceOps } from "./reduce.ts";
import { shapeOps } from "./shape.ts";
import { type Signature, activation, classLoss, loss, signatures, unary } from "./signatures.ts";
import { logSoftmax, softmax } from "./softmax.ts";
import { upsample2d } from "./upsample.ts";

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
  ...convOps,
  ...convTransposeOps,
  ...recurrentOps,
  ...shapeOps,
  ...reduceOps,
  ...compareOps,
  ...maxPoolOps,
  ...avgPoolOps,
  upsample2d,
  ...normOps,
  ...batchNormOps,
  embedding,
  dropout,
  augment,
  softmax,
  logSoftmax,
  scaledDotProductAttention,
  ...lossOps,
  ...marginLossOps,
  ...rowLossOps,
};

export type OpName = keyof typeof ops;
export type { OpMethods };

/** Drops the first parameter, the recorder, of an op's function. */
type Method<F> = F extends (g: never, ...args: infer A) => infer R ? (...args: A) => R : never;

/** Methods of all ops, which build/op-methods.ts spells out with the ops' docstrings. */
type Methods = { readonly [K in OpName]: Method<(typeof ops)[K]> };

type Recording = (g: Recorder, ...args: never[]) => Node;

/** Ops whose tables have one signature for all. */
type Tabled =
  ActivationName | keyof typeof lossOps | keyof typeof marginLossOps | keyof typeof rowLossOps;

/** The ops that take more than one node, and have signatures of their own. */
type HasMore = {
  [K in OpName]: Parameters<Methods[K]>["length"] extends 1 ? never : K;
}[Exclude<OpName, Tabled>];

const others: Readonly<Record<HasMore, Signature>> & Partial<Record<OpName, Signature>> =
  signatures;

function signatureOf(name: OpName): Signature {
  if (Object.hasOwn(activationOps, name)) return activation;
  if (Object.hasOwn(lossOps, name) || Object.hasOwn(marginLossOps, name)) return loss;
  if (Object.hasOwn(rowLossOps, name)) return classLoss;
  return others[name] ?? unary;
}

const RECORDER = Symbol("recorder");

/** An object that has the ops as methods. */
interface HasRecorder {
  readonly [RECORDER]: Recorder;
}

/** Returns the property of an op. Reading it makes the method, which therefore works without its graph. */
function methodOf([name, op]: [string, unknown]): [string, PropertyDescriptor] {
  const signature = signatureOf(name as OpName);
  function get(this: HasRecorder): (...args: never[]) => Node {
    const { [RECORDER]: g } = this;
    return (...args) => {
      checkArguments(name, args, signature);
      return (op as Recording)(g, ...args);
    };
  }
  return [name, { get, enumerable: true }];
}

let prototype: object | undefined;

/**
 * Returns an object that inherits a method for each op, which checks its arguments and appends to `g`. All
 * graphs share one prototype: a method for each op and graph took a fifth of the time to compile 2-4-1.
 */
export function opMethods(g: Recorder): OpMethods {
  prototype ??= Object.create(
    null,
    Object.fromEntries(Object.entries(ops).map(methodOf)),
  ) as object;
  return Object.create(prototype, { [RECORDER]: { value: g } }) as Methods;
}
