import { epilogue } from "../gemm/epilogue";
import { blockOfK } from "../gemm/gemm";
import { bytes } from "../simd";
import { Copies, Lanes } from "./copies";
import { Axis, Geometry, setAxes } from "./geometry";
import { DEPTHWISE, Panel } from "./tile";
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
  activation: i32;
  parameter: f32;
  /** Where the images of the source are, and those of the target. */
  sources: usize;
  targets: usize;

  private weights: Weights;
  private rows: Axis;
  private columns: Axis;
  private copies: Copies;
  private lanes: Lanes;
  private panel: Panel;
  /** True if the source is read where it lies: no output reads padding. */
  private isInPlace: bool;
  /** Offsets of what the steps of the sums read, phase by phase. */
  private offsets: usize;
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
    let end = scratch + offsetof<Correlation>();
    self.geometry = geometry;
    self.isGradient = isGradient;
    self.weights = changetype<Weights>(end);
    end += offsetof<Weights>();
    self.rows = changetype<Axis>(end);
    end += offsetof<Axis>();
    self.columns = changetype<Axis>(end);
    end += offsetof<Axis>();
    self.copies = changetype<Copies>(end);
    end += offsetof<Copies>();
    self.lanes = changetype<Lanes>(end);
    end += offsetof<Lanes>();
    self.panel = changetype<Panel>(end);
    self.offsets = end + Panel.bytes;
    self.set();
    return self;
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
    copies.rows = rows;
    copies.columns = columns;
    copies.channels = channels;
    copies.width = isDepthwise ? PLANE : channels;
    copies.planes = isDepthwise ? this.weights.inner : 1;
    copies.setBands();
    this.isInPlace = !isDepthwise && rows.isInside && columns.isInside;
    this.pixel = copies.pixel;
    this.row = this.isInPlace ? bytes(columns.length * channels) : copies.row;
    const height = this.isInPlace ? rows.length : rows.span(copies.outputs);
    this.image = <usize>height * this.row;
    this.plane = <usize>copies.images * this.image;
    copies.at = (this.setOffsets() + 63) & ~63;
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
    this.panel.set(this.weights.kind, this.weights.n);
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
      this.panel.set(DEPTHWISE, lanes.count);
      this.runPhases(this.copies.at, image, images, first, count, c);
    }
  }

  /** Computes all phases of a band whose source begins at `source`, from channel c of a group on. */
  private runPhases(source: usize, image: i32, images: i32, first: i32, count: i32, c: i32): void {
    const rows = this.rows;
    const columns = this.columns;
    const weights = this.weights;
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
        const height = rows.outputsOf(fy, first, count);
        const width = columns.outputsOf(fx, 0, columns.outputs);
        let from = source + <usize>(rows.first - rows.low) * this.row;
        from += <usize>(columns.first - columns.low) * this.pixel;
        let to = target + <usize>fx * pixel;
        let b = packed;
        let bias = this.bias ? this.bias + bytes(c) : 0;
        for (let group = 0; group < weights.groups; group++) {
          this.runGroup(from, to, images, height, width, offsets, k, b, c, bias);
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

  /** Computes a phase of a group: every block of the sum over all pixels of the band. */
  private runGroup(
    source: usize,
    target: usize,
    images: i32,
    height: i32,
    width: i32,
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
      this.sweep(
        source,
        target,
        images,
        height,
        width,
        offsets,
        count,
        strips,
        bias,
        done > 0,
        isLast,
      );
      offsets += bytes(count);
      done += count;
    } while (done < k);
  }

  /** Adds one block of the sums of all pixels, four at a time. */
  private sweep(
    source: usize,
    target: usize,
    images: i32,
    height: i32,
    width: i32,
    offsets: usize,
    count: i32,
    b: usize,
    bias: usize,
    adds: bool,
    isLast: bool,
  ): void {
    const panel = this.panel;
    const stepS = <usize>this.columns.step * this.pixel;
    const rowS = <usize>this.rows.step * this.row;
    const imageS = this.image;
    const one = bytes(this.channels);
    const stepT = <usize>this.columns.phases * one;
    const line = <usize>this.columns.total * one;
    const rowT = <usize>this.rows.phases * line;
    const imageT = <usize>this.rows.total * line;
    let x = 0;
    let y = 0;
    let s = source;
    let t = target;
    let lineS = source;
    let lineT = target;
    for (let left = images * height * width; left > 0; left -= 4) {
      const p0 = s;
      let p1 = s;
      let p2 = s;
      let p3 = s;
      panel.target0 = t;
      if (x + 4 < width) {
        p1 = p0 + stepS;
        p2 = p1 + stepS;
        p3 = p2 + stepS;
        panel.target1 = t + stepT;
        panel.target2 = t + 2 * stepT;
        panel.target3 = t + 3 * stepT;
        x += 4;
        s = p3 + stepS;
        t += 4 * stepT;
      } else {
        for (let r = 0; r < min(4, left); r++) {
          if (r == 1) {
            p1 = s;
            panel.target1 = t;
          } else if (r == 2) {
            p2 = s;
            panel.target2 = t;
          } else if (r == 3) {
            p3 = s;
            panel.target3 = t;
          }
          s += stepS;
          t += stepT;
          if (++x < width) continue;
          x = 0;
          lineS += rowS;
          lineT += rowT;
          if (++y == height) {
            y = 0;
            source += imageS;
            target += imageT;
            lineS = source;
            lineT = target;
          }
          s = lineS;
          t = lineT;
        }
      }
      panel.sum(min(4, left), count, offsets, p0, p1, p2, p3, b, adds);
      if (isLast) this.finish(min(4, left), bias);
    }
  }

  /** Adds the bias to the panel's pixels and applies the activation, while they are in L1. */
  private finish(rows: i32, bias: usize): void {
    const panel = this.panel;
    const n = panel.n;
    const first = panel.target0;
    const ld = panel.target1 - first;
    if (rows == 4 && panel.target2 - panel.target1 == ld && panel.target3 - panel.target2 == ld) {
      epilogue(first, ld, 4, n, bias, this.activation, this.parameter);
      return;
    }
    for (let r = 0; r < rows; r++) {
      const target = load<usize>(changetype<usize>(panel) + offsetof<Panel>("target0") + bytes(r));
      epilogue(target, 0, 1, n, bias, this.activation, this.parameter);
    }
  }
}
