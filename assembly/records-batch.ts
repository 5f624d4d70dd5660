import { gather, gatherBytes } from "./gather";
import { share } from "./chunks";
import { countArgmax, countBinary, countLabels } from "./metrics";
import { bytes } from "./simd";

/**
 * What the records around the graph call: the batch comes in before it, the metrics after it, and
 * then the optimizer, see records-optimizers.ts.
 */

/** src, indices, dst, rows, width. Nothing is done where src is dst: the batch is there already. */
export function gatherRecord(args: usize, part: i32, parts: i32): void {
  const src = load<usize>(args);
  const indices = load<usize>(args, 4);
  const dst = load<usize>(args, 8);
  const rows = load<i32>(args, 12);
  const width = load<i32>(args, 16);
  if (src == dst) return;
  const i = share(rows, 1, part, parts);
  const count = share(rows, 1, part + 1, parts) - i;
  const to = dst + bytes(i * width);
  if (indices) gather(src, indices + bytes(i), to, count, width);
  else gather(src + bytes(i * width), 0, to, count, width);
}

/** src, indices, dst, rows, width, scale. */
export function gatherBytesRecord(args: usize, part: i32, parts: i32): void {
  const src = load<usize>(args);
  const indices = load<usize>(args, 4);
  const rows = load<i32>(args, 12);
  const width = load<i32>(args, 16);
  const scale = load<f32>(args, 20);
  const i = share(rows, 1, part, parts);
  const count = share(rows, 1, part + 1, parts) - i;
  const to = load<usize>(args, 8) + bytes(i * width);
  if (indices) gatherBytes(src, indices + bytes(i), to, count, width, scale);
  else gatherBytes(src + <usize>(i * width), 0, to, count, width, scale);
}

/** x, labels, out, rows, cols. */
export function countLabelsRecord(args: usize, part: i32, _parts: i32): void {
  if (part) return;
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
export function countArgmaxRecord(args: usize, part: i32, _parts: i32): void {
  if (part) return;
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
export function countBinaryRecord(args: usize, part: i32, _parts: i32): void {
  if (part) return;
  const out = load<usize>(args, 8);
  countBinary(
    load<usize>(args),
    load<usize>(args, 4),
    out,
    load<i32>(args, 12),
    load<f32>(args, 16),
  );
}
