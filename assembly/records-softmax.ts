import { share } from "./lanes";
import { logSoftmax, logSoftmaxGrad } from "./softmax";

/** Records of row functions besides softmax: lanes share the rows. */

/** x, y, rows, cols. */
export function logSoftmaxRecord(args: usize, lane: i32, lanes: i32): void {
  const rows = load<i32>(args, 8);
  const cols = load<i32>(args, 12);
  const i = share(rows, 1, lane, lanes);
  const at = (<usize>(i * cols)) << 2;
  const count = share(rows, 1, lane + 1, lanes) - i;
  logSoftmax(load<usize>(args) + at, load<usize>(args, 4) + at, count, cols);
}

/** y, dy, dx, rows, cols. */
export function logSoftmaxGradRecord(args: usize, lane: i32, lanes: i32): void {
  const rows = load<i32>(args, 12);
  const cols = load<i32>(args, 16);
  const i = share(rows, 1, lane, lanes);
  const at = (<usize>(i * cols)) << 2;
  const dx = load<usize>(args, 8) + at;
  const count = share(rows, 1, lane + 1, lanes) - i;
  logSoftmaxGrad(load<usize>(args) + at, load<usize>(args, 4) + at, dx, count, cols);
}
