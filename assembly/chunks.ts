/** How records are cut into parts, which lanes do side by side. */

/**
 * The first of n items that belongs to a part, in whole units: a part runs from share(part) to
 * share(part + 1).
 */
@inline
export function share(n: i32, unit: i32, part: i32, parts: i32): i32 {
  // The ends without a division: two of them would be a tenth of a tiny record in one part.
  if (part == 0) return 0;
  if (part == parts) return n;
  const units = (n + unit - 1) / unit;
  return <i32>min(<i64>n, ((<i64>units * part) / parts) * unit);
}

/** Floats in a cache line: elements are cut by whole lines, so that no two lanes share one. */
@inline
export const LINE: i32 = 16;

/** The lane that this instance's records run on. */
let lane: usize = 0;


@inline
export function runFor(own: usize): void {
  lane = own;
}

/** This lane's scratch: args point at that of the first lane, and how many bytes each of them has. */
@inline
export function ownScratch(args: usize): usize {
  return load<usize>(args) + lane * load<usize>(args, 4);
}
