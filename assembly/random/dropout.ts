import { drop } from "./drop";

/**
 * Dropout: each element is 0 with probability p, or else scaled by 1 / (1 - p) (Srivastava, Hinton,
 * Krizhevsky, Sutskever and Salakhutdinov 2014, scaled while training). Whether element i stays is
 * decided by word i of Philox at (seed, stream, step), so that the gradient draws the same mask anew,
 * and any lane any part of it.
 * @section Dropout
 * @instruction cut along n by 16
 * @param x reads f32[to] from element `from` on
 * @param y writes f32[to] from element `from` on; may be x
 * @param from first element, at most to, a multiple of 4
 * @param to end of the elements
 * @param threshold p · 2^32
 * @param scale 1 / (1 - p)
 * @param seedLow low half of the 64-bit seed
 * @param seedHigh high half
 * @param stream which of the seed's independent streams, one for each layer
 * @param step which mask of the stream
 */

/** Fourth word of the counter of these words; initialisers have 0, and attention has those from 2 on. */
@inline
const USE: u32 = 1;

/**
 * y[i] = scale · x[i] where word i is at least the threshold, else 0, for i from `from` to `to`; x and
 * y point at element 0. The gradient is the same with dy for x.
 * @state state: RandomState
 */
export function dropout(
  x: usize,
  y: usize,
  from: i32,
  to: i32,
  threshold: u32,
  scale: f32,
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
  step: u32,
): void {
  drop(x, y, from, to, threshold, scale, seedLow, seedHigh, stream, step, USE);
}
