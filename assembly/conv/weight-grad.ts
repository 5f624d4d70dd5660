import { KC } from "../config";
import { addSums, doubles, storeSums } from "../float64";
import { blockOfK } from "../gemm/gemm";
import { roundUp } from "../gemm/kernel";
import { pack } from "../gemm/pack";
import { LANES, bytes } from "../simd";
import { sumColumns } from "../sums";
import { Copies } from "./copies";
import { PLANE } from "./correlate";
import { Geometry } from "./geometry";
import { Panel } from "./panel";
import { DEPTHWISE, WIDE } from "./tile";
import { stripFor } from "./weights";

/**
 * Gradients of weights and bias: dw[tap, c, o] = Σ x[pixel · stride + tap, c] · dy[pixel, o], over the
 * pixels of all images in order.
 *
 * A row of dw is a sum over pixels, as an element of a forward pass is one over taps, so the tile is the
 * same: the pixels' offsets are its steps, and the taps' addresses its rows. The images are cut into
 * ranges, each of which has sums of its own. The caller chooses how many by shapes alone, and adds them
 * up in order.
 */

/** Channels whose gradient is computed at a time: their copies and a block of dy stay in L2. */
@inline
const CHANNELS: i32 = 32;

/** The gradients of a convolution's weights at work, in a thread's scratch. */
@unmanaged
export class WeightGradient {
  geometry: Geometry;
  x: usize;
  dy: usize;
  /** Sums of each range: f32[ranges, taps, channels / groups, filters]. */
  dw: usize;
  /** Sums of dy of each range, f32[ranges, filters]; none if 0. */
  dbias: usize;
  ranges: i32;

  /** Addresses in the copies, and in dw, of each row of a part. */
  private sources: usize;
  private targets: usize;
  /** Offsets of a block's pixels in the copies. */
  private pixels: usize;
  /** Sums of dy: of a block, and of all blocks in float64. */
  private sums: usize;
  private totals: usize;
  /** A block of dy in strips. */
  private packed: usize;
  private isDepthwise: bool;
  /** Groups, which are one if the channels are each on their own, and their channels. */
  private groups: i32;
  private inputs: i32;
  /** Channels of a part, parts of a group, and columns of a row of dw. */
  private channels: i32;
  private parts: i32;
  private n: i32;

  /** Makes the gradients of a geometry in a thread's scratch. */
  static at(scratch: usize, g: Geometry): WeightGradient {
    const self = changetype<WeightGradient>(scratch);
    self.geometry = g;
    self.set(changetype<usize>(self.panel) + Panel.bytes);
    return self;
  }

  /* Its parts lie behind it, one after another. */

  @inline
  private get copies(): Copies {
    return changetype<Copies>(changetype<usize>(this) + offsetof<WeightGradient>());
  }


  @inline
  private get panel(): Panel {
    return changetype<Panel>(changetype<usize>(this.copies) + Copies.bytes);
  }

  private set(end: usize): void {
    const g = this.geometry;
    const copies = this.copies;
    const isDepthwise = g.isDepthwise;
    const groups = isDepthwise ? 1 : g.groups;
    const inputs = (isDepthwise ? g.filters : g.channels) / groups;
    const channels = isDepthwise ? PLANE : min(CHANNELS, inputs);
    this.isDepthwise = isDepthwise;
    this.groups = groups;
    this.inputs = inputs;
    this.channels = channels;
    this.parts = (inputs + channels - 1) / channels;
    this.n = isDepthwise ? PLANE : g.filters / groups;
    const width = isDepthwise ? PLANE : min(LANES, inputs);
    copies.set(g, false, width, (channels + width - 1) / width, false);
    copies.factor = 1;
    copies.divisor = isDepthwise ? g.filters / g.channels : 1;
    copies.offset = 0;
    const tableBytes = bytes(isDepthwise ? g.taps : g.taps * channels);
    this.totals = (end + 7) & ~7;
    this.sums = this.totals + doubles(this.n);
    this.sources = this.sums + bytes(roundUp(this.n, LANES));
    this.targets = this.sources + tableBytes;
    this.pixels = this.targets + tableBytes;
    this.packed = (this.pixels + bytes(KC) + 63) & ~63;
    copies.at = this.packed + bytes(KC * roundUp(this.n, WIDE));
  }

  /** Number of items that threads may share: every range has all parts of all groups. */
  get items(): i32 {
    return this.ranges * this.parts * this.groups;
  }

  /** Computes items `from` to `to`. */
  run(from: i32, to: i32): void {
    const items = this.parts * this.groups;
    for (; from < to; from++) {
      const item = from % items;
      this.runPart(from / items, item / this.parts, item % this.parts);
    }
  }

  /** Computes the rows of dw of one part of the channels, for one range of images. */
  private runPart(range: i32, group: i32, part: i32): void {
    const g = this.geometry;
    const copies = this.copies;
    const isDepthwise = this.isDepthwise;
    const first = part * this.channels;
    const channels = min(this.channels, this.inputs - first);
    const column = isDepthwise ? first : group * this.n;
    const n = isDepthwise ? channels : this.n;
    const rows = isDepthwise ? g.taps : g.taps * channels;
    this.panel.set(isDepthwise ? DEPTHWISE : stripFor(n), n);
    this.setRows(range, first, isDepthwise ? 1 : channels, column);
    const sumsBias = this.dbias != 0 && (isDepthwise || part == 0);
    if (sumsBias) memory.fill(this.totals, 0, doubles(n));
    const begin = <i32>((<i64>g.images * range) / this.ranges);
    const end = <i32>((<i64>g.images * (range + 1)) / this.ranges);
    let adds = false;
    for (let image = begin; image < end;) {
      const images = min(copies.images, end - image);
      for (let y = 0; y < g.rows; y += copies.outputs) {
        const outputs = min(copies.outputs, g.rows - y);
        this.copy(image, images, y, outputs, group * this.inputs + first, channels);
        const dy = this.dy + bytes((image * g.rows + y) * g.columns * g.filters + column);
        this.addBand(dy, images, outputs, rows, sumsBias, adds);
        adds = true;
      }
      image += images;
    }
    if (!adds) this.addBlock(0, rows, false);
    if (sumsBias) storeSums(this.totals, this.dbias + bytes(range * g.filters + column), n);
  }

  /** Writes where each row of dw is read and stored: taps in order, and channels within a tap. */
  private setRows(range: i32, first: i32, channels: i32, column: i32): void {
    const g = this.geometry;
    const copies = this.copies;
    const inputs = g.channels / g.groups;
    let source = this.sources;
    let target = this.targets;
    for (let tap = 0; tap < g.taps; tap++) {
      const y = (tap / g.kernelColumns) * g.dilationRows;
      const x = (tap % g.kernelColumns) * g.dilationColumns;
      const at = copies.at + <usize>y * copies.row + <usize>x * copies.pixel;
      for (let c = 0; c < channels; c++, source += 4, target += 4) {
        const plane = c / copies.width;
        store<usize>(source, at + <usize>plane * copies.plane + bytes(c % copies.width));
        const row = (range * g.taps + tap) * inputs + (this.isDepthwise ? 0 : first + c);
        store<usize>(target, this.dw + bytes(row * g.filters + column));
      }
    }
  }

  /** Copies the planes of `channels` channels from `first` on. */
  private copy(image: i32, images: i32, y: i32, outputs: i32, first: i32, channels: i32): void {
    const copies = this.copies;
    for (let c = 0, plane = 0; c < channels; c += copies.width, plane++) {
      copies.first = first + c;
      copies.count = min(copies.width, channels - c);
      copies.copyImages(this.x, image, images, y, outputs, plane);
    }
  }

  /** Adds the pixels of a band, block by block, to all rows. */
  private addBand(
    dy: usize,
    images: i32,
    outputs: i32,
    rows: i32,
    sumsBias: bool,
    adds: bool,
  ): void {
    const g = this.geometry;
    const n = this.panel.n;
    const ld = bytes(g.filters);
    const pixels = images * outputs * g.columns;
    const block = blockOfK(pixels);
    for (let done = 0; done < pixels; done += block) {
      const count = min(block, pixels - done);
      this.setPixels(done, count, outputs);
      pack(false, dy, ld, n, count, this.packed, this.panel.width);
      if (sumsBias) {
        sumColumns(dy, ld, this.sums, count, n, 1);
        addSums(this.sums, this.totals, n);
      }
      this.addBlock(count, rows, adds);
      adds = true;
      dy += <usize>count * ld;
    }
  }

  /** Writes the offsets of `count` pixels from `from` on in the copies. */
  private setPixels(from: i32, count: i32, outputs: i32): void {
    const width = this.geometry.columns;
    const copies = this.copies;
    const step = <usize>copies.columns.step * copies.pixel;
    const row = <usize>copies.rows.step * copies.row;
    let x = from % width;
    let y = (from / width) % outputs;
    let image = <usize>(from / width / outputs) * copies.image;
    let at = this.pixels;
    for (const end = at + bytes(count); at < end; at += 4) {
      store<usize>(at, image + <usize>y * row + <usize>x * step);
      if (++x < width) continue;
      x = 0;
      if (++y < outputs) continue;
      y = 0;
      image += copies.image;
    }
  }

  /** Adds a block of pixels to all rows, a panel of them at a time. */
  private addBlock(count: i32, rows: i32, adds: bool): void {
    const panel = this.panel;
    panel.depth = count;
    const isByThree = panel.kind == DEPTHWISE && rows % 3 == 0 && rows % 4 != 0;
    const step = isByThree ? 3 : 4;
    for (let i = 0; i < rows; i += step) {
      const left = min(step, rows - i);
      for (let r = 0; r < 4; r++) {
        // Rows beyond the last compute it again; nobody reads what they give.
        const at = bytes(min(i + r, rows - 1));
        panel.setRow(r, load<usize>(this.sources + at), load<usize>(this.targets + at));
      }
      panel.sum(left, 1, count, this.pixels, this.packed, adds);
    }
  }
}
