import {
  crossEntropySmoothed,
  crossEntropySmoothedGrad,
  nll,
  nllGrad,
} from "./losses/crossentropy";
import { LINE, share } from "./chunks";
import { bytes } from "./simd";

/** Records of the losses that records.ts has no layout for; shares are cut by elements or rows. */

/**
 * kernel, x, t, y, n, cols, parameters...: any loss (x, t, p, pStep, y, n) with one parameter for each
 * column, or one for all where cols is 1.
 */
export function parametricLossRecord(args: usize, part: i32, parts: i32): void {
  const kernel = load<u32>(args);
  const n = load<i32>(args, 16);
  const cols = load<i32>(args, 20);
  const parameters = args + 24;
  const from = share(n, cols == 1 ? LINE : max(cols, 1), part, parts);
  const to = share(n, cols == 1 ? LINE : max(cols, 1), part + 1, parts);
  const run = cols == 1 ? to - from : cols;
  for (let i = from; i < to; i += run) {
    const at = bytes(i);
    const x = load<usize>(args, 4) + at;
    const t = load<usize>(args, 8) + at;
    const y = load<usize>(args, 12) + at;
    call_indirect<void>(kernel, x, t, parameters, i32(cols > 1), y, run);
  }
}

/** kernel, x, t, dy, dx, n, cols, parameters...: its gradient (x, t, p, pStep, dy, dyStep, dx, n). */
export function parametricLossGradRecord(args: usize, part: i32, parts: i32): void {
  const kernel = load<u32>(args);
  const n = load<i32>(args, 20);
  const cols = load<i32>(args, 24);
  const parameters = args + 28;
  const from = share(n, cols == 1 ? LINE : max(cols, 1), part, parts);
  const to = share(n, cols == 1 ? LINE : max(cols, 1), part + 1, parts);
  const run = cols == 1 ? to - from : cols;
  for (let i = from; i < to; i += run) {
    const at = bytes(i);
    const x = load<usize>(args, 4) + at;
    const t = load<usize>(args, 8) + at;
    const dy = load<usize>(args, 12) + at;
    const dx = load<usize>(args, 16) + at;
    call_indirect<void>(kernel, x, t, parameters, i32(cols > 1), dy, 1, dx, run);
  }
}

/** x, labels, probabilities, loss, rows, cols, smoothing. */
export function crossEntropySmoothedRecord(args: usize, part: i32, parts: i32): void {
  const rows = load<i32>(args, 16);
  const cols = load<i32>(args, 20);
  const i = share(rows, 1, part, parts);
  const at = bytes(i * cols);
  crossEntropySmoothed(
    load<usize>(args) + at,
    load<usize>(args, 4) + bytes(i),
    load<usize>(args, 8) + at,
    load<usize>(args, 12) + bytes(i),
    share(rows, 1, part + 1, parts) - i,
    cols,
    load<f32>(args, 24),
  );
}

/** probabilities, labels, dloss, dx, rows, cols, smoothing. */
export function crossEntropySmoothedGradRecord(args: usize, part: i32, parts: i32): void {
  const rows = load<i32>(args, 16);
  const cols = load<i32>(args, 20);
  const i = share(rows, 1, part, parts);
  const at = bytes(i * cols);
  crossEntropySmoothedGrad(
    load<usize>(args) + at,
    load<usize>(args, 4) + bytes(i),
    load<usize>(args, 8) + bytes(i),
    load<usize>(args, 12) + at,
    share(rows, 1, part + 1, parts) - i,
    cols,
    load<f32>(args, 24),
  );
}

/** x, labels, loss, rows, cols. */
export function nllRecord(args: usize, part: i32, parts: i32): void {
  const rows = load<i32>(args, 12);
  const cols = load<i32>(args, 16);
  const i = share(rows, 1, part, parts);
  const labels = load<usize>(args, 4) + bytes(i);
  const loss = load<usize>(args, 8) + bytes(i);
  const count = share(rows, 1, part + 1, parts) - i;
  nll(load<usize>(args) + bytes(i * cols), labels, loss, count, cols);
}

/** labels, dloss, dx, rows, cols. */
export function nllGradRecord(args: usize, part: i32, parts: i32): void {
  const rows = load<i32>(args, 12);
  const cols = load<i32>(args, 16);
  const i = share(rows, 1, part, parts);
  const labels = load<usize>(args) + bytes(i);
  const dloss = load<usize>(args, 4) + bytes(i);
  const count = share(rows, 1, part + 1, parts) - i;
  nllGrad(labels, dloss, load<usize>(args, 8) + bytes(i * cols), count, cols);
}
