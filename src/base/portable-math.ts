/**
 * Elementary functions in float64 that give the same bits in every engine, which Math.cos, Math.pow
 * and ** need not do. They use only + - * / and comparisons, which IEEE 754 rounds in one way. Most
 * are called once per step, so they are short rather than fast.
 */

/** Number as an unevaluated sum of two, of which the second is at most half an ulp of the first. */
interface Double {
  readonly high: number;
  readonly low: number;
}

const exact = (high: number): Double => ({ high, low: 0 });

/** a + b for |a| >= |b| (Dekker 1971). */
function quickSum(a: number, b: number): Double {
  const high = a + b;
  return { high, low: b - (high - a) };
}

/** a + b for any order of magnitudes (Knuth). */
function sum(a: number, b: number): Double {
  const high = a + b;
  const rest = high - a;
  return { high, low: a - (high - rest) + (b - rest) };
}

/** a in two halves of 26 bits (Veltkamp), whose products are exact. */
function split(a: number): Double {
  const shifted = a * (2 ** 27 + 1);
  const high = shifted - (shifted - a);
  return { high, low: a - high };
}

/** a · b (Dekker 1971). */
function product(a: number, b: number): Double {
  const high = a * b;
  const x = split(a);
  const y = split(b);
  const low = x.low * y.low - (high - x.high * y.high - x.low * y.high - x.high * y.low);
  return { high, low };
}

function add(a: Double, b: Double): Double {
  const { high, low } = sum(a.high, b.high);
  return quickSum(high, low + (a.low + b.low));
}

function multiply(a: Double, b: Double): Double {
  const { high, low } = product(a.high, b.high);
  return quickSum(high, low + (a.high * b.low + a.low * b.high));
}

function divide(a: Double, b: Double): Double {
  const first = a.high / b.high;
  const back = multiply(b, exact(first));
  const rest = a.high - back.high - back.low + a.low;
  return quickSum(first, rest / b.high);
}

const bits = new DataView(new ArrayBuffer(8));

/** 2^k for -1022 <= k <= 1023. */
function powerOfTwo(k: number): number {
  bits.setUint32(0, (k + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

/** x · 2^k for -2044 <= k <= 2046, in two factors where one has no room. */
function scale(x: number, k: number): number {
  const half = Math.trunc(k / 2);
  return x * powerOfTwo(half) * powerOfTwo(k - half);
}

/** π and ln 2 to 106 bits. */
const PI: Double = { high: 3.141592653589793, low: 1.2246467991473532e-16 };
const LN2: Double = { high: 0.6931471805599453, low: 2.3190468138462996e-17 };

/** Σ terms[i] · x^i by Horner's rule. */
function polynomial(terms: readonly number[], x: number): number {
  return terms.reduceRight((total, term) => total * x + term, 0);
}

/** 1 / 2!, 1 / 3!, ... */
const inverseFactorials: readonly number[] = Array.from({ length: 18 }, (_, i) => {
  let factorial = 1;
  for (let k = 2; k <= i + 2; k++) factorial *= k;
  return 1 / factorial;
});

/** The Taylor series of sine and cosine in x², from x³ and x⁴ on; less than 2^-60 is left out. */
const sineTerms = [1, 3, 5, 7, 9, 11, 13, 15].map(
  (i) => inverseFactorials[i]! * (i % 4 === 1 ? -1 : 1),
);
const cosineTerms = [2, 4, 6, 8, 10, 12, 14, 16].map(
  (i) => inverseFactorials[i]! * (i % 4 === 2 ? 1 : -1),
);

/** sin(π · x) for 0 <= x <= 1/4. */
function sinPiReduced(x: number): number {
  const { high, low } = multiply(PI, exact(x));
  const square = high * high;
  return high + (low + high * square * polynomial(sineTerms, square));
}

/** cos(π · x) for 0 <= x <= 1/4. */
function cosPiReduced(x: number): number {
  const { high, low } = multiply(PI, exact(x));
  const square = product(high, high);
  const curve = square.high * square.high * polynomial(cosineTerms, square.high);
  const half = quickSum(1, -square.high / 2);
  return half.high + (half.low + (curve - square.low / 2 - high * low));
}

/** cos(π · x), within 1 ulp; exactly 0, 1 and -1 where it is; NaN for NaN and infinities. */
export function cosPi(x: number): number {
  const turn = Math.abs(x) % 2;
  const folded = turn > 1 ? 2 - turn : turn;
  if (folded > 0.5) return -cosPi(1 - folded);
  return folded <= 0.25 ? cosPiReduced(folded) : sinPiReduced(0.5 - folded);
}

/** log x for a finite x > 0, within 2^-65 of itself. */
function logDouble(x: number): Double {
  const subnormal = x < 2 ** -1022;
  bits.setFloat64(0, subnormal ? x * 2 ** 54 : x);
  const word = bits.getUint32(0);
  bits.setUint32(0, (word & 0xfffff) | 0x3ff00000);
  let k = (word >>> 20) - 1023 - (subnormal ? 54 : 0);
  let mantissa = bits.getFloat64(0);
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    k++;
  }
  // log m = 2 · (s + s³/3 + s⁵/5 + ...) with s = (m - 1) / (m + 1), |s| <= 0.172.
  const s = divide(exact(mantissa - 1), sum(mantissa, 1));
  const square = multiply(s, s);
  const tail = square.high * polynomial(logTerms, square.high);
  const third = add(THIRD, exact(tail));
  const series = add(s, multiply(multiply(s, square), third));
  return add(multiply(LN2, exact(k)), { high: 2 * series.high, low: 2 * series.low });
}

/** 1/3 to 106 bits, and 1/5, 1/7, ... as far as 2^-70 needs them. */
const THIRD = divide(exact(1), exact(3));
const logTerms = Array.from({ length: 12 }, (_, i) => 1 / (2 * i + 5));

/** e^x, where |x| may be as large as overflow and underflow take it; within 1 ulp. */
function expDouble(x: Double): number {
  if (x.high > 710) return Infinity;
  if (x.high < -746) return 0;
  const k = Math.round(x.high / LN2.high);
  const r = add(x, multiply(LN2, exact(-k)));
  // e^r - 1 - r, whose terms from r²/2 on are at most 0.07.
  const curve = r.high * r.high * polynomial(inverseFactorials, r.high);
  const start = quickSum(1, r.high);
  return scale(start.high + (start.low + (curve + r.low + r.low * r.high)), k);
}

/** ln 2 to 32 bits, so that whole multiples of it are exact, and the rest. */
const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;

/** The Remez polynomial of r coth(r / 2) on [0, ln 2 / 2], from FreeBSD's e_exp.c (Sun Microsystems). */
const cothTerms = [
  1.66666666666666019037e-1, -2.77777777770155933842e-3, 6.61375632143793436117e-5,
  -1.6533902205465251539e-6, 4.13813679705723846039e-8,
] as const;

/** e^x within 1 ulp, in a tenth of the time of `pow`: metrics take it of every logit. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019411) return 0;
  const k = Math.round(x / LN2.high);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const t = r * r;
  const [a, b, c, d, e] = cothTerms;
  const s = r - t * (a + t * (b + t * (c + t * (d + t * e))));
  return scale(1 - (low - (r * s) / (2 - s) - high), k);
}

/** log x within 1 ulp; -Infinity for 0, NaN below. */
export function log(x: number): number {
  if (x > 0 && x < Infinity) return logDouble(x).high;
  return x === 0 ? -Infinity : x > 0 ? x : NaN;
}

/** base^n for a whole n >= 0, by squaring, in twice the digits. */
function wholePower(base: number, n: number): number {
  let result = exact(1);
  let square = exact(base);
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = multiply(result, square);
    if (left > 1) square = multiply(square, square);
  }
  return result.high;
}

/** The largest exponent that is taken by multiplication. */
const MOST_FACTORS = 2 ** 31;

/**
 * base^exponent for base >= 0, within 1 ulp; as IEEE 754's pow at 0 and infinity.
 * NaN for a base below 0, and where one is NaN, but for pow(x, 0), which is 1.
 */
export function pow(base: number, exponent: number): number {
  if (exponent === 0 || base === 1) return 1;
  if (Number.isNaN(base) || Number.isNaN(exponent) || base < 0) return NaN;
  if (base === 0 || base === Infinity || !Number.isFinite(exponent)) {
    return base < 1 === exponent > 0 ? 0 : Infinity;
  }
  if (Number.isInteger(exponent) && exponent > 0 && exponent < MOST_FACTORS) {
    const power = wholePower(base, exponent);
    // Outside this range the halves of a split under- or overflow.
    if (power > 2 ** -900 && power < 2 ** 900) return power;
  }
  return expDouble(multiply(logDouble(base), exact(exponent)));
}
