import { map, mapGradient } from "../loops/elementwise";
import { splat } from "../simd";

/**
 * Activations y = f(x) that are quotients, and their gradients dx = f'(x) · dy.
 * @section Activations: quotients
 * @instruction map(x, y, n, parameter) cut along n by 16
 * @instruction mapGrad(v, dy, dx, n, parameter) cut along n by 16
 * @param x reads f32[n]
 * @param y writes f32[n]; may be x
 * @param dy reads f32[n]
 * @param dx writes f32[n]; may be dy
 * @param n elements
 * @param p not used
 */

/**
 * x / (1 + |x|), ±1 at ±∞; gradient dy / (1 + |x|)². It is taken from x, as (1 - |y|)² loses its
 * digits where y comes close to ±1, and in two divisions, as the square overflows from 1.8e19 on.
 */
@unmanaged
class Softsign {

  @inline
  value(x: v128, _p: v128): v128 {
    const size = f32x4.pmin(f32x4.abs(x), splat(f32.MAX_VALUE));
    const y = f32x4.div(size, f32x4.add(splat(1), size));
    return v128.or(y, v128.and(x, splat(-0.0)));
  }


  @inline
  gradient(x: v128, dy: v128, _p: v128): v128 {
    const divisor = f32x4.add(splat(1), f32x4.abs(x));
    return f32x4.div(f32x4.div(dy, divisor), divisor);
  }
}

export function softsign(x: usize, y: usize, n: i32, p: f32): void {
  map<Softsign>(x, y, n, p);
}

export function softsignGrad(x: usize, dy: usize, dx: usize, n: i32, p: f32): void {
  mapGradient<Softsign>(x, dy, dx, n, p);
}
