import { PIECES, clipValue, clips, normScale, scaleToNorm, sumSquaresPiece } from "./clip";
import { LINE, share } from "./chunks";
import { bytes } from "./simd";
import { doubles } from "./float64";

/** What the records that clip gradients call, before the optimizer's own. */

/** x, n, rates: f64 the largest norm, then the pieces' sums of squares. */
export function sumSquaresRecord(args: usize, part: i32, parts: i32): void {
  const x = load<usize>(args);
  const n = load<i32>(args, 4);
  const sums = load<usize>(args, 8) + 8;
  const end = share(PIECES, 1, part + 1, parts);
  for (let piece = share(PIECES, 1, part, parts); piece < end; piece++) {
    store<f64>(sums + doubles(piece), sumSquaresPiece(x, n, piece));
  }
}

/** The same arguments, after the sums are there: every part adds them up alike. */
export function clipNormRecord(args: usize, part: i32, parts: i32): void {
  const n = load<i32>(args, 4);
  const rates = load<usize>(args, 8);
  let sum: f64 = 0;
  for (let piece = 1; piece <= PIECES; piece++) sum += load<f64>(rates + doubles(piece));
  const factor = normScale(sum, load<f64>(rates));
  if (!clips(factor)) return;
  const i = share(n, LINE, part, parts);
  const x = load<usize>(args) + bytes(i);
  scaleToNorm(x, share(n, LINE, part + 1, parts) - i, factor);
}

/** x, n, limit. */
export function clipValueRecord(args: usize, part: i32, parts: i32): void {
  const n = load<i32>(args, 4);
  const i = share(n, LINE, part, parts);
  const x = load<usize>(args) + bytes(i);
  clipValue(x, share(n, LINE, part + 1, parts) - i, load<f32>(args, 8));
}
