import { LINE, chunkStart } from "../chunks";
import { bytes } from "../simd";
import { Kernel } from "../words";

/** Elements by which losses with one parameter for each column, or one for all, are cut. */
@inline
function unitOf(cols: i32): i32 {
  return cols == 1 ? LINE : max(cols, 1);
}

/**
 * y[i] = f(x[i], t[i], p), where p is one parameter for each column, or one for all where cols is 1.
 * @instruction parametricLoss
 * @list parameters f32[cols]
 */
@unmanaged
export class ParametricLoss {
  kernel: Kernel;
  x: usize;
  t: usize;
  y: usize;
  /** Elements. */
  n: i32;
  /** Parameters, at least 1. */
  cols: i32;

  /** Computes a chunk of the elements. */
  run(chunk: i32, chunks: i32): void {
    const parameters = changetype<usize>(this) + offsetof<ParametricLoss>();
    const cols = this.cols;
    const from = chunkStart(this.n, unitOf(cols), chunk, chunks);
    const to = chunkStart(this.n, unitOf(cols), chunk + 1, chunks);
    const run = cols == 1 ? to - from : cols;
    for (let i = from; i < to; i += run) {
      const at = bytes(i);
      const y = this.y + at;
      call_indirect<void>(this.kernel, this.x + at, this.t + at, parameters, i32(cols > 1), y, run);
    }
  }
}

/**
 * The gradient of such a loss: dx[i] = df/dx(x[i], t[i], p) · dy[i].
 * @instruction parametricLossGrad
 * @list parameters f32[cols]
 */
@unmanaged
export class ParametricLossGrad {
  kernel: Kernel;
  x: usize;
  t: usize;
  dy: usize;
  dx: usize;
  /** Elements. */
  n: i32;
  /** Parameters, at least 1. */
  cols: i32;

  /** Computes a chunk of the elements. */
  run(chunk: i32, chunks: i32): void {
    const parameters = changetype<usize>(this) + offsetof<ParametricLossGrad>();
    const cols = this.cols;
    const from = chunkStart(this.n, unitOf(cols), chunk, chunks);
    const to = chunkStart(this.n, unitOf(cols), chunk + 1, chunks);
    const run = cols == 1 ? to - from : cols;
    for (let i = from; i < to; i += run) {
      const at = bytes(i);
      const x = this.x + at;
      const t = this.t + at;
      const dy = this.dy + at;
      call_indirect<void>(this.kernel, x, t, parameters, i32(cols > 1), dy, this.dx + at, run);
    }
  }
}
