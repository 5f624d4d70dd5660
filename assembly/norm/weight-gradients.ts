import { loadSome } from "../simd";
import { addToSums, highPair, lowPair } from "../float64";

/** Loops that the gradients of the normalisations' weights and biases share. */

/** (x - mean) · scale. */
@inline
export function distanceLanes(x: usize, mean: v128, scale: v128, count: i32): v128 {
  return f32x4.mul(f32x4.sub(loadSome(x, count), mean), scale);
}

/**
 * (x - mean) · scale + shift, where the shift makes up for what the mean lost when it was rounded to
 * float32: half a unit of its last place, which may be as much as the deviation.
 */
@inline
export function hatLanes(x: usize, mean: v128, scale: v128, shift: v128, count: i32): v128 {
  return f32x4.add(distanceLanes(x, mean, scale, count), shift);
}

/** Adds dy · hat and dy to sums of their own. */
@inline
export function addSlopes(hat: v128, dy: usize, along: usize, plain: usize, count: i32): void {
  const g = loadSome(dy, count);
  const product = f32x4.mul(g, hat);
  addToSums(along, lowPair(product), highPair(product), count);
  addToSums(plain, lowPair(g), highPair(g), count);
}
