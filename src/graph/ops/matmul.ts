import { align } from "../../memory/heap.ts";
import {
  type Computation,
  type Epilogue,
  type GradientRule,
  type Node,
  type Recorder,
  type Shape,
} from "../node.ts";
import { COLUMN_SUMS, OUTPUT, SCRATCH, addingRule, describe, float, instruction } from "../node.ts";
import { size } from "../node.ts";
import {
  type ActivationChoice,
  activate,
  activationGrad,
  canFuse,
  epilogueOf,
} from "./activations.ts";
import { axes, broadcastShape } from "./binary.ts";
import { withEpilogue } from "./map.ts";
import { sumTo } from "./reduce.ts";
import { reshape } from "./shape.ts";

/**
 * Settings of a product f(alpha · op(a)·op(b) + bias), where op transposes a matrix or does not.
 */
interface Product {
  /** Name of the op, for errors and summaries. */
  readonly op: "matmul" | "dense";
  readonly transA?: boolean;
  readonly transB?: boolean;
  /** Factor of the product; 1 by default. */
  readonly alpha?: number;
  /** Bias: one number for each column. */
  readonly bias?: Node | undefined;
  /** Activation f, which must be one that can fuse. */
  readonly activation?: ActivationChoice | undefined;
  /** Node that the product is added to, in the storage of that node. No other node reads it. */
  readonly addTo?: Node | undefined;
}

/** Sizes of op(a)·op(b): [m, k]·[k, n]. */
interface Sizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/**
 * Returns the sizes of op(a)·op(b), from the last two axes.
 * @throws RangeError unless both are matrices, or batches of matrices, whose inner sizes agree
 */
function sizes(g: Recorder, a: Node, b: Node, { op, transA, transB }: Product): Sizes {
  const received = `${describe(a.shape)} and ${describe(b.shape)}`;
  if (a.shape.length < 2 || b.shape.length < 2) {
    throw g.fail(op, `expected two matrices, got ${received}`);
  }
  const [rowsA, colsA] = a.shape.slice(-2) as [number, number];
  const [rowsB, colsB] = b.shape.slice(-2) as [number, number];
  const [m, k] = transA ? [colsA, rowsA] : [rowsA, colsA];
  const [inner, n] = transB ? [colsB, rowsB] : [rowsB, colsB];
  if (k !== inner) {
    const how = `${transA ? "aᵀ" : "a"}·${transB ? "bᵀ" : "b"}`;
    throw g.fail(
      op,
      `expected inner sizes of ${how} that agree, got ${k} and ${inner}: ${received}`,
    );
  }
  return { m, n, k };
}

/** Number of multiply-adds that take as long as reading or writing an element. */
export const MACS_PER_ELEMENT = 8;

/** Returns scratch, multiply-adds and work of `count` products of these sizes. */
function needs(g: Recorder, { m, n, k }: Sizes, count = 1) {
  const scratch = align(g.kernels.sgemmScratchBytes(m, n, k));
  const multiplyAdds = count * m * n * k;
  return { scratch, multiplyAdds, work: multiplyAdds / MACS_PER_ELEMENT };
}

type Computed = Pick<
  Computation,
  "followedBy" | "instruction" | "multiplyAdds" | "scratch" | "sumsColumnsOf" | "updates" | "work"
>;

/** Returns the computation of a product of two matrices, which are stored with dense rows. */
function oneProduct(g: Recorder, a: Node, b: Node, product: Product, of: Sizes): Computed {
  const { transA = false, transB = false, alpha = 1, bias, addTo } = product;
  const { m, n, k } = of;
  const need = needs(g, of);
  const make = ({ activation, parameter }: Epilogue) =>
    instruction("gemm", {
      transA,
      transB,
      m,
      n,
      k,
      alpha: float(alpha),
      a,
      lda: transA ? m : k,
      b,
      ldb: transB ? k : n,
      beta: float(addTo ? 1 : 0),
      c: addTo ?? OUTPUT,
      ldc: n,
      scratch: SCRATCH,
      scratchBytes: need.scratch,
      bias: bias ?? 0,
      activation,
      parameter,
      columnSums: COLUMN_SUMS,
    });
  return {
    ...need,
    ...(!transB && { sumsColumnsOf: b }),
    updates: addTo,
    ...withEpilogue(make, epilogueOf(product.activation)),
  };
}

/** Returns the computation of a product of batches of matrices that broadcast to `batch`. */
function batchProduct(
  g: Recorder,
  a: Node,
  b: Node,
  product: Product,
  of: Sizes,
  batch: Shape,
): Computed {
  const { transA = false, transB = false, alpha = 1, bias, addTo } = product;
  const { m, n, k } = of;
  const loops = axes(a.shape.slice(0, -2), b.shape.slice(0, -2), batch);
  const need = needs(g, of, size(batch));
  const make = ({ activation, parameter }: Epilogue) =>
    instruction("batchGemm", {
      transA,
      transB,
      m,
      n,
      k,
      alpha: float(alpha),
      a,
      b,
      beta: float(addTo ? 1 : 0),
      c: addTo ?? OUTPUT,
      scratch: SCRATCH,
      scratchBytes: need.scratch,
      bias: bias ?? 0,
      activation,
      parameter,
      batch: size(batch),
      rank: loops.length,
      axes: loops.flat(),
    });
  return { ...need, updates: addTo, ...withEpilogue(make, epilogueOf(product.activation)) };
}

type Gradient = NonNullable<Computation["gradient"]>;

/**
 * Returns the gradient of a product, with rules for a, b and the bias. The gradient of an operand
 * that broadcasting repeats is summed over the repetitions.
 */
function gradientOf(a: Node, b: Node, product: Product): Gradient {
  const { transA = false, transB = false, alpha = 1, bias, activation } = product;
  const isOneBatch = describe(a.shape.slice(0, -2)) === describe(b.shape.slice(0, -2));
  return (g, y, dy) => {
    const dz = activation ? activationGrad(g, activation, y, dy) : dy;
    const rule = (of: Node, left: Node, right: Node, transA: boolean, transB: boolean) => {
      const give = (addTo?: Node): Node =>
        sumTo(
          g,
          multiply(g, left, right, { op: "matmul", transA, transB, alpha, addTo }),
          of.shape,
        );
      return isOneBatch ? addingRule(give) : () => give();
    };
    const rules: GradientRule[] = [
      transA ? rule(a, b, dz, transB, true) : rule(a, dz, b, false, !transB),
      transB ? rule(b, dz, a, true, transA) : rule(b, a, dz, !transA, false),
    ];
    return bias ? [...rules, () => sumTo(g, dz, bias.shape)] : rules;
  };
}

/** Appends a product of two matrices, or of each pair of matrices in batches that broadcast. */
function multiply(g: Recorder, a: Node, b: Node, product: Product): Node {
  const { op, transA } = product;
  const of = sizes(g, a, b, product);
  if (b.shape.length === 2 && a.shape.length > 2 && !transA) {
    // All rows of a are multiplied by the same b, so they form one matrix.
    const before = a.shape.slice(0, -1);
    const y = multiply(g, reshape(g, a, [size(before), of.k]), b, product);
    return reshape(g, y, [...before, of.n]);
  }
  const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (!batch) {
    const received = `${describe(a.shape)} and ${describe(b.shape)}`;
    throw g.fail(op, `expected batches that broadcast against each other, got ${received}`);
  }
  const computed =
    a.shape.length + b.shape.length > 4
      ? batchProduct(g, a, b, product, of, batch)
      : oneProduct(g, a, b, product, of);
  const computation = { op, gradient: gradientOf(a, b, product), ...computed };
  return g.append(computation, [...batch, of.m, of.n]);
}

/**
 * The matrix product alpha · op(a)·op(b), where op(a) is [..., m, k] and op(b) is [..., k, n]. op
 * transposes the last two axes if transA or transB is true. The axes before these are batches,
 * which broadcast against each other by NumPy's rule. alpha = 0 gives 0 whatever a and b hold, as in
 * BLAS.
 * @throws RangeError if one is not a matrix, or sizes or batches do not fit
 * @example
 * const a = g.constant(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * g.matmul(a, a); // [[7, 10], [15, 22]]
 * g.matmul(a, a, true); // [[10, 14], [14, 20]]
 * g.matmul(a, a, false, false, 0.5); // [[3.5, 5], [7.5, 11]]
 */
export function matmul(
  g: Recorder,
  a: Node,
  b: Node,
  transA = false,
  transB = false,
  alpha = 1,
): Node {
  return multiply(g, a, b, { op: "matmul", transA, transB, alpha });
}

/**
 * f(x·weight + bias) along the last axis, for x [..., in] of at least two axes, weight [in, out]
 * and bias [out]. A weight of more axes holds one matrix for each matrix of a batch: x is
 * [..., rows, in] and weight [..., in, out], and their batches broadcast as in matmul. Bias and
 * activation are applied while the rows of the product are in cache. An activation whose gradient
 * needs its input follows as a node of its own.
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
  if (activation && !canFuse(activation)) {
    return activate(g, dense(g, x, weight, bias), activation);
  }
  if (x.shape.length < 2 || weight.shape.length < 2) {
    const received = `${describe(x.shape)} and ${describe(weight.shape)}`;
    throw g.fail("dense", `expected rows and a weight of at least two axes, got ${received}`);
  }
  const columns = [weight.shape.at(-1)!];
  if (bias && describe(bias.shape) !== describe(columns)) {
    throw g.fail("dense", `expected a bias of ${describe(columns)}, got ${describe(bias.shape)}`);
  }
  return multiply(g, x, weight, { op: "dense", bias, activation });
}
