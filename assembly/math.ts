import { select, splat } from "./simd";

/**
 * Elementary functions on four float32 lanes.
 *
 * Plain multiplies and adds only, never `madd`: strict and relaxed builds give the same bits. The
 * errors stated are the largest over all 2³² inputs, against float64; NaN is carried through. The
 * polynomials are minimax fits of our own, rounded to float32 from the lowest coefficient up.
 */

/** ln 2 as 355/512 (9 bits, so that k · LN2_HIGH is exact for every exponent k) plus the rest. */
@inline
const LN2_HIGH: f32 = 0.693359375;


@inline
const LN2_LOW: f32 = -2.1219444e-4;


@inline
const LOG2_E: f32 = 1.44269504;

/** Adding 1.5 · 2²³ rounds to an integer and leaves it in the low bits, cheaper than `nearest`. */
@inline
const ROUNDER: f32 = 12582912;

/** Returns x - k · ln 2 by Cody and Waite's two steps, the first of which is exact. */
@inline
function reduce(x: v128, k: v128): v128 {
  const high = f32x4.sub(x, f32x4.mul(k, splat(LN2_HIGH)));
  return f32x4.sub(high, f32x4.mul(k, splat(LN2_LOW)));
}

/** a + b · c, always in two roundings. */
@inline
function addProduct(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(a, f32x4.mul(b, c));
}

/** eʳ - 1 for |r| ≤ ln 2 / 2, fit error 2⁻²⁶. Estrin's order is 3 to 5 % faster than Horner's. */
@inline
function expm1Reduced(r: v128): v128 {
  const square = f32x4.mul(r, r);
  const q01 = addProduct(splat(4.9999997e-1), splat(1.6666546e-1), r);
  const q23 = addProduct(splat(4.1667435e-2), splat(8.366265e-3), r);
  const q234 = addProduct(q23, splat(1.3870678e-3), square);
  return addProduct(r, square, addProduct(q01, square, q234));
}

/**
 * eˣ for x up to 89, or NaN.
 *
 * 2ᵏ is applied as two factors, 2^⌊k/2⌋ and 2^⌈k/2⌉: one alone has no room for k = 128 nor for the
 * subnormal results. The 254 puts both exponent biases into the rounded integer beforehand.
 */
@inline
function expUpTo89(x: v128): v128 {
  const clamped = f32x4.pmax(x, splat(-104));
  const rounder = splat(ROUNDER + 254);
  const biased = f32x4.add(f32x4.mul(clamped, splat(LOG2_E)), rounder);
  const power = f32x4.add(splat(1), expm1Reduced(reduce(clamped, f32x4.sub(biased, rounder))));
  const half = i32x4.shr_u(biased, 1);
  const low = i32x4.shl(half, 23);
  const high = i32x4.shl(i32x4.sub(biased, half), 23);
  return f32x4.mul(f32x4.mul(power, low), high);
}

/** -|x|. */
@inline
function minusAbs(x: v128): v128 {
  return v128.or(x, splat(-0.0));
}

/** e^-|x|, within 1.04 ulp: never overflows. */
@inline
export function expMinusAbs(x: v128): v128 {
  return expUpTo89(minusAbs(x));
}

/** eˣ, within 1.04 ulp. */
@inline
export function exp(x: v128): v128 {
  return expUpTo89(f32x4.pmin(x, splat(89)));
}

/** 2⁻³²: what both parts of the logistic function's quotient are scaled by, as e¹⁰⁴ has no float. */
@inline
const LOGISTIC_SCALE: f32 = 2.3283064365386963e-10;

/**
 * 1 / (1 + e⁻ˣ) for x from -104, where it becomes 0, to 65.
 *
 * With e⁻ˣ = s + s · p, s a power of two, 1 + s is rounded, and what that took off is found by
 * Dekker's Fast2Sum: one rounding less than 1 + e⁻ˣ. Against e^-|x| and a choice by sign it is 1.3
 * times as fast, and 12 times from x = -44 to -52, where a square of that became subnormal.
 */
@inline
function logistic(x: v128): v128 {
  const one = splat(LOGISTIC_SCALE);
  const rounder = splat(ROUNDER + 127 - 32);
  const biased = f32x4.add(f32x4.mul(x, splat(-LOG2_E)), rounder);
  const k = f32x4.sub(biased, rounder);
  const high = f32x4.sub(f32x4.mul(k, splat(-LN2_HIGH)), x);
  const p = expm1Reduced(f32x4.sub(high, f32x4.mul(k, splat(LN2_LOW))));
  const scale = i32x4.shl(biased, 23);
  const sum = f32x4.add(one, scale);
  const lost = f32x4.sub(one, f32x4.sub(sum, scale));
  return f32x4.div(one, f32x4.add(sum, addProduct(lost, scale, p)));
}

/** 1 / (1 + e⁻ˣ), within 1.76 ulp. */
@inline
export function sigmoid(x: v128): v128 {
  return logistic(f32x4.pmin(f32x4.pmax(x, splat(-104)), splat(30)));
}

/** The sigmoid of -|x|: its tail, from which 1 takes off no digits. */
@inline
export function sigmoidMinusAbs(x: v128): v128 {
  return logistic(f32x4.pmax(minusAbs(x), splat(-104)));
}

/** 1 - eʸ for y from -19 (there it rounds to 1) to 0; no digits are lost near 0. */
@inline
function oneMinusExpFrom19(y: v128): v128 {
  const rounder = splat(ROUNDER + 127);
  const biased = f32x4.add(f32x4.mul(y, splat(LOG2_E)), rounder);
  const scale = i32x4.shl(biased, 23);
  const p = expm1Reduced(reduce(y, f32x4.sub(biased, rounder)));
  return f32x4.sub(f32x4.sub(splat(1), scale), f32x4.mul(scale, p));
}

/** 1 - eʸ for y ≤ 0, within ULPS ulp. */
@inline
export function oneMinusExp(y: v128): v128 {
  return oneMinusExpFrom19(f32x4.pmax(y, splat(-19)));
}

/** tanh x, within 2.5 ulp: t / (2 - t) with t = 1 - e^(-2|x|), then the sign of x. */
@inline
export function tanh(x: v128): v128 {
  const t = oneMinusExp(f32x4.mul(minusAbs(x), splat(2)));
  return v128.or(f32x4.div(t, f32x4.sub(splat(2), t)), v128.and(x, splat(-0.0)));
}

/**
 * erf x, within 2.15 ulp: 1 - e^(a · P(a)) with a = -|x|, then the sign of x.
 *
 * P is fitted to log(erfc |x|) / a for |x| up to 4, where erf rounds to 1, so that the error of erf
 * is the smallest; one smooth function serves both the part near 0 and the tail.
 */
@inline
export function erf(x: v128): v128 {
  const a = f32x4.pmax(minusAbs(x), splat(-4));
  const square = f32x4.mul(a, a);
  const p01 = addProduct(splat(1.2837917e-1), splat(-6.3661957e-1), a);
  const p23 = addProduct(splat(1.02776304e-1), splat(1.9147823e-2), a);
  const p45 = addProduct(splat(-1.6950472e-4), splat(-1.675678e-3), a);
  const p67 = addProduct(splat(-6.373652e-4), splat(-1.18862175e-4), a);
  const p4to8 = addProduct(p45, square, addProduct(p67, square, splat(-9.38811e-6)));
  const p = addProduct(p01, square, addProduct(p23, square, p4to8));
  const y = addProduct(a, a, p);
  return v128.or(oneMinusExpFrom19(y), v128.and(x, splat(-0.0)));
}

/** The a from which e^(-a²/2) is 0. */
@inline
const NORMAL_END: f32 = 14.5;

/** |x|, but at most 14.5: normalDensity and normalTail have no digits left to tell from there on. */
@inline
export function normalDistance(x: v128): v128 {
  return f32x4.pmin(f32x4.abs(x), splat(NORMAL_END));
}

/** e^(-a²/2), the standard normal density times √(2π); a from 0 to 14.5. */
@inline
export function normalDensity(a: v128): v128 {
  return expUpTo89(f32x4.mul(f32x4.mul(a, a), splat(-0.5)));
}

/**
 * Φ(-a), the standard normal distribution's tail, from a and its density.
 *
 * The tail over the density (Mills' ratio) is smooth and falls like 1 / a: a quotient of two
 * polynomials, fit error 2⁻²⁵ all the way from 0 to 14.5. So the tail keeps its digits, which
 * (1 + erf) / 2 loses, and one exponential serves the density too.
 */
@inline
export function normalTail(a: v128, density: v128): v128 {
  const square = f32x4.mul(a, a);
  const p01 = addProduct(splat(0.5), splat(0.4375962), a);
  const p23 = addProduct(splat(0.18268245), splat(0.04043673), a);
  const p = addProduct(p01, square, addProduct(p23, square, splat(0.0040841256)));
  const q01 = addProduct(splat(1), splat(1.6730772), a);
  const q23 = addProduct(splat(1.2002836), splat(0.4680025), a);
  const q45 = addProduct(splat(0.10136639), splat(0.0102372635), a);
  const q = addProduct(q01, square, addProduct(q23, square, q45));
  return f32x4.mul(density, f32x4.div(p, q));
}

/**
 * Natural logarithm, within 0.96 ulp: -∞ at 0, NaN below 0.
 *
 * x = 2ᵏ · (1 + f) with 1 + f between √½ and √2, then fdlibm's scheme in s = f / (2 + f).
 */
@inline
export function log(x: v128): v128 {
  const subnormal = f32x4.lt(x, splat(1.17549435e-38));
  const normal = select(subnormal, f32x4.mul(x, splat(8388608)), x);
  const aboveRootHalf = i32x4.sub(normal, i32x4.splat(0x3f3504f3));
  const mantissa = i32x4.sub(normal, v128.and(aboveRootHalf, i32x4.splat(0xff800000)));
  const shift = v128.and(subnormal, i32x4.splat(-23));
  const k = f32x4.convert_i32x4_s(i32x4.add(i32x4.shr_s(aboveRootHalf, 23), shift));

  const f = f32x4.sub(mantissa, splat(1));
  const s = f32x4.div(f, f32x4.add(splat(2), f));
  const z = f32x4.mul(s, s);
  const p12 = addProduct(splat(3.9977568e-1), splat(2.987146e-1), z);
  const p = f32x4.mul(z, addProduct(splat(6.6666776e-1), p12, z));
  const curved = f32x4.mul(s, f32x4.sub(f, p));
  const low = f32x4.sub(curved, f32x4.mul(k, splat(LN2_LOW)));

  const infiniteOrNaN = v128.andnot(x, f32x4.lt(x, splat(Infinity)));
  const atZero = v128.and(splat(-Infinity), f32x4.eq(x, splat(0)));
  const special = v128.or(v128.or(infiniteOrNaN, atZero), f32x4.lt(x, splat(0)));
  const high = addProduct(special, k, splat(LN2_HIGH));
  return f32x4.add(high, f32x4.sub(f, low));
}

/** log(1 + e^-|x|), by the same scheme as log. */
@inline
export function softplusMinusAbs(x: v128): v128 {
  const e = expMinusAbs(x);
  const s = f32x4.div(e, f32x4.add(splat(2), e));
  const z = f32x4.mul(s, s);
  const p23 = addProduct(splat(2.7998596e-1), splat(2.8026745e-1), z);
  const p = addProduct(splat(6.666641e-1), z, addProduct(splat(4.0021738e-1), p23, z));
  return f32x4.sub(e, f32x4.mul(s, f32x4.sub(e, f32x4.mul(z, p))));
}

/** log(1 + eˣ), within 2.08 ulp. */
@inline
export function softplus(x: v128): v128 {
  return f32x4.add(f32x4.pmax(x, splat(0)), softplusMinusAbs(x));
}

/**
 * log(1 + x) for finite x ≥ 0, within 2 ulp: the logarithm of the rounded sum, and to first order what the
 * rounding took off (Goldberg, "What every computer scientist should know about floating-point
 * arithmetic", 1991, theorem 4).
 */
@inline
export function log1p(x: v128): v128 {
  const sum = f32x4.add(splat(1), x);
  const lost = f32x4.sub(x, f32x4.sub(sum, splat(1)));
  return f32x4.add(log(sum), f32x4.div(lost, sum));
}

/** factor · x; 0 where the factor is 0 and x infinite. NaN is carried. */
@inline
export function weigh(factor: v128, x: v128): v128 {
  const infinite = f32x4.eq(f32x4.abs(x), splat(Infinity));
  const excluded = v128.and(infinite, f32x4.eq(factor, splat(0)));
  return v128.andnot(f32x4.mul(factor, x), excluded);
}
