import { LINE, chunkStart } from "./chunks";
import { scaleRow } from "./loops/rows";
import { LANES, VECTOR_BYTES, bytes, loadSome, splat, storeSome, wholeBytes } from "./simd";
import { doubles, highPair, hsumPair, lowPair } from "./float64";

/**
 * Clipping of gradients: a flat block x of n of them is scaled or cut in place.
 * @section Clipping of gradients
 * @param x updates f32[n]
 * @param n elements
 * @param maxNorm the longest that x may be, above 0
 * @param limit the largest magnitude of an element, at least 0
 */

/**
 * The sum of squares is taken in this many pieces, cut by n alone, which are then added in order: so
 * threads can share the work, and the sum does not depend on how many there are.
 * @shared
 */
@inline
const PIECES: i32 = 32;

/** Returns the first element of a piece. */
@inline
function pieceStart(n: i32, piece: i32): i32 {
  return chunkStart(n, LINE, piece, PIECES);
}

/** Added to the norm before it divides, as PyTorch's clip_grad_norm_ does. */
@inline
const NORM_EPSILON: f64 = 1e-6;


@inline
function square(x: v128): v128 {
  return f64x2.mul(x, x);
}

/** Σ x² of one piece, in float64: each square is exact, and none overflows. */
function sumSquaresPiece(x: usize, n: i32, piece: i32): f64 {
  const from = pieceStart(n, piece);
  const count = pieceStart(n, piece + 1) - from;
  let ptr = x + bytes(from);
  const end = ptr + wholeBytes(count);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (; ptr < end; ptr += VECTOR_BYTES) {
    const v = v128.load(ptr);
    low = f64x2.add(low, square(lowPair(v)));
    high = f64x2.add(high, square(highPair(v)));
  }
  const rest = count & (LANES - 1);
  if (rest) {
    const v = loadSome(ptr, rest);
    low = f64x2.add(low, square(lowPair(v)));
    high = f64x2.add(high, square(highPair(v)));
  }
  return hsumPair(f64x2.add(low, high));
}

/** Returns the factor that clips a block of this sum of squares: at most 1, NaN if the sum is. */
@inline
function normScale(sumSquares: f64, maxNorm: f64): f32 {
  return <f32>min<f64>(1, maxNorm / (sqrt<f64>(sumSquares) + NORM_EPSILON));
}

/** Returns true if a scale changes anything, as NaN does; compares bits, as fast-math knows no NaN. */
@inline
function clips(factor: f32): bool {
  return reinterpret<u32>(factor) != reinterpret<u32>(<f32>1);
}

/**
 * x *= factor, but 0 stays 0 where the factor is NaN: gradients have room between them that nothing
 * writes, and that would be NaN for good.
 */
function scaleToNorm(x: usize, n: i32, factor: f32): void {
  if ((reinterpret<u32>(factor) & 0x7fffffff) <= 0x7f800000) {
    scaleRow(x, x, n, factor);
    return;
  }
  for (const end = x + bytes(n); x < end; x += 4) {
    if (load<u32>(x) << 1) store<f32>(x, NaN);
  }
}

/**
 * Clips the Euclidean norm of all of x, as PyTorch's clip_grad_norm_ does: where it is longer than
 * maxNorm, x *= maxNorm / (norm + 1e-6). Where the norm is NaN, all elements but zeros become NaN.
 * Returns the norm before.
 * @kernel
 */
export function clipNorm(x: usize, n: i32, maxNorm: f64): f64 {
  let sum: f64 = 0;
  for (let piece = 0; piece < PIECES; piece++) sum += sumSquaresPiece(x, n, piece);
  const factor = normScale(sum, maxNorm);
  if (clips(factor)) scaleToNorm(x, n, factor);
  return sqrt<f64>(sum);
}


@inline
function clipValueLanes(x: usize, low: v128, high: v128, count: i32): void {
  // Each gives its first operand where one is NaN, so NaN stays.
  storeSome(x, f32x4.pmin(f32x4.pmax(loadSome(x, count), low), high), count);
}

/**
 * Cuts each element to [-limit, limit], as PyTorch's clip_grad_value_ does.
 * @instruction cut along n by 16
 */
export function clipValue(x: usize, n: i32, limit: f32): void {
  const high = splat(limit);
  const low = splat(-limit);
  const end = x + wholeBytes(n);
  for (; x < end; x += VECTOR_BYTES) clipValueLanes(x, low, high, LANES);
  const rest = n & (LANES - 1);
  if (rest) clipValueLanes(x, low, high, rest);
}

/** The largest norm of a block; PIECES sums of squares follow it. */
@unmanaged
class NormClipping {
  maxNorm: f64;


  @inline
  sumOf(piece: i32): usize {
    return changetype<usize>(this) + offsetof<NormClipping>() + doubles(piece);
  }
}

/**
 * The sums of squares of x's pieces, which clipNorm adds up.
 * @instruction sumSquares
 */
@unmanaged
export class SumSquares {
  x: usize;
  /** Elements. */
  n: i32;
  /** The largest norm as f64, and f64[PIECES] for the sums. */
  clipping: usize;

  /** Computes a chunk of the pieces. */
  run(chunk: i32, chunks: i32): void {
    const clipping = changetype<NormClipping>(this.clipping);
    const end = chunkStart(PIECES, 1, chunk + 1, chunks);
    for (let piece = chunkStart(PIECES, 1, chunk, chunks); piece < end; piece++) {
      store<f64>(clipping.sumOf(piece), sumSquaresPiece(this.x, this.n, piece));
    }
  }
}

/**
 * Clips x to the norm, after sumSquares; every chunk adds the sums up alike.
 * @instruction clipNorm
 */
@unmanaged
export class ClipNorm {
  x: usize;
  /** Elements. */
  n: i32;
  /** The largest norm as f64, and the sums that sumSquares left. */
  clipping: usize;

  /** Scales a chunk of the elements. */
  run(chunk: i32, chunks: i32): void {
    const clipping = changetype<NormClipping>(this.clipping);
    let sum: f64 = 0;
    for (let piece = 0; piece < PIECES; piece++) sum += load<f64>(clipping.sumOf(piece));
    const factor = normScale(sum, clipping.maxNorm);
    if (!clips(factor)) return;
    const i = chunkStart(this.n, LINE, chunk, chunks);
    scaleToNorm(this.x + bytes(i), chunkStart(this.n, LINE, chunk + 1, chunks) - i, factor);
  }
}
