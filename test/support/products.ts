import type { Arena } from "../../src/verify/arena.ts";
import {
  type ProductShape,
  type Stored,
  extent,
  operands,
} from "../../src/verify/families/products.ts";

/** A product C = alpha · op(A)·op(B) + beta · C to run. */
export interface Product extends ProductShape {
  readonly alpha: number;
  readonly beta: number;
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
): Float32Array {
  const { m, n, k, transA, transB, alpha, beta } = product;
  const shapes = operands(product);
  const { sgemm, sgemmScratchBytes } = arena.kernels;
  const length = extent(shapes.c);
  arena.reset();
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
