import { VECTOR_BYTES, madd, splat } from "./simd";

/**
 * Upper limits of this machine, which the benchmark compares the kernels with: loops that do
 * nothing but multiply and add, and one that does nothing but copy. They are a build of their own,
 * in the command line alone.
 *
 * The number of chains of multiply-adds that keep the pipes busy depends on their latency, and the
 * number that fit on the engine's register allocator. So there are several, and the fastest is the
 * ceiling: a single naive form has shown a quarter of the truth.
 */

/** Bytes of the ring that a lap goes round, which stays in L1. Every chain count divides it. */
@inline
const RING_BYTES: usize = 15360;

/** Multiply-adds (of four lanes) in a lap, for every form of the loop. */
export function maddsPerLap(): usize {
  return RING_BYTES / VECTOR_BYTES;
}

/**
 * `chains` accumulators, kept at `at`: from registers c = c · x + (1 - x), which goes to 1; with loads
 * a register tile's c += a · b, chains / 2 floats a by eight floats b. On one Xeon the
 * former reach 29.3 GFLOPS at best, the latter 33.3 (Node 20; 32.4 and 34.4 on Node 24).
 *
 * `chains` (8, 10, 12 or 16) and `loads` are constants. The accumulators are loaded and stored side
 * by side, so that V8's revectorizer can pair them.
 */
@inline
function spin(chains: i32, loads: bool, laps: i32, x: f32, ring: usize, at: usize): void {
  const scale = splat(x);
  const rest = splat(1 - x);
  const end = ring + RING_BYTES;
  let c0 = v128.load(at),
    c1 = v128.load(at, 16),
    c2 = v128.load(at, 32),
    c3 = v128.load(at, 48),
    c4 = v128.load(at, 64),
    c5 = v128.load(at, 80),
    c6 = v128.load(at, 96),
    c7 = v128.load(at, 112),
    c8 = v128.load(at, 128),
    c9 = v128.load(at, 144),
    c10 = v128.load(at, 160),
    c11 = v128.load(at, 176),
    c12 = v128.load(at, 192),
    c13 = v128.load(at, 208),
    c14 = v128.load(at, 224),
    c15 = v128.load(at, 240);
  for (let lap = 0; lap < laps; lap++) {
    for (let p = ring; p < end; p += <usize>chains * VECTOR_BYTES) {
      const b0 = v128.load(p);
      const b1 = v128.load(p, 16);
      let a = v128.load_splat<f32>(p, 32);
      c0 = loads ? madd(a, b0, c0) : madd(c0, scale, rest);
      c1 = loads ? madd(a, b1, c1) : madd(c1, scale, rest);
      a = v128.load_splat<f32>(p, 36);
      c2 = loads ? madd(a, b0, c2) : madd(c2, scale, rest);
      c3 = loads ? madd(a, b1, c3) : madd(c3, scale, rest);
      a = v128.load_splat<f32>(p, 40);
      c4 = loads ? madd(a, b0, c4) : madd(c4, scale, rest);
      c5 = loads ? madd(a, b1, c5) : madd(c5, scale, rest);
      a = v128.load_splat<f32>(p, 44);
      c6 = loads ? madd(a, b0, c6) : madd(c6, scale, rest);
      c7 = loads ? madd(a, b1, c7) : madd(c7, scale, rest);
      if (chains < 10) continue;
      a = v128.load_splat<f32>(p, 48);
      c8 = loads ? madd(a, b0, c8) : madd(c8, scale, rest);
      c9 = loads ? madd(a, b1, c9) : madd(c9, scale, rest);
      if (chains < 12) continue;
      a = v128.load_splat<f32>(p, 52);
      c10 = loads ? madd(a, b0, c10) : madd(c10, scale, rest);
      c11 = loads ? madd(a, b1, c11) : madd(c11, scale, rest);
      if (chains < 16) continue;
      a = v128.load_splat<f32>(p, 56);
      c12 = loads ? madd(a, b0, c12) : madd(c12, scale, rest);
      c13 = loads ? madd(a, b1, c13) : madd(c13, scale, rest);
      a = v128.load_splat<f32>(p, 60);
      c14 = loads ? madd(a, b0, c14) : madd(c14, scale, rest);
      c15 = loads ? madd(a, b1, c15) : madd(c15, scale, rest);
    }
  }
  v128.store(at, c0);
  v128.store(at, c1, 16);
  v128.store(at, c2, 32);
  v128.store(at, c3, 48);
  v128.store(at, c4, 64);
  v128.store(at, c5, 80);
  v128.store(at, c6, 96);
  v128.store(at, c7, 112);
  v128.store(at, c8, 128);
  v128.store(at, c9, 144);
  v128.store(at, c10, 160);
  v128.store(at, c11, 176);
  v128.store(at, c12, 192);
  v128.store(at, c13, 208);
  v128.store(at, c14, 224);
  v128.store(at, c15, 240);
}

/** Multiply-adds in 8 chains from registers; 256 bytes at `at` are written. */
export function registers8(laps: i32, x: f32, ring: usize, at: usize): void {
  spin(8, false, laps, x, ring, at);
}

/** Multiply-adds in 10 chains from registers. */
export function registers10(laps: i32, x: f32, ring: usize, at: usize): void {
  spin(10, false, laps, x, ring, at);
}

/** Multiply-adds in 12 chains from registers. */
export function registers12(laps: i32, x: f32, ring: usize, at: usize): void {
  spin(12, false, laps, x, ring, at);
}

/** Multiply-adds in 16 chains from registers. */
export function registers16(laps: i32, x: f32, ring: usize, at: usize): void {
  spin(16, false, laps, x, ring, at);
}

/** Multiply-adds in 8 chains as a tile of 4 x 8 has them, with its loads. */
export function loads8(laps: i32, x: f32, ring: usize, at: usize): void {
  spin(8, true, laps, x, ring, at);
}

/** Multiply-adds in 10 chains as a tile of 5 x 8 has them, with its loads. */
export function loads10(laps: i32, x: f32, ring: usize, at: usize): void {
  spin(10, true, laps, x, ring, at);
}

/** Multiply-adds in 12 chains as a tile of 6 x 8 has them, with its loads. */
export function loads12(laps: i32, x: f32, ring: usize, at: usize): void {
  spin(12, true, laps, x, ring, at);
}

/** Multiply-adds in 16 chains as a tile of 8 x 8 has them, with its loads. */
export function loads16(laps: i32, x: f32, ring: usize, at: usize): void {
  spin(16, true, laps, x, ring, at);
}

/** Copies whole cache lines, a vector at a time: `bytes` is a multiple of 64. */
export function copy(src: usize, dst: usize, bytes: usize): void {
  for (const end = src + bytes; src < end; src += 64, dst += 64) {
    v128.store(dst, v128.load(src));
    v128.store(dst, v128.load(src, 16), 16);
    v128.store(dst, v128.load(src, 32), 32);
    v128.store(dst, v128.load(src, 48), 48);
  }
}
