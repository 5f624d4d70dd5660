import { gather, gatherBytes } from "./gather";
import { share } from "./lanes";
import { countArgmax, countBinary, countLabels } from "./metrics";
import { adam, momentum, sgd } from "./optimizers";

/**
 * What the records around the graph call: the batch comes in before it, the optimizer and the
 * metrics after it.
 */

/** src, indices, dst, rows, width. Nothing is done where src is dst: the batch is there already. */
export function gatherRecord(args: usize, lane: i32, lanes: i32): void {
  const src = load<usize>(args);
  const indices = load<usize>(args, 4);
  const dst = load<usize>(args, 8);
  const rows = load<i32>(args, 12);
  const width = load<i32>(args, 16);
  if (src == dst) return;
  const i = share(rows, 1, lane, lanes);
  const count = share(rows, 1, lane + 1, lanes) - i;
  const to = dst + ((<usize>(i * width)) << 2);
  if (indices) gather(src, indices + ((<usize>i) << 2), to, count, width);
  else gather(src + ((<usize>(i * width)) << 2), 0, to, count, width);
}

/** src, indices, dst, rows, width, scale. */
export function gatherBytesRecord(args: usize, lane: i32, lanes: i32): void {
  const src = load<usize>(args);
  const indices = load<usize>(args, 4);
  const rows = load<i32>(args, 12);
  const width = load<i32>(args, 16);
  const scale = load<f32>(args, 20);
  const i = share(rows, 1, lane, lanes);
  const count = share(rows, 1, lane + 1, lanes) - i;
  const to = load<usize>(args, 8) + ((<usize>(i * width)) << 2);
  if (indices) gatherBytes(src, indices + ((<usize>i) << 2), to, count, width, scale);
  else gatherBytes(src + <usize>(i * width), 0, to, count, width, scale);
}

/** Blocks of parameters are shared out by cache lines. */
@inline
const LINE: i32 = 16;

/** p, g, n, rates: f64 lr. */
export function sgdRecord(args: usize, lane: i32, lanes: i32): void {
  const n = load<i32>(args, 8);
  const rates = load<usize>(args, 12);
  const i = share(n, LINE, lane, lanes);
  const at = (<usize>i) << 2;
  const count = share(n, LINE, lane + 1, lanes) - i;
  sgd(load<usize>(args) + at, load<usize>(args, 4) + at, count, load<f64>(rates));
}

/** p, g, v, n, rates: f64 lr, momentum. */
export function momentumRecord(args: usize, lane: i32, lanes: i32): void {
  const n = load<i32>(args, 12);
  const rates = load<usize>(args, 16);
  const i = share(n, LINE, lane, lanes);
  const at = (<usize>i) << 2;
  const v = load<usize>(args, 8) + at;
  const count = share(n, LINE, lane + 1, lanes) - i;
  const lr = load<f64>(rates);
  momentum(load<usize>(args) + at, load<usize>(args, 4) + at, v, count, lr, load<f64>(rates, 8));
}

/** rates: counts a step of Adam by beta1^t and beta2^t, which start at 1. */
export function adamCountRecord(args: usize, lane: i32, lanes: i32): void {
  if (lane) return;
  const rates = load<usize>(args);
  store<f64>(rates, load<f64>(rates, 32) * load<f64>(rates, 8), 32);
  store<f64>(rates, load<f64>(rates, 40) * load<f64>(rates, 16), 40);
}

/** p, g, m, v, n, rates: f64 lr, beta1, beta2, epsilon, beta1^t, beta2^t. */
export function adamRecord(args: usize, lane: i32, lanes: i32): void {
  const n = load<i32>(args, 16);
  const rates = load<usize>(args, 20);
  const i = share(n, LINE, lane, lanes);
  const at = (<usize>i) << 2;
  adam(
    load<usize>(args) + at,
    load<usize>(args, 4) + at,
    load<usize>(args, 8) + at,
    load<usize>(args, 12) + at,
    share(n, LINE, lane + 1, lanes) - i,
    load<f64>(rates),
    load<f64>(rates, 8),
    load<f64>(rates, 16),
    load<f64>(rates, 24),
    1 - load<f64>(rates, 32),
    1 - load<f64>(rates, 40),
  );
}

/** x, labels, out, rows, cols. */
export function countLabelsRecord(args: usize, lane: i32, _lanes: i32): void {
  if (lane) return;
  const out = load<usize>(args, 8);
  countLabels(
    load<usize>(args),
    load<usize>(args, 4),
    out,
    load<i32>(args, 12),
    load<i32>(args, 16),
  );
}

/** x, t, out, rows, cols. */
export function countArgmaxRecord(args: usize, lane: i32, _lanes: i32): void {
  if (lane) return;
  const out = load<usize>(args, 8);
  countArgmax(
    load<usize>(args),
    load<usize>(args, 4),
    out,
    load<i32>(args, 12),
    load<i32>(args, 16),
  );
}

/** x, t, out, n, threshold. */
export function countBinaryRecord(args: usize, lane: i32, _lanes: i32): void {
  if (lane) return;
  const out = load<usize>(args, 8);
  countBinary(
    load<usize>(args),
    load<usize>(args, 4),
    out,
    load<i32>(args, 12),
    load<f32>(args, 16),
  );
}
