import { blockOfK } from "../gemm/gemm";
import { bytes } from "../simd";
import { Copies } from "./copies";
import { Geometry } from "./geometry";
import { Sweep } from "./sweep";
import { DEPTHWISE } from "./tile";
import { Weights } from "./weights";

/**
 * Correlations of images with packed weights: the forward pass and the input gradient.
 *
 * The sum of an output is over taps in the order of what they read, and over channels within a tap, in
 * the blocks of a matrix product of that length. So the forward pass has the bits of the product with
 * the matrix of all windows, which is never made.
 */

/** Channels of a depthwise plane, a cache line. */
@inline
export const PLANE: i32 = 16;

/** A correlation at work, in a thread's scratch, with all its parts behind it. */
@unmanaged
export class Correlation {
  geometry: Geometry;
  isGradient: bool;
  packed: usize;
  bias: usize;
  /** Addresses of the images of the source, and of those of the target. */
  sources: usize;
  targets: usize;

  /** Channels of the target. */
  private channels: i32;

  /** Makes a correlation in a thread's scratch. */
  static at(scratch: usize, geometry: Geometry, isGradient: bool): Correlation {
    const self = changetype<Correlation>(scratch);
    self.geometry = geometry;
    self.isGradient = isGradient;
    self.set();
    return self;
  }

  /* Its parts lie behind it, one after another. */

  @inline
  private get weights(): Weights {
    return changetype<Weights>(changetype<usize>(this) + offsetof<Correlation>());
  }


  @inline
  private get copies(): Copies {
    return changetype<Copies>(changetype<usize>(this.weights) + offsetof<Weights>());
  }


  @inline
  private get sweep(): Sweep {
    return changetype<Sweep>(changetype<usize>(this.copies) + Copies.bytes);
  }

  /** Offsets of what the steps of the sums read, phase by phase. */
  @inline
  private get offsets(): usize {
    return changetype<usize>(this.sweep) + Sweep.bytes;
  }

  private set(): void {
    const g = this.geometry;
    const isGradient = this.isGradient;
    const weights = this.weights;
    const copies = this.copies;
    weights.set(g, isGradient);
    this.channels = isGradient ? g.channels : g.filters;
    if (weights.isDepthwise) copies.set(g, isGradient, PLANE, weights.inner, false);
    else copies.set(g, isGradient, isGradient ? g.filters : g.channels, 1, true);
    this.setSweep();
    copies.at = (this.setOffsets() + 63) & ~63;
  }

  private setSweep(): void {
    const sweep = this.sweep;
    const copies = this.copies;
    const rows = copies.rows;
    const columns = copies.columns;
    const pixel = bytes(this.channels);
    const row = <usize>columns.total * pixel;
    sweep.rowStep = rows.step;
    sweep.length = rows.length;
    sweep.sourceStep = <usize>columns.step * copies.pixel;
    sweep.sourceRow = <usize>rows.step * copies.row;
    sweep.sourceImage = copies.image;
    sweep.targetStep = <usize>columns.phases * pixel;
    sweep.targetRow = <usize>rows.phases * row;
    sweep.targetImage = <usize>rows.total * row;
  }

  /** Sets the bias, none if 0, and the activation of the results. */
  finishWith(bias: usize, activation: i32, parameter: f32): void {
    this.bias = bias;
    this.sweep.activation = activation;
    this.sweep.parameter = parameter;
  }

  /** Writes the offsets of all phases, and returns where they end. */
  private setOffsets(): usize {
    const copies = this.copies;
    const rows = copies.rows;
    const columns = copies.columns;
    const inner = this.weights.inner;
    const next: usize = this.weights.isDepthwise ? copies.plane : 4;
    let at = this.offsets;
    for (let fy = 0; fy < rows.phases; fy++) {
      for (let fx = 0; fx < columns.phases; fx++) {
        this.choose(fy, fx);
        for (let y = 0; y < rows.taps; y++) {
          for (let x = 0; x < columns.taps; x++) {
            let offset = <usize>(y * rows.tapStep) * copies.row;
            offset += <usize>(x * columns.tapStep) * copies.pixel;
            for (let i = 0; i < inner; i++, at += 4, offset += next) store<usize>(at, offset);
          }
        }
      }
    }
    return at;
  }

  private choose(fy: i32, fx: i32): void {
    if (!this.isGradient) return;
    this.copies.rows.choose(fy);
    this.copies.columns.choose(fx);
  }

  /** Rows of outputs of all phases and images. */
  get length(): i32 {
    return this.geometry.images * this.copies.rows.outputs;
  }

  /** Computes output rows `from` to `to` of those of all images, a band after another. */
  run(from: i32, to: i32): void {
    const copies = this.copies;
    const outputs = copies.rows.outputs;
    while (from < to) {
      const image = from / outputs;
      const first = from - image * outputs;
      const count = min(min(copies.outputs, outputs - first), to - from);
      const images = count < outputs ? 1 : min(copies.images, (to - from) / outputs);
      if (this.weights.isDepthwise) this.runPlanes(image, images, first, count);
      else this.runChannels(image, images, first, count);
      from += images * count;
    }
  }

  /** Computes a band of all channels. */
  private runChannels(image: i32, images: i32, first: i32, count: i32): void {
    const copies = this.copies;
    let source = copies.at;
    if (copies.isInPlace) {
      source = this.sources + <usize>image * copies.image;
      source += <usize>(first * copies.rows.step + copies.rows.low) * copies.row;
      source += <usize>copies.columns.low * copies.pixel;
    } else {
      copies.first = copies.offset = 0;
      copies.count = copies.width;
      copies.factor = copies.divisor = 1;
      copies.copyImages(this.sources, image, images, first, count, 0);
    }
    this.sweep.panel.set(this.weights.kind, this.weights.n);
    this.runPhases(source, image, images, first, count, 0);
  }

  /** Computes a band of channels each on its own, a plane of them after another. */
  private runPlanes(image: i32, images: i32, first: i32, count: i32): void {
    const copies = this.copies;
    const weights = this.weights;
    const each = this.geometry.filters / this.geometry.channels;
    for (let c = 0; c < weights.n; c += PLANE) {
      copies.first = c;
      copies.count = min(PLANE, weights.n - c);
      copies.factor = this.isGradient ? each : 1;
      copies.divisor = this.isGradient ? 1 : each;
      for (let i = 0; i < weights.inner; i++) {
        copies.offset = i;
        copies.copyImages(this.sources, image, images, first, count, i);
      }
      this.sweep.panel.set(DEPTHWISE, copies.count);
      this.runPhases(copies.at, image, images, first, count, c);
    }
  }

  /** Computes all phases of a band whose source begins at `source`, from channel c of a group on. */
  private runPhases(source: usize, image: i32, images: i32, first: i32, count: i32, c: i32): void {
    const copies = this.copies;
    const rows = copies.rows;
    const columns = copies.columns;
    const weights = this.weights;
    const sweep = this.sweep;
    const pixel = bytes(this.channels);
    const row = <usize>columns.total * pixel;
    let target = this.targets + <usize>(image * rows.total + first * rows.phases) * row;
    target += bytes(c);
    let offsets = this.offsets;
    let packed = this.packed;
    for (let fy = 0; fy < rows.phases; fy++, target += row) {
      for (let fx = 0; fx < columns.phases; fx++) {
        this.choose(fy, fx);
        const k = rows.taps * columns.taps * weights.inner;
        sweep.images = images;
        sweep.taps = rows.taps;
        sweep.tapStep = rows.tapStep;
        sweep.tapCount = columns.taps * weights.inner;
        sweep.firstRow = first * rows.step + rows.first;
        sweep.height = rows.outputsOf(fy, first, count);
        sweep.width = columns.outputsOf(fx, 0, columns.outputs);
        let from = source + <usize>(rows.first - rows.low) * copies.row;
        from += <usize>(columns.first - columns.low) * copies.pixel;
        let to = target + <usize>fx * pixel;
        let b = packed;
        let bias = this.bias ? this.bias + bytes(c) : 0;
        for (let group = 0; group < weights.groups; group++) {
          this.runGroup(from, to, offsets, k, b, c, bias);
          from += bytes(weights.inner);
          to += bytes(weights.n);
          b += bytes(k * weights.padded);
          if (bias) bias += bytes(weights.n);
        }
        offsets += bytes(k);
        packed += bytes(weights.sizeOf(k));
      }
    }
  }

  /** Computes a phase of a group: every block of the sum, over all pixels of the band. */
  private runGroup(
    source: usize,
    target: usize,
    offsets: usize,
    k: i32,
    b: usize,
    c: i32,
    bias: usize,
  ): void {
    const padded = this.weights.padded;
    const block = blockOfK(max(1, k));
    let done = 0;
    do {
      const count = min(block, k - done);
      const strips = b + bytes(done * padded + c * count);
      const isLast = done + count == k;
      this.sweep.sum(source, target, done, count, offsets, strips, done > 0, isLast, bias);
      offsets += bytes(count);
      done += count;
    } while (done < k);
  }
}
