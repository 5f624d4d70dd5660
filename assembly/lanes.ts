/** How work is shared out among lanes, which run the same records side by side. */

/**
 * The first of n items that belongs to a lane, in whole units: a lane's share runs from share(lane)
 * to share(lane + 1).
 */
@inline
export function share(n: i32, unit: i32, lane: i32, lanes: i32): i32 {
  const units = (n + unit - 1) / unit;
  return min(n, ((units * lane) / lanes) * unit);
}
