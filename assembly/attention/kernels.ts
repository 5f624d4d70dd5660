import { Backward, backwardBytes } from "./backward";
import { Forward, forwardBytes } from "./forward";
import { Geometry } from "./geometry";
import { blockBytes } from "./sizes";

/**
 * Scaled dot-product attention of every head of every example: y = softmax(scale · q·kᵀ)·v (Vaswani,
 * Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser and Polosukhin, "Attention is all you need", 2017). It
 * goes over blocks of 64 queries and 256 keys, so that no matrix of all scores is stored.
 *
 * A geometry is i32[23]: examples, heads, queries, keys, the columns of q and k, those of v and y, and a
 * diagonal: query i sees keys 0 to i + diagonal. Then come floats from example to example, from head to
 * head and from row to row: for q, k, v and y. Last are the mask's, and those from key to key of it, 0 along
 * an axis that broadcasts. Gradients lie as their arrays do. The columns of a row follow each other.
 *
 * Dropout keeps the probability of query i and key j of part p = example · heads + head if word i mod 4 of
 * Philox is at least the threshold, with the counter (⌊i / 4⌋, step, stream, 2 + p · keys + j) and the seed
 * as its key.
 *
 * @section Attention
 * @kernel
 * @param q reads the f32 queries
 * @param k reads the f32 keys
 * @param v reads the f32 values
 * @param mask reads 32-bit elements, floats or integers, that are 0 for pairs that are hidden; none if 0
 * @param geometry reads i32[23]
 * @param scale factor of the scores
 * @param random reads u32[3], seed low, seed high, step, for dropout; none if 0
 * @param stream which of the seed's independent streams
 * @param threshold probability to drop · 2^32
 * @param kept factor of the probabilities that are kept
 * @param scratch scratch of attentionScratchBytes bytes
 */

/**
 * Bytes of scratch that a thread needs for either pass of an attention.
 * @param keys rows of k
 * @param depth columns of q and k
 * @param valueDepth columns of v
 */
export function attentionScratchBytes(keys: i32, depth: i32, valueDepth: i32): usize {
  const own = max(forwardBytes(keys, valueDepth), backwardBytes(keys, depth, valueDepth));
  return blockBytes(keys, depth, valueDepth) + own;
}

/**
 * y[i] = Σ_j P[i, j] · v[j] with P[i, j] = e^(scale · q[i]·k[j]) / Σ_l e^(scale · q[i]·k[l]) over the keys
 * that query i sees; 0 if it sees none.
 * @param y writes the f32 results
 * @param logSumExp writes f32[examples, heads, queries], the logarithms of the sums of exponentials, ∞ for a
 *   query that sees no key; none if 0
 */
export function attention(
  q: usize,
  k: usize,
  v: usize,
  mask: usize,
  y: usize,
  logSumExp: usize,
  geometry: usize,
  scale: f32,
  random: usize,
  stream: u32,
  threshold: u32,
  kept: f32,
  scratch: usize,
): void {
  const pass = Forward.at(scratch, changetype<Geometry>(geometry));
  pass.set(q, k, v, mask, y, logSumExp, scale, random, stream, threshold, kept);
  pass.run(0, pass.items);
}

/**
 * Gradients of attention's q, k and v.
 * @param y reads the f32 results
 * @param logSumExp reads f32[examples, heads, queries], as attention gave it
 * @param dy reads the f32 gradient of y
 * @param dq writes the f32 gradient of q; none if 0
 * @param dk writes the f32 gradient of k; none if 0
 * @param dv writes the f32 gradient of v; none if 0
 */
export function attentionGrad(
  q: usize,
  k: usize,
  v: usize,
  mask: usize,
  y: usize,
  logSumExp: usize,
  dy: usize,
  dq: usize,
  dk: usize,
  dv: usize,
  geometry: usize,
  scale: f32,
  random: usize,
  stream: u32,
  threshold: u32,
  kept: f32,
  scratch: usize,
): void {
  const pass = Backward.at(scratch, changetype<Geometry>(geometry));
  pass.set(q, k, v, mask, y, logSumExp, scale, random, stream, threshold, kept);
  pass.setGradients(dy, dq, dk, dv);
  pass.run(0, pass.geometry.parts);
}
