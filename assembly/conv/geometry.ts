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
  height: i32;
  width: i32;
  channels: i32;
  rows: i32;
  columns: i32;
  filters: i32;
  kernelRows: i32;
  kernelColumns: i32;
  strideRows: i32;
  strideColumns: i32;
  dilationRows: i32;
  dilationColumns: i32;
  /** Zeros above an image. */
  top: i32;
  /** Zeros on its left. */
  left: i32;
  groups: i32;

  /** True if each channel has filters of its own, for which there are other kernels. */
  get isDepthwise(): bool {
    return this.groups > 1 && this.groups == this.channels;
  }

  /** Number of taps of the kernel. */
  get taps(): i32 {
    return this.kernelRows * this.kernelColumns;
  }
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
  /** Last one. */
  high: i32;

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

  /** Size, dilation and padding of the kernel, by which a gradient chooses its phases. */
  private size: i32;
  private dilation: i32;
  private before: i32;

  /** Makes this an axis of the forward pass. */
  setForward(inputs: i32, outputs: i32, size: i32, stride: i32, dilation: i32, before: i32): void {
    this.length = inputs;
    this.total = this.outputs = outputs;
    this.phases = 1;
    this.step = stride;
    this.taps = size;
    this.kernel = 0;
    this.kernelStep = 1;
    this.tapStep = dilation;
    this.low = this.first = -before;
    this.high = (size - 1) * dilation - before;
  }

  /** Makes this an axis of the input gradient. Phases that have no taps give zeros. */
  setGradient(inputs: i32, outputs: i32, size: i32, stride: i32, dilation: i32, before: i32): void {
    this.length = outputs;
    this.total = inputs;
    this.phases = stride;
    this.outputs = (inputs + stride - 1) / stride;
    this.step = 1;
    this.size = size;
    this.dilation = dilation;
    this.before = before;
    this.low = i32.MAX_VALUE;
    this.high = i32.MIN_VALUE;
    for (let f = 0; f < min(stride, inputs); f++) {
      this.choose(f);
      if (!this.taps) continue;
      this.low = min(this.low, this.first);
      this.high = max(this.high, this.first + (this.taps - 1) * this.tapStep);
    }
    if (this.low > this.high) this.low = this.high = 0;
  }

  /** Chooses phase f of a gradient. Its taps come in ascending order of what they read. */
  choose(f: i32): void {
    const size = this.size;
    const dilation = this.dilation;
    const before = this.before;
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
    return (count - 1) * this.step + this.high - this.low + 1;
  }

  /** True if no output reads padding. */
  get isInside(): bool {
    return this.low >= 0 && this.low + this.span(this.outputs) <= this.length;
  }
}

/** Sets the axes of a correlation. */
export function setAxes(g: Geometry, isGradient: bool, rows: Axis, columns: Axis): void {
  if (isGradient) {
    rows.setGradient(g.height, g.rows, g.kernelRows, g.strideRows, g.dilationRows, g.top);
    columns.setGradient(
      g.width,
      g.columns,
      g.kernelColumns,
      g.strideColumns,
      g.dilationColumns,
      g.left,
    );
  } else {
    rows.setForward(g.height, g.rows, g.kernelRows, g.strideRows, g.dilationRows, g.top);
    columns.setForward(
      g.width,
      g.columns,
      g.kernelColumns,
      g.strideColumns,
      g.dilationColumns,
      g.left,
    );
  }
}
