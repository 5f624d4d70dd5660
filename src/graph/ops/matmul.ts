import { type Computation, type Node, type Recorder, describe, float } from "../node.ts";
import { type ActivationChoice, activationGrad, activationKernel } from "./activations.ts";
import { sum } from "./reduce.ts";

/** No bias, no activation: what the product's record says then. */
const NONE = -1;

interface Product {
  readonly transA: boolean;
  readonly transB: boolean;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** Sizes of op(a)·op(b). @throws RangeError unless both are matrices that fit each other */
function sizes(g: Recorder, a: Node, b: Node, transA: boolean, transB: boolean): Product {
  const came = `${describe(a.shape)} and ${describe(b.shape)}`;
  if (a.shape.length !== 2 || b.shape.length !== 2) {
    throw g.fail("matmul", `expected two matrices, got ${came}`);
  }
  const [m, k] = transA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
  const [inner, n] = transB ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
  if (k !== inner) {
    const how = `${transA ? "aᵀ" : "a"}·${transB ? "bᵀ" : "b"}`;
    throw g.fail(
      "matmul",
      `expected inner sizes of ${how} that agree, got ${k} and ${inner}: ${came}`,
    );
  }
  return { transA, transB, m, n, k };
}

/** The record of C = f(op(A)·op(B) + bias); leading dimensions are the stored row lengths. */
function productRecord(
  { transA, transB, m, n, k }: Product,
  a: Node,
  b: Node,
  bias?: Node,
  activation?: ActivationChoice,
): Pick<Computation, "record"> {
  return {
    record(node, { at, kernel, scratch }) {
      const leading = [transA ? m : k, transB ? k : n];
      const matrices = [at(a), leading[0]!, at(b), leading[1]!, at(node), n];
      const epilogue = [
        bias ? at(bias) : 0,
        activation ? kernel(activationKernel(activation)) : NONE,
        float(activation?.parameter ?? 0),
      ];
      const flags = [Number(transA), Number(transB)];
      return ["gemmRecord", ...flags, m, n, k, ...matrices, scratch, 0, ...epilogue];
    },
  };
}

/** The matrix product op(a)·op(b) of two matrices, op a transpose or not. */
export function matmul(g: Recorder, a: Node, b: Node, transA = false, transB = false): Node {
  const product = sizes(g, a, b, transA, transB);
  const computation: Computation = {
    op: "matmul",
    scratch: g.gemmScratch(product.m, product.n, product.k),
    gradient: (g, _node, dy) => [
      () => (transA ? matmul(g, b, dy, transB, true) : matmul(g, dy, b, false, !transB)),
      () => (transB ? matmul(g, dy, a, true, transA) : matmul(g, a, dy, !transA, false)),
    ],
    ...productRecord(product, a, b),
  };
  return g.record(computation, [a, b], [product.m, product.n]);
}

/**
 * f(x·weight + bias): x [rows, in], weight [in, out], bias [out]. Bias and activation are applied
 * while the product's rows are in cache.
 */
export function dense(
  g: Recorder,
  x: Node,
  weight: Node,
  bias?: Node,
  activation?: ActivationChoice,
): Node {
  const product = sizes(g, x, weight, false, false);
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== product.n)) {
    throw g.fail("dense", `expected a bias of [${product.n}], got ${describe(bias.shape)}`);
  }
  const computation: Computation = {
    op: "dense",
    scratch: g.gemmScratch(product.m, product.n, product.k),
    gradient(g, node, dy) {
      const dz = activation ? activationGrad(g, activation, node, dy) : dy;
      const rules = [() => matmul(g, dz, weight, false, true), () => matmul(g, x, dz, true, false)];
      return bias ? [...rules, () => sum(g, dz, 0)] : rules;
    },
    ...productRecord(product, x, weight, bias, activation),
  };
  const inputs = bias ? [x, weight, bias] : [x, weight];
  return g.record(computation, inputs, [product.m, product.n]);
}
