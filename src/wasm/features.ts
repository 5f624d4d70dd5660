/* The smallest modules that use the feature, as bytes: header, one type, one function, its code. */
const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const givesVector = [1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0];

const probes = {
  // i32.const 0, i8x16.splat, i8x16.popcnt
  simd: [...header, ...givesVector, 10, 10, 1, 8, 0, 0x41, 0, 0xfd, 15, 0xfd, 98, 11],
  // three splats, f32x4.relaxed_madd
  relaxedSimd: [
    ...[...header, ...givesVector, 10, 19, 1, 17, 0],
    ...[0x41, 1, 0xfd, 15, 0x41, 2, 0xfd, 15, 0x41, 3, 0xfd, 15, 0xfd, 0x85, 2, 11],
  ],
  // a shared memory and i32.atomic.load
  threads: [
    ...[...header, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 5, 4, 1, 3, 1, 1],
    ...[10, 11, 1, 9, 0, 0x41, 0, 0xfe, 16, 2, 0, 0x1a, 11],
  ],
};

export type Feature = keyof typeof probes;

/** Returns true if this engine's WebAssembly has a feature. */
export function hasFeature(feature: Feature): boolean {
  return WebAssembly.validate(new Uint8Array(probes[feature]));
}
