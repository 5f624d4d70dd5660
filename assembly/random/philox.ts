/**
 * Random numbers by counter, not by state: Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel
 * random numbers: as easy as 1, 2, 3", SC 2011). Any lane can make any part of a block; only integers
 * decide it.
 */

/** State of a model's random numbers. */
@unmanaged
export class RandomState {
  seedLow: u32;
  seedHigh: u32;
  /** Training steps so far. */
  step: u32;

  /** Counts a step. */
  advance(): void {
    this.step++;
  }
}

/**
 * Words block · 4 to block · 4 + 3 of a stream; the 64-bit seed is the key. step and use tell apart
 * the numbers of one stream that are drawn at several times, and streams that are for other things.
 */
export function philox(
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
  block: u32,
  step: u32 = 0,
  use: u32 = 0,
): v128 {
  let c0 = block;
  let c1 = step;
  let c2 = stream;
  let c3 = use;
  for (let round = 0; round < 10; round++) {
    const p0 = <u64>0xd2511f53 * <u64>c0;
    const p1 = <u64>0xcd9e8d57 * <u64>c2;
    c0 = (<u32>(p1 >> 32)) ^ c1 ^ seedLow;
    c1 = <u32>p1;
    c2 = (<u32>(p0 >> 32)) ^ c3 ^ seedHigh;
    c3 = <u32>p0;
    seedLow += 0x9e3779b9;
    seedHigh += 0xbb67ae85;
  }
  const low = i32x4.replace_lane(i32x4.splat(c0), 1, c1);
  return i32x4.replace_lane(i32x4.replace_lane(low, 2, c2), 3, c3);
}
