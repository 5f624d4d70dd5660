import { align } from "../../memory/heap.ts";
import { LINEAR } from "../../../build/constants.ts";
import { type Computation, type Node, type Recorder, describe, float, size } from "../node.ts";
import { COLUMN_SUMS, OUTPUT, SCRATCH, instruction } from "../node.ts";
import { type ActivationChoice, activate, fuses } from "./activations.ts";
import { activationGrad } from "./activations.ts";
import { axes, broadcastShape } from "./binary.ts";
import { sum, sumTo } from "./reduce.ts";
import { reshape } from "./shape.ts";

interface Product {
  readonly transA: boolean;
  readonly transB: boolean;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/**
 * Sizes of op(a)·op(b), of the last two axes.
 * @throws RangeError unless both are matrices, or batches of them, that fit each other
 */
function sizes(g: Recorder, a: Node, b: Node, transA: boolean, transB: boolean): Product {
  const came = `${describe(a.shape)} and ${describe(b.shape)}`;
  if (a.shape.length < 2 || b.shape.length < 2) {
    throw g.fail("matmul", `expected two matrices, got ${came}`);
  }
  const [rowsA, colsA] = a.shape.slice(-2) as [number, number];
  const [rowsB, colsB] = b.shape.slice(-2) as [number, number];
  const [m, k] = transA ? [colsA, rowsA] : [rowsA, colsA];
  const [inner, n] = transB ? [colsB, rowsB] : [rowsB, colsB];
  if (k !== inner) {
    const how = `${transA ? "aᵀ" : "a"}·${transB ? "bᵀ" : "b"}`;
    throw g.fail(
      "matmul",
      `expected inner sizes of ${how} that agree, got ${k} and ${inner}: ${came}`,
    );
  }
  return { transA, transB, m, n, k };
}

/** Multiplications and additions that take as long as an element that is read or written. */
const MACS_PER_ELEMENT = 8;

/** What `count` products of these sizes need. */
function needs(g: Recorder, { m, n, k }: Product, count = 1) {
  return { scratch: align(g.gemmScratch(m, n, k)), work: (count * m * n * k) / MACS_PER_ELEMENT };
}

/** What computes C = f(op(A)·op(B) + bias); leading dimensions are the stored row lengths. */
function computeProduct(
  g: Recorder,
  product: Product,
  a: Node,
  b: Node,
  bias?: Node,
  activation?: ActivationChoice,
): Pick<Computation, "instruction" | "scratch" | "sumsColumnsOf" | "work"> {
  const { transA, transB, m, n, k } = product;
  const need = needs(g, product);
  return {
    ...need,
    ...(!transB && { sumsColumnsOf: b }),
    instruction: instruction("gemm", {
      transA,
      transB,
      m,
      n,
      k,
      a,
      lda: transA ? m : k,
      b,
      ldb: transB ? k : n,
      c: OUTPUT,
      ldc: n,
      scratch: SCRATCH,
      scratchBytes: need.scratch,
      bias: bias ?? 0,
      activation: activation?.name ?? LINEAR,
      parameter: float(activation?.parameter ?? 0),
      columnSums: COLUMN_SUMS,
    }),
  };
}

type Rules = NonNullable<Computation["gradient"]>;

/** The gradients of op(a)·op(b), summed back over the batches that an operand was repeated for. */
function productGradient(a: Node, b: Node, { transA, transB }: Product): Rules {
  return (g, _node, dy) => [
    () =>
      sumTo(g, transA ? matmul(g, b, dy, transB, true) : matmul(g, dy, b, false, !transB), a.shape),
    () =>
      sumTo(g, transB ? matmul(g, dy, a, true, transA) : matmul(g, a, dy, !transA, false), b.shape),
  ];
}

/** A product for each matrix of a batch; batch axes broadcast. */
function batchMatmul(g: Recorder, a: Node, b: Node, product: Product): Node {
  const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const batch = broadcastShape(batchA, batchB);
  if (!batch) {
    const came = `${describe(a.shape)} and ${describe(b.shape)}`;
    throw g.fail("matmul", `expected batches that broadcast against each other, got ${came}`);
  }
  const { transA, transB, m, n, k } = product;
  const loops = axes(batchA, batchB, batch);
  const need = needs(g, product, size(batch));
  const computation: Computation = {
    op: "matmul",
    ...need,
    gradient: productGradient(a, b, product),
    instruction: instruction("batchGemm", {
      transA,
      transB,
      m,
      n,
      k,
      a,
      b,
      c: OUTPUT,
      scratch: SCRATCH,
      scratchBytes: need.scratch,
      batch: size(batch),
      rank: loops.length,
      axes: loops.flat(),
    }),
  };
  return g.record(computation, [...batch, m, n]);
}

/**
 * The matrix product op(a)·op(b), op a transpose or not: a [..., m, k], b [..., k, n]. The axes before
 * the last two are batches, which broadcast against each other by NumPy's rule.
 * @throws RangeError if one is no matrix, or sizes or batches do not fit
 * @example
 * const a = g.constant(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * g.matmul(a, a); // [[7, 10], [15, 22]]
 * g.matmul(a, a, true); // [[10, 14], [14, 20]]
 */
export function matmul(g: Recorder, a: Node, b: Node, transA = false, transB = false): Node {
  const product = sizes(g, a, b, transA, transB);
  const { m, n, k } = product;
  if (b.shape.length === 2 && a.shape.length > 2 && !transA) {
    // All rows of a meet one b, so they are one matrix.
    const rows = size(a.shape.slice(0, -1));
    const y = matmul(g, reshape(g, a, [rows, k]), b, false, transB);
    return reshape(g, y, [...a.shape.slice(0, -1), n]);
  }
  if (a.shape.length > 2 || b.shape.length > 2) return batchMatmul(g, a, b, product);
  const computation: Computation = {
    op: "matmul",
    gradient: productGradient(a, b, product),
    ...computeProduct(g, product, a, b),
  };
  return g.record(computation, [m, n]);
}

/**
 * f(x·weight + bias) on the last axis: x [..., in] of at least two axes, weight [in, out], bias [out].
 * Bias and activation are applied while the product's rows are in cache; an activation whose gradient
 * asks for x follows as a node of its own.
 * @throws RangeError if a shape does not fit
 * @example
 * const x = g.constant(Float32Array.of(1, 2), [1, 2]);
 * const weight = g.constant(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * g.dense(x, weight, g.constant(Float32Array.of(0.5, -0.5))); // [[7.5, 9.5]]
 */
export function dense(
  g: Recorder,
  x: Node,
  weight: Node,
  bias?: Node,
  activation?: ActivationChoice,
): Node {
  if (activation && !fuses(activation)) {
    return activate(g, dense(g, x, weight, bias), activation);
  }
  if (x.shape.length < 2 || weight.shape.length !== 2) {
    const came = `${describe(x.shape)} and ${describe(weight.shape)}`;
    throw g.fail("dense", `expected rows and a weight of two axes, got ${came}`);
  }
  if (x.shape.length > 2) {
    const [before, inner] = [x.shape.slice(0, -1), x.shape.at(-1)!];
    const y = dense(g, reshape(g, x, [size(before), inner]), weight, bias, activation);
    return reshape(g, y, [...before, y.shape[1]!]);
  }
  const product = sizes(g, x, weight, false, false);
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== product.n)) {
    throw g.fail("dense", `expected a bias of [${product.n}], got ${describe(bias.shape)}`);
  }
  const computation: Computation = {
    op: "dense",
    gradient(g, node, dy) {
      const dz = activation ? activationGrad(g, activation, node, dy) : dy;
      const rules = [() => matmul(g, dz, weight, false, true), () => matmul(g, x, dz, true, false)];
      return bias ? [...rules, () => sum(g, dz, 0)] : rules;
    },
    ...computeProduct(g, product, x, weight, bias, activation),
  };
  return g.record(computation, [product.m, product.n]);
}
