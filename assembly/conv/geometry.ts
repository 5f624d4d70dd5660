/**
 * Sizes of a convolution, and what its passes read.
 *
 * The forward pass and the input gradient are both correlations: along each axis, output i reads the
 * source's positions first + i · step + t · tapStep for every tap t. The gradient of a stride s has s
 * phases along an axis. Phase f computes the inputs i · s + f, each of which went into the same taps.
 * So every element of a gradient is gathered, and no two threads add to one.
 */

/** Sizes of a convolution of x [images, height, width, channels] to y [images, rows, columns, filters]. */
@unmanaged
export class Geometry {
  images: i32;
  channels: i32;
  filters: i32;
  groups: i32;
  height: i32;
  rows: i32;
  kernelRows: i32;
  strideRows: i32;
  dilationRows: i32;
  /** Zeros above an image. */
  top: i32;
  width: i32;
  columns: i32;
  kernelColumns: i32;
  strideColumns: i32;
  dilationColumns: i32;
  /** Zeros on its left. */
  left: i32;

  /** True if each channel has filters of its own, for which there are other kernels. */
  get isDepthwise(): bool {
    return this.groups > 1 && this.groups == this.channels;
  }

  /** Number of taps of the kernel. */
  get taps(): i32 {
    return this.kernelRows * this.kernelColumns;
  }
}

/** The part of a geometry that holds for one axis. */
@unmanaged
class AxisSizes {
  inputs: i32;
  outputs: i32;
  size: i32;
  stride: i32;
  dilation: i32;
  /** Zeros before the inputs. */
  before: i32;
}


@inline
function greatestDivisor(a: i32, b: i32): i32 {
  while (b) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/** One axis of a correlation: what all its phases read, and the taps of the phase that was chosen. */
@unmanaged
export class Axis {
  /** Length of the source. */
  length: i32;
  /** Length of the target. */
  total: i32;
  /** Number of phases. */
  phases: i32;
  /** Number of outputs of the longest phase. */
  outputs: i32;
  /** Positions in the source from output to output. */
  step: i32;
  /** First position in the source that output 0 of any phase reads; below 0 it is padding. */
  low: i32;
  /** Positions from there to the last that output 0 of any phase reads. */
  reach: i32;
  /** Positions that all outputs read. */
  whole: i32;

  /** Number of taps of the chosen phase, which may be 0. */
  taps: i32;
  /** Index in the kernel of its first tap. */
  kernel: i32;
  /** Indices in the kernel from tap to tap. */
  kernelStep: i32;
  /** Position in the source that the first tap of output 0 reads. */
  first: i32;
  /** Positions in the source from tap to tap. */
  tapStep: i32;

  private sizes: AxisSizes;

  /**
   * Makes this an axis of the forward pass, or of the input gradient; sizes are those of a geometry.
   * Phases of a gradient that have no taps give zeros.
   */
  set(sizes: usize, isGradient: bool): void {
    const own = changetype<AxisSizes>(sizes);
    this.sizes = own;
    this.length = isGradient ? own.outputs : own.inputs;
    this.total = isGradient ? own.inputs : own.outputs;
    this.phases = isGradient ? own.stride : 1;
    this.step = isGradient ? 1 : own.stride;
    this.outputs = (this.total + this.phases - 1) / this.phases;
    this.taps = own.size;
    this.kernel = 0;
    this.kernelStep = 1;
    this.tapStep = own.dilation;
    this.low = this.first = -own.before;
    this.reach = (own.size - 1) * own.dilation + 1;
    if (isGradient) this.setReach();
    this.whole = this.span(this.outputs);
  }

  /** Finds what all phases of a gradient read. */
  private setReach(): void {
    let low = i32.MAX_VALUE;
    let high = i32.MIN_VALUE;
    for (let f = 0; f < min(this.phases, this.total); f++) {
      this.choose(f);
      if (!this.taps) continue;
      low = min(low, this.first);
      high = max(high, this.first + (this.taps - 1) * this.tapStep);
    }
    const isEmpty = low > high;
    this.low = isEmpty ? 0 : low;
    this.reach = isEmpty ? 1 : high - low + 1;
  }

  /** Chooses phase f of a gradient. Its taps come in ascending order of what they read. */
  choose(f: i32): void {
    const size = this.sizes.size;
    const dilation = this.sizes.dilation;
    const before = this.sizes.before;
    const stride = this.phases;
    const common = greatestDivisor(stride, dilation);
    const apart = stride / common;
    // Output o reads input o · stride + k · dilation - before at tap k.
    let k = 0;
    while (k < size && (f + before - k * dilation) % stride != 0) k++;
    this.taps = k < size ? (size - k + apart - 1) / apart : 0;
    this.kernel = k + (this.taps - 1) * apart;
    this.kernelStep = -apart;
    this.first = (f + before - this.kernel * dilation) / stride;
    this.tapStep = dilation / common;
  }

  /** Number of outputs of phase f, of which the chosen range of `outputs` has `count` from `from` on. */
  outputsOf(f: i32, from: i32, count: i32): i32 {
    return max(0, min(count, (this.total - f + this.phases - 1) / this.phases - from));
  }

  /** Positions of the source that `count` outputs read. */
  span(count: i32): i32 {
    return (count - 1) * this.step + this.reach;
  }

  /** True if no output reads padding. */
  get isInside(): bool {
    return this.low >= 0 && this.low + this.whole <= this.length;
  }
}

/** Sets the axes of a correlation. */
export function setAxes(g: Geometry, isGradient: bool, rows: Axis, columns: Axis): void {
  rows.set(changetype<usize>(g) + offsetof<Geometry>("height"), isGradient);
  columns.set(changetype<usize>(g) + offsetof<Geometry>("width"), isGradient);
}
