import { matmul } from "../../src/reference/matmul.ts";
import type { Arena, Layout } from "../../src/verify/arena.ts";
import { U, expectWithin } from "../../src/verify/compare.ts";
import { floats } from "../../src/verify/numbers.ts";

/** A product C = alpha · op(A)·op(B) + beta · C to try. */
export interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transA: boolean;
  readonly transB: boolean;
  readonly alpha: number;
  readonly beta: number;
  /** Floats between the rows of each matrix that are not part of it. */
  readonly padding: number;
}

export const transposes = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const;

/** A stored matrix: its rows, their length, and how far apart they are. */
export interface Stored {
  readonly rows: number;
  readonly cols: number;
  readonly ld: number;
}

export function stored(rows: number, cols: number, padding: number): Stored {
  return { rows, cols, ld: Math.max(cols + padding, 1) };
}

/** Floats that a matrix takes, without padding after its last row. */
function extent({ rows, cols, ld }: Stored): number {
  return rows > 0 && cols > 0 ? (rows - 1) * ld + cols : 0;
}

/** Random numbers, with NaN in the padding. */
export function matrix(shape: Stored, seed: number): Float32Array {
  return floats(extent(shape), seed).map((x, i) => (i % shape.ld < shape.cols ? x : NaN));
}

/** The operands of a product as they are stored. */
export function operands({ m, n, k, transA, transB, padding }: Product) {
  const a = transA ? stored(k, m, padding) : stored(m, k, padding);
  const b = transB ? stored(n, k, padding) : stored(k, n, padding);
  const c = stored(m, n, padding);
  return { a, b, c };
}

/** The rows of a stored matrix without what is between them. */
function unpadded<T>(values: ArrayLike<T>, { rows, cols, ld }: Stored): T[] {
  return Array.from(
    { length: rows * cols },
    (_, i) => values[Math.floor(i / cols) * ld + (i % cols)]!,
  );
}

/** Runs sgemm with scratch of just the size it asks for; gives C without padding. */
export function multiply(
  arena: Arena,
  product: Product,
  a: Float32Array,
  b: Float32Array,
  c?: Float32Array,
  layout?: Layout,
): Float32Array {
  const { m, n, k, transA, transB, alpha, beta } = product;
  const shapes = operands(product);
  const { sgemm, sgemmScratchBytes } = arena.kernels;
  const length = extent(shapes.c);
  arena.reset(layout);
  const [aAt, bAt] = [arena.input(a), arena.input(b)];
  const cAt = c ? arena.inout(c) : arena.output(length);
  const scratch = arena.output(sgemmScratchBytes(m, n, k) / 4);
  const before = arena.raw(cAt, length);
  const { a: A, b: B, c: C } = shapes;
  sgemm(transA, transB, m, n, k, alpha, aAt, A.ld, bAt, B.ld, beta, cAt, C.ld, scratch);
  arena.checkCanaries();
  const after = arena.raw(cAt, length);
  const touched = after.findIndex((word, i) => i % C.ld >= C.cols && word !== before[i]);
  if (touched >= 0) throw new Error(`C's padding was written, at float ${touched}`);
  return new Float32Array(Uint32Array.from(unpadded(after, C)).buffer);
}

/** Checks products of one shape, for every alpha and beta, against float64. */
export function checkProducts(
  arena: Arena,
  shape: Omit<Product, "alpha" | "beta">,
  factors: readonly (readonly [number, number])[],
  allLayouts: readonly Layout[],
): void {
  const { m, n, k, transA, transB } = shape;
  const { a: A, b: B, c: C } = operands({ ...shape, alpha: 1, beta: 0 });
  const [a, b, c] = [matrix(A, 1), matrix(B, 2), matrix(C, 3)];
  const left = { values: a, ld: A.ld, trans: transA };
  const right = { values: b, ld: B.ld, trans: transB };
  const { value, size } = matmul({ m, n, k, alpha: 1, a: left, b: right });
  const old = unpadded(c, C);
  const roundings = k + Math.ceil(k / 384) + 3;
  const gamma = (roundings * U) / (1 - roundings * U);
  for (const [alpha, beta] of factors) {
    // Not read for beta = 0: then C is poisoned.
    const from = beta === 0 ? undefined : c;
    const expected = value.map((v, i) => alpha * v + (beta === 0 ? 0 : beta * old[i]!));
    const allowed = (_: number, i: number) =>
      gamma * Math.abs(alpha) * size[i]! + 4 * U * Math.abs(beta * old[i]!);
    for (const layout of allLayouts) {
      const product = { ...shape, alpha, beta };
      const result = multiply(arena, product, a, b, from, layout);
      expectWithin(result, expected, allowed, JSON.stringify(product));
    }
  }
}
