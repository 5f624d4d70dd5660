import { LANES, VECTOR_BYTES, loadSome, splat, storeSome, wholeBytes } from "../simd";

/**
 * Loops over elements, generic over what is done to each vector of four: T is a class of inlined
 * methods and no fields, used as `changetype<T>(0)`, so every kernel becomes its own flat loop.
 * The last one to three elements go through the same vector code, so tail and body agree in bits.
 */

@inline
function mapLanes<T>(x: usize, y: usize, p: v128, count: i32): void {
  storeSome(y, changetype<T>(0).value(loadSome(x, count), p), count);
}

/** y[i] = f(x[i], p); y may be x. */
@inline
export function map<T>(x: usize, y: usize, n: i32, parameter: f32): void {
  const p = splat(parameter);
  const end = x + wholeBytes(n);
  for (; x < end; x += VECTOR_BYTES, y += VECTOR_BYTES) mapLanes<T>(x, y, p, LANES);
  const rest = n & (LANES - 1);
  if (rest) mapLanes<T>(x, y, p, rest);
}


@inline
function gradientLanes<T>(v: usize, dy: usize, dx: usize, p: v128, count: i32): void {
  const slope = changetype<T>(0).gradient(loadSome(v, count), loadSome(dy, count), p);
  storeSome(dx, slope, count);
}

/** dx[i] = f'(x[i], p) · dy[i]; v is x, or y where f' is computed from that; dx may be dy. */
@inline
export function mapGradient<T>(v: usize, dy: usize, dx: usize, n: i32, parameter: f32): void {
  const p = splat(parameter);
  const end = v + wholeBytes(n);
  for (; v < end; v += VECTOR_BYTES, dy += VECTOR_BYTES, dx += VECTOR_BYTES) {
    gradientLanes<T>(v, dy, dx, p, LANES);
  }
  const rest = n & (LANES - 1);
  if (rest) gradientLanes<T>(v, dy, dx, p, rest);
}

/** Four elements of an operand, or the one number that stands for all of them where step is 0. */
@inline
export function operand(ptr: usize, step: i32, count: i32): v128 {
  return step ? loadSome(ptr, count) : v128.load_splat<f32>(ptr);
}


@inline
function zipLanes<T>(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, count: i32): void {
  const f = changetype<T>(0);
  storeSome(y, f.value(operand(a, aStep, count), operand(b, bStep, count)), count);
}

/** zip without a loop of its own for two arrays, which takes half the code. */
@inline
export function zipSteps<T>(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, n: i32): void {
  const end = y + wholeBytes(n);
  for (; y < end; y += VECTOR_BYTES) {
    zipLanes<T>(a, aStep, b, bStep, y, LANES);
    a += aStep ? VECTOR_BYTES : 0;
    b += bStep ? VECTOR_BYTES : 0;
  }
  const rest = n & (LANES - 1);
  if (rest) zipLanes<T>(a, aStep, b, bStep, y, rest);
}

/** y[i] = f(a[i], b[i]); an operand whose step is 0 is one number for all i. y may be a or b. */
@inline
export function zip<T>(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, n: i32): void {
  if (aStep & bStep) zipSteps<T>(a, 1, b, 1, y, n);
  else zipSteps<T>(a, aStep, b, bStep, y, n);
}


@inline
function zipGradientLanes<T>(a: usize, b: usize, dy: usize, dx: usize, count: i32): void {
  const f = changetype<T>(0);
  const g = loadSome(dy, count);
  storeSome(dx, f.gradient(loadSome(a, count), loadSome(b, count), g), count);
}

/** dx[i] = df/da(a[i], b[i]) · dy[i]; dx may be dy. */
@inline
export function zipGradient<T>(a: usize, b: usize, dy: usize, dx: usize, n: i32): void {
  const end = a + wholeBytes(n);
  while (a < end) {
    zipGradientLanes<T>(a, b, dy, dx, LANES);
    a += VECTOR_BYTES;
    b += VECTOR_BYTES;
    dy += VECTOR_BYTES;
    dx += VECTOR_BYTES;
  }
  const rest = n & (LANES - 1);
  if (rest) zipGradientLanes<T>(a, b, dy, dx, rest);
}

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
  dx: usize,
  count: i32,
): void {
  const x = loadSome(a, count);
  const g = loadSome(dy, count);
  const v = operand(p, pStep, count);
  storeSome(dx, changetype<T>(0).gradient(x, loadSome(b, count), v, g), count);
}

/** dx[i] = df/da(a[i], b[i], p[i]) · dy[i]; dx may be dy. */
@inline
export function zip3Gradient<T>(
  a: usize,
  b: usize,
  p: usize,
  pStep: i32,
  dy: usize,
  dx: usize,
  n: i32,
): void {
  const end = a + wholeBytes(n);
  for (; a < end; a += VECTOR_BYTES, b += VECTOR_BYTES, dy += VECTOR_BYTES) {
    zip3GradientLanes<T>(a, b, p, pStep, dy, dx, LANES);
    p += pStep ? VECTOR_BYTES : 0;
    dx += VECTOR_BYTES;
  }
  const rest = n & (LANES - 1);
  if (rest) zip3GradientLanes<T>(a, b, p, pStep, dy, dx, rest);
}
