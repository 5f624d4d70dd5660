import { blockOfK } from "../gemm/gemm";
import { bytes } from "../simd";
import { Copies, Lanes } from "./copies";
import { Axis, Geometry, setAxes } from "./geometry";
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

  /** True if the source is read where it lies: no output reads padding. */
  private isInPlace: bool;
  /** Channels of the target. */
  private channels: i32;
  /** Bytes from pixel to pixel, row to row and image to image of what is read. */
  private pixel: usize;
  private row: usize;
  private image: usize;
  /** Bytes of a depthwise plane. */
  private plane: usize;

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
  private get rows(): Axis {
    return changetype<Axis>(changetype<usize>(this.weights) + offsetof<Weights>());
  }


  @inline
  private get columns(): Axis {
    return changetype<Axis>(changetype<usize>(this.rows) + offsetof<Axis>());
  }


  @inline
  private get copies(): Copies {
    return changetype<Copies>(changetype<usize>(this.columns) + offsetof<Axis>());
  }


  @inline
  private get lanes(): Lanes {
    return changetype<Lanes>(changetype<usize>(this.copies) + offsetof<Copies>());
  }


  @inline
  private get sweep(): Sweep {
    return changetype<Sweep>(changetype<usize>(this.lanes) + offsetof<Lanes>());
  }

  /** Offsets of what the steps of the sums read, phase by phase. */
  @inline
  private get offsets(): usize {
    return changetype<usize>(this.sweep) + Sweep.bytes;
  }

  private set(): void {
    const g = this.geometry;
    const isGradient = this.isGradient;
    const rows = this.rows;
    const columns = this.columns;
    const copies = this.copies;
    this.weights.set(g, isGradient);
    setAxes(g, isGradient, rows, columns);
    const channels = isGradient ? g.filters : g.channels;
    this.channels = isGradient ? g.channels : g.filters;
    const isDepthwise = g.isDepthwise;
    const planes = isDepthwise ? this.weights.inner : 1;
    copies.set(rows, columns, channels, isDepthwise ? PLANE : channels, planes);
    this.isInPlace = !isDepthwise && rows.isInside && columns.isInside;
    this.pixel = copies.pixel;
    this.row = this.isInPlace ? bytes(columns.length * channels) : copies.row;
    const height = this.isInPlace ? rows.length : rows.span(copies.outputs);
    this.image = <usize>height * this.row;
    this.plane = <usize>copies.images * this.image;
    this.setSweep();
    copies.at = (this.setOffsets() + 63) & ~63;
  }

  private setSweep(): void {
    const sweep = this.sweep;
    const rows = this.rows;
    const columns = this.columns;
    const pixel = bytes(this.channels);
    const row = <usize>columns.total * pixel;
    sweep.rowStep = rows.step;
    sweep.length = rows.length;
    sweep.sourceStep = <usize>columns.step * this.pixel;
    sweep.sourceRow = <usize>rows.step * this.row;
    sweep.sourceImage = this.image;
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
    const rows = this.rows;
    const columns = this.columns;
    const inner = this.weights.inner;
    const next: usize = this.geometry.isDepthwise ? this.plane : 4;
    let at = this.offsets;
    for (let fy = 0; fy < rows.phases; fy++) {
      for (let fx = 0; fx < columns.phases; fx++) {
        this.choose(fy, fx);
        for (let y = 0; y < rows.taps; y++) {
          for (let x = 0; x < columns.taps; x++) {
            let offset = <usize>(y * rows.tapStep) * this.row;
            offset += <usize>(x * columns.tapStep) * this.pixel;
            for (let i = 0; i < inner; i++, at += 4, offset += next) store<usize>(at, offset);
          }
        }
      }
    }
    return at;
  }

  private choose(fy: i32, fx: i32): void {
    if (!this.isGradient) return;
    this.rows.choose(fy);
    this.columns.choose(fx);
  }

  /** Rows of outputs of all phases and images. */
  get length(): i32 {
    return this.geometry.images * this.rows.outputs;
  }

  /** Computes output rows `from` to `to` of those of all images, a band after another. */
  run(from: i32, to: i32): void {
    const outputs = this.rows.outputs;
    const copies = this.copies;
    while (from < to) {
      const image = from / outputs;
      const first = from - image * outputs;
      const count = min(min(copies.outputs, outputs - first), to - from);
      const images = count < outputs ? 1 : min(copies.images, (to - from) / outputs);
      if (this.geometry.isDepthwise) this.runPlanes(image, images, first, count);
      else this.runChannels(image, images, first, count);
      from += images * count;
    }
  }

  /** Copies a plane of a band's images. */
  private copy(image: i32, images: i32, first: i32, count: i32, plane: i32): void {
    const copies = this.copies;
    const bytesOfImage = bytes(this.rows.length * this.columns.length * copies.channels);
    let src = this.sources + <usize>image * bytesOfImage;
    let dst = copies.at + <usize>plane * this.plane;
    for (let i = 0; i < images; i++, src += bytesOfImage, dst += this.image) {
      copies.copy(src, first, count, dst, this.lanes);
    }
  }

  /** Computes a band of all channels. */
  private runChannels(image: i32, images: i32, first: i32, count: i32): void {
    const lanes = this.lanes;
    let source = this.copies.at;
    if (this.isInPlace) {
      source = this.sources + <usize>image * this.image;
      source += <usize>(first * this.rows.step + this.rows.low) * this.row;
      source += <usize>this.columns.low * this.pixel;
    } else {
      lanes.first = lanes.offset = 0;
      lanes.count = this.copies.width;
      lanes.factor = lanes.divisor = 1;
      this.copy(image, images, first, count, 0);
    }
    this.sweep.panel.set(this.weights.kind, this.weights.n);
    this.runPhases(source, image, images, first, count, 0);
  }

  /** Computes a band of channels each on its own, a plane of them after another. */
  private runPlanes(image: i32, images: i32, first: i32, count: i32): void {
    const lanes = this.lanes;
    const weights = this.weights;
    const each = this.geometry.filters / this.geometry.channels;
    for (let c = 0; c < weights.n; c += PLANE) {
      lanes.first = c;
      lanes.count = min(PLANE, weights.n - c);
      lanes.factor = this.isGradient ? each : 1;
      lanes.divisor = this.isGradient ? 1 : each;
      for (let i = 0; i < weights.inner; i++) {
        lanes.offset = i;
        this.copy(image, images, first, count, i);
      }
      this.sweep.panel.set(DEPTHWISE, lanes.count);
      this.runPhases(this.copies.at, image, images, first, count, c);
    }
  }

  /** Computes all phases of a band whose source begins at `source`, from channel c of a group on. */
  private runPhases(source: usize, image: i32, images: i32, first: i32, count: i32, c: i32): void {
    const rows = this.rows;
    const columns = this.columns;
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
        let from = source + <usize>(rows.first - rows.low) * this.row;
        from += <usize>(columns.first - columns.low) * this.pixel;
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
