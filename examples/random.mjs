// Random numbers of a seed, the same in every run and on every machine.

/** Number i of the random numbers from 0 to 1 that belong to a seed: mulberry32, by Tommy Ettinger. */
export function random(seed, i) {
  const state = (seed + Math.imul(i + 1, 0x6d2b79f5)) | 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

/** Returns a function that gives these numbers one after the other. */
export function generator(seed) {
  let i = 0;
  return () => random(seed, i++);
}
