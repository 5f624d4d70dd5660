import { LINE, chunkStart } from "./chunks";
import { zip } from "./loops/elementwise";
import { bytes } from "./simd";
import { Kernel } from "./words";

/**
 * y[i] = f(a[i], b[i]) for n elements; broadcasting over more axes is a loop around these
 * (Zip).
 * @section Arithmetic
 * @instruction zip
 * @param a reads f32[n], or f32[1] where aStep is 0
 * @param aStep 1, or 0 where a is one number for all i
 * @param b reads f32[n], or f32[1] where bStep is 0
 * @param bStep 1, or 0 where b is one number for all i
 * @param y writes f32[n]; may be a or b
 * @param n elements
 */

/** a + b. */
@unmanaged
class Add {

  @inline
  value(a: v128, b: v128): v128 {
    return f32x4.add(a, b);
  }
}

export function add(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, n: i32): void {
  zip<Add>(a, aStep, b, bStep, y, n);
}
/** a - b. */
@unmanaged
class Sub {

  @inline
  value(a: v128, b: v128): v128 {
    return f32x4.sub(a, b);
  }
}

export function sub(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, n: i32): void {
  zip<Sub>(a, aStep, b, bStep, y, n);
}
/** a · b. */
@unmanaged
class Mul {

  @inline
  value(a: v128, b: v128): v128 {
    return f32x4.mul(a, b);
  }
}

export function mul(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, n: i32): void {
  zip<Mul>(a, aStep, b, bStep, y, n);
}
/** a / b. */
@unmanaged
class Div {

  @inline
  value(a: v128, b: v128): v128 {
    return f32x4.div(a, b);
  }
}

export function div(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, n: i32): void {
  zip<Div>(a, aStep, b, bStep, y, n);
}

/** An axis of arrays that broadcast against each other. */
@unmanaged
class ZipAxis {
  length: i32;
  /** Elements that a moves by along it, 0 where it is broadcast. */
  strideA: i32;
  /** Elements that b moves by. */
  strideB: i32;
}


@inline
function innerOf(axis: ZipAxis): ZipAxis {
  return changetype<ZipAxis>(changetype<usize>(axis) + offsetof<ZipAxis>());
}

/** One axis of a broadcast, of which `length` are left, the rest by recursion; returns the end of y. */
function broadcast(
  kernel: u32,
  a: usize,
  b: usize,
  y: usize,
  axis: ZipAxis,
  rank: i32,
  length: i32,
): usize {
  const strideA = axis.strideA;
  const strideB = axis.strideB;
  if (rank == 1) {
    call_indirect<void>(kernel, a, strideA, b, strideB, y, length);
    return y + bytes(length);
  }
  const inner = innerOf(axis);
  for (let i = 0; i < length; i++) {
    y = broadcast(kernel, a, b, y, inner, rank - 1, inner.length);
    a += bytes(strideA);
    b += bytes(strideB);
  }
  return y;
}

/**
 * y = f(a, b) for arrays that broadcast against each other. Chunks are cut along the first axis.
 * @instruction zip
 * @list axes i32[rank, 3]: of each axis, outermost first, its length, and how many elements a and b
 *   move by along it, 0 where they are broadcast; along the last it is 0 or 1
 */
@unmanaged
export class Zip {
  kernel: Kernel;
  a: usize;
  b: usize;
  y: usize;
  /** Axes, at least 1. */
  rank: i32;

  /** Computes a chunk of the first axis. */
  run(chunk: i32, chunks: i32): void {
    const first = changetype<ZipAxis>(changetype<usize>(this) + offsetof<Zip>());
    const unit = this.rank == 1 ? LINE : 1;
    const from = chunkStart(first.length, unit, chunk, chunks);
    const to = chunkStart(first.length, unit, chunk + 1, chunks);
    let elements = from;
    let axis = first;
    for (let i = 1; i < this.rank; i++) {
      axis = innerOf(axis);
      elements *= axis.length;
    }
    const a = this.a + bytes(from * first.strideA);
    const b = this.b + bytes(from * first.strideB);
    broadcast(this.kernel, a, b, this.y + bytes(elements), first, this.rank, to - from);
  }
}
