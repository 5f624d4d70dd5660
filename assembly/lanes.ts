/** How work is shared out among lanes, which run the same records side by side. */

/**
 * The first of n items that belongs to a lane, in whole units: a lane's share runs from share(lane)
 * to share(lane + 1).
 */
@inline
export function share(n: i32, unit: i32, lane: i32, lanes: i32): i32 {
  // The ends without a division: two of them would be a tenth of a tiny record on one lane.
  if (lane == 0) return 0;
  if (lane == lanes) return n;
  const units = (n + unit - 1) / unit;
  return <i32>min(<i64>n, ((<i64>units * lane) / lanes) * unit);
}

/** Floats in a cache line: elements are shared out by whole lines, so that no two lanes share one. */
@inline
export const LINE: i32 = 16;
