import { epilogue } from "../gemm/epilogue";
import { bytes } from "../simd";
import { Panel } from "./panel";

/** Walks over the pixels of one phase of a band, in runs of panels. */
@unmanaged
export class Sweep {
  /** Bytes from pixel to pixel, row to row and image to image, in the source and in the target. */
  sourceStep: usize;
  sourceRow: usize;
  sourceImage: usize;
  targetStep: usize;
  targetRow: usize;
  targetImage: usize;
  /** Pixels of a row, rows of an image, and images. */
  width: i32;
  height: i32;
  images: i32;
  /** Rows of taps, and source rows from one to the next. */
  taps: i32;
  tapStep: i32;
  /** Steps of the sum for a row of taps. */
  tapCount: i32;
  /** Source row that the first tap reads for the first row of pixels, and from row to row. */
  firstRow: i32;
  rowStep: i32;
  /** Rows of a source image. */
  length: i32;
  activation: i32;
  parameter: f32;

  /** The next pixel: its column and row, its addresses, and those of its row and image. */
  private x: i32;
  private y: i32;
  private source: usize;
  private target: usize;
  private lineS: usize;
  private lineT: usize;
  private imageS: usize;
  private imageT: usize;


  @inline
  get panel(): Panel {
    return changetype<Panel>(changetype<usize>(this) + offsetof<Sweep>());
  }

  /** Bytes that it takes, with its panel. */
  static get bytes(): usize {
    return offsetof<Sweep>() + Panel.bytes;
  }

  private start(source: usize, target: usize): void {
    this.x = this.y = 0;
    this.source = this.lineS = this.imageS = source;
    this.target = this.lineT = this.imageT = target;
  }

  /** Moves on by pixels of the same row. */
  private advance(pixels: i32): void {
    this.x += pixels;
    if (this.x < this.width) {
      this.source += <usize>pixels * this.sourceStep;
      this.target += <usize>pixels * this.targetStep;
      return;
    }
    this.x = 0;
    if (++this.y < this.height) {
      this.lineS += this.sourceRow;
      this.lineT += this.targetRow;
    } else {
      this.y = 0;
      this.lineS = this.imageS += this.sourceImage;
      this.lineT = this.imageT += this.targetImage;
    }
    this.source = this.lineS;
    this.target = this.lineT;
  }

  /**
   * Sums steps from `done` on for all pixels from source and target on, or adds them to what is there; with
   * the last steps the pixels are finished, while they are in L1.
   */
  sum(
    source: usize,
    target: usize,
    done: i32,
    count: i32,
    offsets: usize,
    b: usize,
    adds: bool,
    isLast: bool,
    bias: usize,
  ): void {
    this.start(source, target);
    this.panel.depth = count;
    for (let left = this.images * this.height * this.width; left > 0;) {
      // Whole panels of a row are one run; what is left of it shares a panel with the next rows, if none
      // of them leaves out taps.
      const rest = min(this.width - this.x, left);
      const panels = max(1, rest >> 2);
      const isRun = rest >= 4 || !this.isWholeTo(this.x + 3);
      const pixels = isRun ? (rest >= 4 ? 4 * panels : rest) : min(4, left);
      if (isRun) this.sumRun(min(4, pixels), panels, done, count, offsets, b, adds);
      else this.sumAcross(pixels, count, offsets, b, adds);
      if (isLast) this.finish(pixels, bias);
      left -= pixels;
    }
  }

  /** Position in the source of the first row of taps, for row y. */
  @inline
  private firstOf(y: i32): i32 {
    return this.firstRow + y * this.rowStep;
  }

  /** Returns true if row y reads no padding above or below the image. */
  private isWhole(y: i32): bool {
    const first = this.firstOf(y);
    return first >= 0 && first + (this.taps - 1) * this.tapStep < this.length;
  }

  /** Returns true if the rows from this one to that of pixel x, counted from here, read no such padding. */
  private isWholeTo(x: i32): bool {
    if (this.isWhole(0) && this.isWhole(this.height - 1)) return true;
    const last = this.y + x / this.width;
    return last < this.height && this.isWhole(this.y) && this.isWhole(last);
  }

  /**
   * Sums a run of one row, of one panel if it has less than four pixels, without the rows of taps that only
   * read padding: 5x5 with padding 4 takes 0.7 of the time. What is left out is 0 · w, which is not 0 where
   * a weight is infinite or NaN; so a row leaves out the same, whatever else is computed with it.
   */
  private sumRun(
    pixels: i32,
    panels: i32,
    done: i32,
    count: i32,
    offsets: usize,
    b: usize,
    adds: bool,
  ): void {
    const panel = this.panel;
    const step = this.sourceStep;
    const stepT = this.targetStep;
    const tapStep = this.tapStep;
    const first = this.firstOf(this.y);
    const low = first < 0 ? (tapStep - 1 - first) / tapStep : 0;
    const high = first < this.length ? min(this.taps, (this.length - 1 - first) / tapStep + 1) : 0;
    const from = max(0, low * this.tapCount - done);
    const steps = max(0, min(count, high * this.tapCount - done) - from);
    for (let r = 0; r < 4; r++) {
      const at = <usize>min(r, pixels - 1);
      panel.setRow(r, this.source + at * step, this.target + at * stepT);
    }
    panel.next = 4 * step;
    panel.nextTarget = 4 * stepT;
    if (steps || !adds) {
      offsets += bytes(from);
      b += bytes(from * panel.width);
      panel.sum(pixels, panels, steps, offsets, b, adds);
    }
    this.advance(pixels < 4 ? pixels : 4 * panels);
  }

  private sumAcross(pixels: i32, count: i32, offsets: usize, b: usize, adds: bool): void {
    const panel = this.panel;
    // Rows beyond the last pixel compute the first one again; nobody reads what they give.
    for (let r = 1; r < 4; r++) panel.setRow(r, this.source, this.target);
    for (let r = 0; r < pixels; r++) {
      panel.setRow(r, this.source, this.target);
      this.advance(1);
    }
    panel.sum(pixels, 1, count, offsets, b, adds);
  }

  /** Adds the bias to pixels and applies the activation. */
  private finish(pixels: i32, bias: usize): void {
    const panel = this.panel;
    const step = this.targetStep;
    const n = panel.n;
    const first = panel.target0;
    if (pixels > 4 || (pixels == 4 && panel.target3 - first == 3 * step)) {
      epilogue(first, step, pixels, n, bias, this.activation, this.parameter);
      return;
    }
    for (let r = 0; r < pixels; r++) {
      epilogue(panel.target(r), step, 1, n, bias, this.activation, this.parameter);
    }
  }
}
