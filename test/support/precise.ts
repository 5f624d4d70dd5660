/** Elementary functions to some 380 digits, in fixed point, to measure float64 ones against. */

const BITS = 1280n;

/** A number times 2^1280, rounded. */
export type Fixed = bigint;

const ONE: Fixed = 1n << BITS;

const times = (a: Fixed, b: Fixed): Fixed => (a * b) >> BITS;

const bits = new DataView(new ArrayBuffer(8));

/** A finite float64 number, exactly. */
export function fixed(x: number): Fixed {
  bits.setFloat64(0, x);
  const word = bits.getBigUint64(0);
  const exponent = (word >> 52n) & 0x7ffn;
  const fraction = word & 0xfffffffffffffn;
  const mantissa = exponent === 0n ? fraction : fraction | (1n << 52n);
  const magnitude = mantissa << (BITS - 1074n + (exponent === 0n ? 0n : exponent - 1n));
  return x < 0 ? -magnitude : magnitude;
}

/** Returns the error of a float64 result, in units of the last place of the exact one. */
export function ulpsOff(actual: number, exact: Fixed): number {
  const size = exact < 0n ? -exact : exact;
  const exponent = BigInt(size.toString(2).length) - BITS - 1n;
  const place = exponent < -1022n ? -1074n : exponent - 52n;
  const off = fixed(actual) - exact;
  const thousandths = (1000n * (off < 0n ? -off : off)) >> (BITS + place);
  return Number(thousandths) / 1000;
}

/** first + first · ratio(1) + first · ratio(1) · ratio(2) + ... */
function series(first: Fixed, next: (term: Fixed, i: bigint) => Fixed): Fixed {
  let total = 0n;
  let term = first;
  for (let i = 1n; term !== 0n && term !== -1n; i++) {
    total += term;
    term = next(term, i);
  }
  return total;
}

/** artanh(1 / n) or, alternating, arctan(1 / n). */
function inverseTangent(n: bigint, alternating: boolean): Fixed {
  let total = 0n;
  let power = ONE / n;
  for (let i = 0n; power !== 0n; i++) {
    const term = power / (2n * i + 1n);
    total += alternating && i % 2n === 1n ? -term : term;
    power /= n * n;
  }
  return total;
}

const LN2 = 2n * inverseTangent(3n, false);
/** Machin's formula. */
const PI = 4n * (4n * inverseTangent(5n, true) - inverseTangent(239n, true));

export function preciseCosPi(x: number): Fixed {
  const angle = times(PI, fixed(Math.abs(x) % 2));
  const square = times(angle, angle);
  return series(ONE, (term, i) => -times(term, square) / ((2n * i - 1n) * (2n * i)));
}

function log(x: Fixed): Fixed {
  const k = BigInt(x.toString(2).length) - BITS - 1n;
  const mantissa = k < 0n ? x << -k : x >> k;
  const s = ((mantissa - ONE) << BITS) / (mantissa + ONE);
  const square = times(s, s);
  let total = 0n;
  let power = s;
  for (let i = 1n; power !== 0n; i += 2n) {
    total += power / i;
    power = times(power, square);
  }
  return k * LN2 + 2n * total;
}

function exp(x: Fixed): Fixed {
  const k = x / LN2;
  const value = series(ONE, (term, i) => times(term, x - k * LN2) / i);
  return k < 0n ? value >> -k : value << k;
}

/** log x for x > 0. */
export const preciseLog = (x: number): Fixed => log(fixed(x));

export const preciseExp = (x: number): Fixed => exp(fixed(x));

/** base^exponent for base > 0. */
export function precisePow(base: number, exponent: number): Fixed {
  return exp(times(log(fixed(base)), fixed(exponent)));
}
