import { PARTS, clipValue, clips, normScale, sumSquaresPart } from "./clip";
import { scaleRow } from "./rows";
import { LINE, share } from "./lanes";

/** What the records that clip gradients call, before the optimizer's own. */

/** x, n, rates: f64 the largest norm, then the parts' sums of squares. */
export function sumSquaresRecord(args: usize, lane: i32, lanes: i32): void {
  const x = load<usize>(args);
  const n = load<i32>(args, 4);
  const sums = load<usize>(args, 8) + 8;
  const end = share(PARTS, 1, lane + 1, lanes);
  for (let part = share(PARTS, 1, lane, lanes); part < end; part++) {
    store<f64>(sums + ((<usize>part) << 3), sumSquaresPart(x, n, part));
  }
}

/** The same arguments, after the sums are there: every lane adds them up alike. */
export function clipNormRecord(args: usize, lane: i32, lanes: i32): void {
  const n = load<i32>(args, 4);
  const rates = load<usize>(args, 8);
  let sum: f64 = 0;
  for (let part = 1; part <= PARTS; part++) sum += load<f64>(rates + ((<usize>part) << 3));
  const factor = normScale(sum, load<f64>(rates));
  if (!clips(factor)) return;
  const i = share(n, LINE, lane, lanes);
  const x = load<usize>(args) + ((<usize>i) << 2);
  scaleRow(x, x, share(n, LINE, lane + 1, lanes) - i, factor);
}

/** x, n, limit. */
export function clipValueRecord(args: usize, lane: i32, lanes: i32): void {
  const n = load<i32>(args, 4);
  const i = share(n, LINE, lane, lanes);
  const x = load<usize>(args) + ((<usize>i) << 2);
  clipValue(x, share(n, LINE, lane + 1, lanes) - i, load<f32>(args, 8));
}
