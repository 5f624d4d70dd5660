import { chunkStart, ownScratch } from "../chunks";
import { Backward } from "./backward";
import { Forward } from "./forward";
import { Geometry } from "./geometry";

/** @section Attention */

/**
 * Attention. Chunks are cut along the blocks of queries of all heads.
 * @instruction attention
 * @list geometry i32[23]: as attention takes it
 */
@unmanaged
export class AttentionWords {
  q: usize;
  k: usize;
  v: usize;
  /** Elements that are 0 for pairs that are hidden; none if 0. */
  mask: usize;
  y: usize;
  /** f32[examples, heads, queries]; none if 0. */
  logSumExp: usize;
  /** Factor of the scores. */
  scale: f32;
  /** Random state of dropout; none if 0. */
  random: usize;
  /** Number of the seed's independent stream. */
  stream: u32;
  /** Probability to drop · 2^32. */
  threshold: u32;
  /** Factor of the probabilities that are kept. */
  kept: f32;
  /** A block of scratch for each thread. */
  scratch: usize;
  /** Bytes of such a block: attentionScratchBytes of the geometry. */
  scratchBytes: i32;

  /** Computes a chunk of the blocks. */
  run(chunk: i32, chunks: i32): void {
    const geometry = changetype<Geometry>(changetype<usize>(this) + offsetof<AttentionWords>());
    const pass = Forward.at(ownScratch(this.scratch, this.scratchBytes), geometry);
    pass.set(
      this.q,
      this.k,
      this.v,
      this.mask,
      this.y,
      this.logSumExp,
      this.scale,
      this.random,
      this.stream,
      this.threshold,
      this.kept,
    );
    const items = pass.items;
    pass.run(chunkStart(items, 1, chunk, chunks), chunkStart(items, 1, chunk + 1, chunks));
  }
}

/**
 * Gradients of an attention. Chunks are cut along the heads of all examples.
 * @instruction attentionGrad
 * @list geometry i32[23]: as attention takes it
 */
@unmanaged
export class AttentionGradWords {
  q: usize;
  k: usize;
  v: usize;
  /** Elements that are 0 for pairs that are hidden; none if 0. */
  mask: usize;
  y: usize;
  /** f32[examples, heads, queries]. */
  logSumExp: usize;
  dy: usize;
  /** Gradient of q; none if 0. */
  dq: usize;
  /** Gradient of k; none if 0. */
  dk: usize;
  /** Gradient of v; none if 0. */
  dv: usize;
  /** Factor of the scores. */
  scale: f32;
  /** Random state of dropout; none if 0. */
  random: usize;
  /** Number of the seed's independent stream. */
  stream: u32;
  /** Probability to drop · 2^32. */
  threshold: u32;
  /** Factor of the probabilities that are kept. */
  kept: f32;
  /** A block of scratch for each thread. */
  scratch: usize;
  /** Bytes of such a block: attentionScratchBytes of the geometry. */
  scratchBytes: i32;

  /** Computes a chunk of the heads. */
  run(chunk: i32, chunks: i32): void {
    const geometry = changetype<Geometry>(changetype<usize>(this) + offsetof<AttentionGradWords>());
    const pass = Backward.at(ownScratch(this.scratch, this.scratchBytes), geometry);
    pass.set(
      this.q,
      this.k,
      this.v,
      this.mask,
      this.y,
      this.logSumExp,
      this.scale,
      this.random,
      this.stream,
      this.threshold,
      this.kept,
    );
    pass.setGradients(this.dy, this.dq, this.dk, this.dv);
    const parts = geometry.parts;
    pass.run(chunkStart(parts, 1, chunk, chunks), chunkStart(parts, 1, chunk + 1, chunks));
  }
}
