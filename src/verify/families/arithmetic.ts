import { type BinaryName, binary } from "../../reference/binary.ts";
import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { U, ulp } from "../compare.ts";
import { extremes, floats, sizes } from "../numbers.ts";

/** Steps of the operands a and b: 1 for an array like y, 0 for one number. */
export const steps = [
  [1, 1],
  [1, 0],
  [0, 1],
  [0, 0],
] as const;

interface Operands {
  readonly n: number;
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly steps: (typeof steps)[number];
}

/** Returns a case of add, sub, mul or div, whose results must be the exact ones rounded once. */
function binaryCase(name: BinaryName, { n, a, b, steps: [aStep, bStep] }: Operands): KernelCase {
  const formula = binary[name];
  const expected = Array.from({ length: n }, (_, i) => formula(a[i * aStep]!, b[i * bStep]!));
  return kernelCase({
    what: `n = ${n}, steps ${aStep} and ${bStep}`,
    inputs: { a, b },
    results: { y: { expected } },
    call(kernels, { a, b, y }) {
      kernels[name](a, aStep, b, bStep, y, n);
    },
  });
}

function* binaryCases(name: BinaryName): Generator<KernelCase> {
  for (const pair of steps) {
    for (const n of sizes) {
      const [a, b] = [floats(pair[0] ? n : 1, 1, -9, 9), floats(pair[1] ? n : 1, 2, -9, 9)];
      yield binaryCase(name, { n, a, b, steps: pair });
    }
  }
  // Together these cases try every pair of extreme numbers.
  const all = Float32Array.of(...extremes, NaN);
  for (const number of all) {
    const one = Float32Array.of(number);
    yield binaryCase(name, { n: all.length, a: all, b: one, steps: steps[1] });
    yield binaryCase(name, { n: all.length, a: one, b: all, steps: steps[2] });
  }
}

/** Chosen elements keep their bits; the others keep what y had. */
function whereCase(n: number, [conditionStep, aStep]: (typeof steps)[number]): KernelCase {
  const values = Float32Array.of(0, 1, -0, NaN, 1e-45, -Infinity, 0);
  const condition = Float32Array.from({ length: conditionStep ? n : 1 }, (_, i) => values[i % 7]!);
  const [a, before] = [floats(aStep ? n : 1, 1), floats(n, 2)];
  if (n > 1) before[1] = NaN;
  const expected = Array.from(before, (y, i) => {
    return condition[i * conditionStep] === 0 ? y : a[i * aStep]!;
  });
  return kernelCase({
    what: `n = ${n}, steps ${conditionStep} and ${aStep}`,
    inputs: { condition, a },
    results: { y: { before, expected } },
    call(kernels, { condition, a, y }) {
      kernels.where(condition, conditionStep, a, aStep, y, n);
    },
  });
}

/** Ints that a float holds, and some that are rounded to the nearest, to even where two are as near. */
function toFloatCase(n: number): KernelCase {
  const values = [
    0,
    -1,
    5,
    2 ** 24,
    2 ** 24 + 1,
    2 ** 24 + 3,
    -(2 ** 31),
    2 ** 31 - 1,
    123_456_789,
  ];
  const x = Int32Array.from({ length: n }, (_, i) => values[i % values.length]!);
  return kernelCase({
    what: `n = ${n}`,
    inputs: { x },
    results: { y: { expected: Float32Array.from(x) } },
    call(kernels, { x, y }) {
      kernels.toFloat(x, y, n);
    },
  });
}

const ALPHA = -0.75;

/** Returns a case of y += alpha · x. */
function saxpyCase(n: number): KernelCase {
  const [x, before] = [floats(n, 1), floats(n, 2)];
  return kernelCase({
    what: `n = ${n}, alpha ${ALPHA}`,
    inputs: { x },
    results: {
      y: {
        before,
        expected: Array.from(x, (v, i) => before[i]! + ALPHA * v),
        // One rounding of the sum, and one of the product, which is below 1.
        allowed: (e) => ulp(e) + U,
      },
    },
    call(kernels, { x, y }) {
      kernels.saxpy(n, ALPHA, x, y);
    },
  });
}

/** Returns a case of sums += x with numbers for which float32 sums would lose x. */
function accumulateCase(n: number): KernelCase {
  const [x, big] = [floats(n, 1), floats(n, 2, 1e8, 2e8)];
  const before = new Uint32Array(Float64Array.from(big).buffer);
  const expected = new Uint32Array(Float64Array.from(x, (v, i) => big[i]! + v).buffer);
  return kernelCase({
    what: `n = ${n}`,
    inputs: { x },
    results: { sums: { before, expected } },
    call(kernels, { x, sums }) {
      kernels.accumulate(n, x, sums);
    },
  });
}

/** Returns a case of y = sums, rounded to float32. */
function roundSumsCase(n: number): KernelCase {
  const sums = Float64Array.from(floats(n, 1), (v, i) => v + i / 3);
  return kernelCase({
    what: `n = ${n}`,
    inputs: { sums },
    results: { y: { expected: sums } },
    call(kernels, { sums, y }) {
      kernels.roundSums(n, sums, y);
    },
  });
}

type Arithmetic = BinaryName | "where" | "toFloat" | "saxpy" | "accumulate" | "roundSums";

export const arithmeticFamily: Family<Arithmetic> = {
  name: "arithmetic",
  kernels: {
    add: () => binaryCases("add"),
    sub: () => binaryCases("sub"),
    mul: () => binaryCases("mul"),
    div: () => binaryCases("div"),
    greater: () => binaryCases("greater"),
    greaterEqual: () => binaryCases("greaterEqual"),
    equal: () => binaryCases("equal"),
    notEqual: () => binaryCases("notEqual"),
    where: () => steps.flatMap((pair) => sizes.map((n) => whereCase(n, pair))),
    toFloat: () => sizes.map(toFloatCase),
    saxpy: () => sizes.map(saxpyCase),
    accumulate: () => sizes.map(accumulateCase),
    roundSums: () => sizes.map(roundSumsCase),
  },
};
