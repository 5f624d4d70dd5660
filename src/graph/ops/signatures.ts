import {
  type Rule,
  anything,
  finite,
  flag,
  list,
  needed,
  numberBelow,
} from "../../base/arguments.ts";
import { positive, whole } from "../../base/arguments.ts";
import { isNode } from "../node.ts";
import { activationRule, optionalNode } from "./rules.ts";
import { pair } from "./windows.ts";

/** Rules for the arguments of an op, by their names and in their order. */
export type Signature = Readonly<Record<string, Rule>>;

const node = needed(optionalNode);
const anyNode: Rule = {
  expected: "a node; constant() makes one of a number",
  is: isNode,
  isNeeded: true,
};

const axis: Rule = {
  expected: "an axis or a list of axes",
  is: (value) => typeof value === "number" || Array.isArray(value),
};

const oneAxis: Rule = { expected: "an axis", is: (value) => typeof value === "number" };

const nodes: Rule = {
  expected: "a list of nodes",
  is: (value) => Array.isArray(value) && value.every(isNode),
  isNeeded: true,
};

/** The signature of an op that takes one node and nothing else. */
export const unary: Signature = { x: node };

/** The signature of every activation, which checks its parameter itself. */
export const activation: Signature = { x: node, parameter: anything };

const binary = { a: node, b: node };
const comparison = { a: anyNode, b: anyNode };
const affine = { weight: optionalNode, bias: optionalNode, epsilon: positive() };
const convolution = {
  x: node,
  weight: node,
  bias: optionalNode,
  options: anything,
  activation: activationRule,
};
const recurrent = {
  x: node,
  weight: node,
  recurrentWeight: node,
  bias: optionalNode,
  options: anything,
};
const reduction = { x: node, axis, options: anything };
const choosing = { x: node, axis: oneAxis, options: anything };
const pool2d = { x: node, poolSize: needed(pair(1)), options: anything };
const pool1d = { x: node, poolSize: needed(whole(1)), options: anything };
/** The signature of every loss of elements. */
export const loss: Signature = { prediction: node, target: node, options: anything };
/** The signature of every loss of rows, whose targets may be class indices. */
export const classLoss: Signature = { ...loss, target: anyNode };

/** The signatures of all other ops; an argument of `anything` is checked by the op itself. */
export const signatures = {
  add: binary,
  sub: binary,
  mul: binary,
  div: binary,
  greater: comparison,
  greaterEqual: comparison,
  less: comparison,
  lessEqual: comparison,
  equal: comparison,
  notEqual: comparison,
  where: { condition: anyNode, ...comparison },
  toFloat: { x: anyNode },
  matmul: { ...binary, transA: flag(), transB: flag(), alpha: finite() },
  dense: { x: node, weight: node, bias: optionalNode, activation: activationRule },
  conv2d: convolution,
  conv1d: convolution,
  conv2dTranspose: convolution,
  lstm: recurrent,
  gru: recurrent,
  simpleRnn: recurrent,
  reshape: { x: anyNode, shape: anything },
  transpose: { x: anyNode, permutation: list() },
  slice: { x: anyNode, begin: needed(list()), end: list(), steps: list() },
  pad: { x: anyNode, padding: needed(list("a list of [before, after]")) },
  concat: { parts: nodes, axis: anything },
  sum: reduction,
  mean: reduction,
  max: reduction,
  argmax: choosing,
  argmin: choosing,
  maxPool2d: pool2d,
  maxPool1d: pool1d,
  avgPool2d: pool2d,
  avgPool1d: pool1d,
  adaptiveAvgPool2d: { x: node, size: needed(pair(1)) },
  upsample2d: { x: node, scale: needed(pair(1)), options: anything },
  layerNorm: { x: node, ...affine },
  rmsNorm: { x: node, weight: optionalNode, epsilon: positive() },
  groupNorm: { x: node, groups: needed(whole(1)), ...affine },
  batchNorm: { x: node, ...affine, moments: optionalNode },
  normalize: { x: node, mean: node, variance: node, ...affine },
  embedding: { ids: anyNode, table: node },
  augment: { x: node, options: anything },
  dropout: { x: node, rate: needed(numberBelow(1)) },
  scaledDotProductAttention: { q: node, k: node, v: node, options: anything },
} satisfies Readonly<Record<string, Signature>>;
