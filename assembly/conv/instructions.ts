import { chunkStart, ownScratch } from "../chunks";
import { Epilogue, Flag } from "../words";
import { Correlation } from "./correlate";
import { Geometry } from "./geometry";
import { WeightGradient } from "./weight-grad";
import { Packing } from "./weights";

/** @section Convolution */

/**
 * Packs a weight. Chunks are cut along its strips.
 * @instruction packConv2d
 * @list geometry i32[16]: as conv2d takes it
 */
@unmanaged
export class PackConv2d {
  weight: usize;
  packed: usize;
  /** True for the input gradient. */
  isGradient: Flag;
  /** A block of scratch for each thread. */
  scratch: usize;
  /** Bytes of such a block, at least 512. */
  scratchBytes: i32;

  /** Packs a chunk of the strips. */
  run(chunk: i32, chunks: i32): void {
    const geometry = changetype<Geometry>(changetype<usize>(this) + offsetof<PackConv2d>());
    const scratch = ownScratch(this.scratch, this.scratchBytes);
    const pack = Packing.at(scratch, geometry, this.isGradient != 0);
    const strips = pack.strips;
    const from = chunkStart(strips, 1, chunk, chunks);
    pack.run(this.weight, this.packed, from, chunkStart(strips, 1, chunk + 1, chunks));
  }
}

/**
 * Convolution, or its input gradient, with bias and activation. Chunks are cut along the rows of all
 * results.
 * @instruction conv2d
 * @list geometry i32[16]: as conv2d takes it
 */
@unmanaged
export class Conv2d {
  /** True for the input gradient. */
  isGradient: Flag;
  /** Images that are convolved: x, or the gradient of y. */
  source: usize;
  /** The weight as packConv2d left it. */
  packed: usize;
  target: usize;
  /** f32[filters], f32[channels] for the gradient; none if 0. */
  bias: usize;
  /** The function f, or LINEAR. */
  activation: Epilogue;
  /** Parameter of f. */
  parameter: f32;
  /** A block of scratch for each thread. */
  scratch: usize;
  /** Bytes of such a block: conv2dScratchBytes of the geometry. */
  scratchBytes: i32;

  /** Computes a chunk of the rows. */
  run(chunk: i32, chunks: i32): void {
    const geometry = changetype<Geometry>(changetype<usize>(this) + offsetof<Conv2d>());
    const scratch = ownScratch(this.scratch, this.scratchBytes);
    const c = Correlation.at(scratch, geometry, this.isGradient != 0);
    c.packed = this.packed;
    c.finishWith(this.bias, this.activation, this.parameter);
    c.sources = this.source;
    c.targets = this.target;
    c.run(chunkStart(c.length, 1, chunk, chunks), chunkStart(c.length, 1, chunk + 1, chunks));
  }
}

/**
 * Gradients of a convolution's weight and bias. Chunks are cut along the ranges of images and the parts of
 * the channels.
 * @instruction conv2dWeightGrad
 * @list geometry i32[16]: as conv2d takes it
 */
@unmanaged
export class Conv2dWeightGrad {
  x: usize;
  dy: usize;
  /** Sums, for each range those of a whole weight. */
  dw: usize;
  /** f32[ranges, filters]; none if 0. */
  dbias: usize;
  /** Ranges of images, at least 1. */
  ranges: i32;
  /** A block of scratch for each thread. */
  scratch: usize;
  /** Bytes of such a block: conv2dScratchBytes of the geometry. */
  scratchBytes: i32;

  /** Computes a chunk of the sums. */
  run(chunk: i32, chunks: i32): void {
    const geometry = changetype<Geometry>(changetype<usize>(this) + offsetof<Conv2dWeightGrad>());
    const scratch = ownScratch(this.scratch, this.scratchBytes);
    const gradient = WeightGradient.at(scratch, geometry);
    gradient.x = this.x;
    gradient.dy = this.dy;
    gradient.dw = this.dw;
    gradient.dbias = this.dbias;
    gradient.ranges = this.ranges;
    const items = gradient.items;
    gradient.run(chunkStart(items, 1, chunk, chunks), chunkStart(items, 1, chunk + 1, chunks));
  }
}
