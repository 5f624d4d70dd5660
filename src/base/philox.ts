/** Four 32-bit words. */
type Words = readonly [number, number, number, number];

/** Returns the upper 32 bits of the product of two 32-bit words. */
function highProduct(a: number, b: number): number {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const middle = aHigh * bLow + Math.floor((aLow * bLow) / 2 ** 16);
  const other = aLow * bHigh + (middle % 2 ** 16);
  return aHigh * bHigh + Math.floor(middle / 2 ** 16) + Math.floor(other / 2 ** 16);
}

/**
 * Returns the block of random words of a counter: Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel
 * random numbers: as easy as 1, 2, 3", 2011), as assembly/random/philox.ts computes it.
 */
export function philox(counter: Words, key: readonly [low: number, high: number]): Words {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const [m0, m1] = [0xd2511f53, 0xcd9e8d57];
    const [next0, next2] = [highProduct(m1, c2) ^ c1 ^ k0, highProduct(m0, c0) ^ c3 ^ k1];
    [c1, c3] = [Math.imul(m1, c2) >>> 0, Math.imul(m0, c0) >>> 0];
    [c0, c2] = [next0 >>> 0, next2 >>> 0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}
