import { operand } from "./elementwise";
import { LANES, VECTOR_BYTES, loadSome, storeSome, wholeBytes } from "./simd";

/**
 * Loops over elements with a third operand p, which is one number for all of them where its step is
 * 0: otherwise like zip and zipGradient in elementwise.ts.
 */

@inline
function zip3Lanes<T>(a: usize, b: usize, p: usize, pStep: i32, y: usize, count: i32): void {
  const v = operand(p, pStep, count);
  storeSome(y, changetype<T>(0).value(loadSome(a, count), loadSome(b, count), v), count);
}

/** y[i] = f(a[i], b[i], p[i]); y may be a or b. */
@inline
export function zip3<T>(a: usize, b: usize, p: usize, pStep: i32, y: usize, n: i32): void {
  const end = a + wholeBytes(n);
  for (; a < end; a += VECTOR_BYTES, b += VECTOR_BYTES, y += VECTOR_BYTES) {
    zip3Lanes<T>(a, b, p, pStep, y, LANES);
    p += pStep ? VECTOR_BYTES : 0;
  }
  const rest = n & (LANES - 1);
  if (rest) zip3Lanes<T>(a, b, p, pStep, y, rest);
}


@inline
function zip3GradientLanes<T>(
  a: usize,
  b: usize,
  p: usize,
  pStep: i32,
  dy: usize,
  dyStep: i32,
  dx: usize,
  count: i32,
): void {
  const x = loadSome(a, count);
  const g = operand(dy, dyStep, count);
  const v = operand(p, pStep, count);
  storeSome(dx, changetype<T>(0).gradient(x, loadSome(b, count), v, g), count);
}

/** dx[i] = df/da(a[i], b[i], p[i]) · dy[i]; dx may be dy, which is one number if its step is 0. */
@inline
export function zip3Gradient<T>(
  a: usize,
  b: usize,
  p: usize,
  pStep: i32,
  dy: usize,
  dyStep: i32,
  dx: usize,
  n: i32,
): void {
  const end = a + wholeBytes(n);
  for (; a < end; a += VECTOR_BYTES, b += VECTOR_BYTES, dx += VECTOR_BYTES) {
    zip3GradientLanes<T>(a, b, p, pStep, dy, dyStep, dx, LANES);
    p += pStep ? VECTOR_BYTES : 0;
    dy += dyStep ? VECTOR_BYTES : 0;
  }
  const rest = n & (LANES - 1);
  if (rest) zip3GradientLanes<T>(a, b, p, pStep, dy, dyStep, dx, rest);
}
