import {
  type ElementLoss,
  type Formula,
  type ParametricLoss,
  elementLosses,
  parametricLosses,
  sigmoid,
} from "../../reference/losses.ts";
import { type Family, type KernelCase, kernelCase, withGradients } from "../case.ts";
import { U, ulp } from "../compare.ts";
import { extremes, floats, generator, sizes } from "../numbers.ts";

/** Returns n numbers for a seed. */
type Draw = (n: number, seed: number) => Float32Array;

/** Numbers that a loss is tried with, and bounds for its errors. */
interface Bounds {
  readonly x: Draw;
  readonly t: Draw;
  /** Largest errors of the loss and, for dy = 1, of its gradient. */
  readonly value: (x: number, t: number, exact: number) => number;
  readonly slope: (x: number, t: number, exact: number) => number;
}

/** Returns random numbers in a range, of which every third is one of the special ones. */
function mixed(low: number, high: number, special: readonly number[]): Draw {
  return (n, seed) => {
    const next = generator(seed + 77);
    const numbers = floats(n, seed, low, high);
    for (let i = 0; i < n; i += 3) numbers[i] = special[Math.floor(next() * special.length)]!;
    return numbers;
  };
}

const large = extremes.filter((x) => Math.abs(x) <= 1e31 || Math.abs(x) === Infinity);
const logits = extremes.filter((x) => Math.abs(x) <= 1e31);
const probabilities = extremes.filter((x) => x >= 0 && x <= 1);
const targets = mixed(0, 1, [0, 1, 0, 1, 0.5]);

/** Numbers and bounds of the losses for which the defaults of boundsOf do not fit. */
const ownBounds: Partial<Record<ElementLoss, Bounds>> = {
  squaredError: {
    x: mixed(-9, 9, large),
    t: mixed(-9, 9, large),
    value: (_x, _t, exact) => 3 * ulp(exact),
    slope: (_x, _t, exact) => 2 * ulp(exact),
  },
  absoluteError: {
    x: mixed(-9, 9, large),
    t: mixed(-9, 9, large),
    value: (_x, _t, exact) => ulp(exact),
    slope: () => 0,
  },
  binaryCrossEntropy: {
    x: mixed(0, 1, probabilities),
    t: targets,
    // 1 - x is rounded before its logarithm is taken, which costs u of the loss for t = 0.
    value: (_x, t, exact) => 9 * U * exact + 1.01 * U * (1 - t),
    // x - t may be subnormal before it is divided by 1e-12.
    slope: (_x, _t, exact) => 6 * ulp(exact) + 2 ** -149 / 1e-12,
  },
  binaryCrossEntropyLogits: {
    x: mixed(-20, 20, logits),
    t: targets,
    value: (_x, t, exact) => (t === 0 || t === 1 ? 2 * ulp(exact) : 6 * U * exact),
    slope: (x, t, exact) =>
      t === 0 || t === 1
        ? 3 * ulp(exact)
        : 6 * U * ((1 - t) * sigmoid(x) + t * sigmoid(-x)) + 2 * ulp(exact),
  },
  kullbackLeibler: {
    x: mixed(-20, 0, [0, -100, -1e4, -1e-10]),
    t: targets,
    value: (x, t, exact) => U * (9 * Math.abs(t * x) + 9) * t + 2 * ulp(exact),
    slope: () => 0,
  },
};

/** Returns the numbers and bounds of a loss: by default numbers of all sizes, within its ulps. */
export function boundsOf(name: ElementLoss): Bounds {
  const { ulps = { value: 1, slope: 1 } }: Pick<Formula, "ulps"> = elementLosses[name];
  return (
    ownBounds[name] ?? {
      x: mixed(-9, 9, large),
      t: mixed(-9, 9, large),
      value: (_x, _t, exact) => ulps.value * ulp(exact),
      slope: (_x, _t, exact) => ulps.slope * ulp(exact),
    }
  );
}

interface ParametricBounds {
  readonly t: Draw;
  readonly p: Draw;
  readonly value: (exact: number) => number;
  readonly slope: (x: number, t: number, p: number, exact: number) => number;
}

/** Numbers and bounds of the losses with a parameter. */
export const parametricBounds: Record<ParametricLoss, ParametricBounds> = {
  huber: {
    t: (n, seed) => floats(n, seed, -3, 3),
    p: (n, seed) => floats(n, seed, 0.1, 3),
    value: (exact) => 6 * ulp(exact),
    slope: (_x, _t, _p, exact) => ulp(exact),
  },
  weightedBinaryCrossEntropyLogits: {
    t: (n, seed) => floats(n, seed, -0.3, 1.3).map((t) => Math.min(Math.max(t, 0), 1)),
    p: (n, seed) => floats(n, seed, 0, 5),
    value: (exact) => 8 * U * exact,
    slope: (x, t, p) => 8 * U * ((1 - t) * sigmoid(x) + p * t * sigmoid(-x)) + 2 ** -149,
  },
};

function lossCase(name: ElementLoss, n: number): KernelCase {
  const { x: drawX, t: drawT, value } = boundsOf(name);
  const [x, t] = [drawX(n, 1), drawT(n, 2)];
  return kernelCase({
    what: `n = ${n}`,
    inputs: { x, t },
    results: {
      y: {
        expected: Array.from(x, (v, i) => elementLosses[name].value(v, t[i]!)),
        allowed: (e, i) => value(x[i]!, t[i]!, e),
      },
    },
    call(kernels, { x, t, y }) {
      kernels[name](x, t, y, n);
    },
  });
}

function lossGradCase(name: ElementLoss, n: number): KernelCase {
  const { x: drawX, t: drawT, slope } = boundsOf(name);
  const [x, t, dy] = [drawX(n, 3), drawT(n, 4), floats(n, 5)];
  const slopes = Array.from(x, (v, i) => elementLosses[name].slope(v, t[i]!));
  return kernelCase({
    what: `n = ${n}`,
    inputs: { x, t, dy },
    results: {
      dx: {
        expected: slopes.map((s, i) => s * dy[i]!),
        allowed: (e, i) => slope(x[i]!, t[i]!, slopes[i]!) * Math.abs(dy[i]!) + ulp(e),
      },
    },
    call(kernels, { x, t, dy, dx }) {
      kernels[`${name}Grad`](x, t, dy, dx, n);
    },
  });
}

/** @param pStep 0 for one parameter, 1 for a parameter of each element */
function parametricCase(name: ParametricLoss, n: number, pStep: number): KernelCase {
  const { t: drawT, p: drawP, value } = parametricBounds[name];
  const [x, t, p] = [floats(n, 1, -20, 20), drawT(n, 2), drawP(pStep ? n : 1, 3)];
  const formula = parametricLosses[name];
  return kernelCase({
    what: `n = ${n}, step ${pStep} of the parameter`,
    inputs: { x, t, p },
    results: {
      y: {
        expected: Array.from(x, (v, i) => formula.value(v, t[i]!, p[i * pStep]!)),
        allowed: value,
      },
    },
    call(kernels, { x, t, p, y }) {
      kernels[name](x, t, p, pStep, y, n);
    },
  });
}

function parametricGradCase(name: ParametricLoss, n: number, pStep: number): KernelCase {
  const { t: drawT, p: drawP, slope } = parametricBounds[name];
  const [x, t, p] = [floats(n, 1, -20, 20), drawT(n, 2), drawP(pStep ? n : 1, 3)];
  const dy = floats(n, 4);
  const formula = parametricLosses[name];
  const slopes = Array.from(x, (v, i) => formula.slope(v, t[i]!, p[i * pStep]!));
  return kernelCase({
    what: `n = ${n}, step ${pStep} of the parameter`,
    inputs: { x, t, p, dy },
    results: {
      dx: {
        expected: slopes.map((s, i) => s * dy[i]!),
        allowed(e, i) {
          const own = slope(x[i]!, t[i]!, p[i * pStep]!, slopes[i]!);
          return own * Math.abs(dy[i]!) + ulp(e);
        },
      },
    },
    call(kernels, { x, t, p, dy, dx }) {
      kernels[`${name}Grad`](x, t, p, pStep, dy, dx, n);
    },
  });
}

const flags = [0, 1] as const;

type LossKernel = ElementLoss | ParametricLoss;

export const lossFamily: Family<LossKernel | `${LossKernel}Grad`> = {
  name: "losses",
  kernels: {
    ...withGradients(
      Object.keys(elementLosses) as ElementLoss[],
      (name) => sizes.map((n) => lossCase(name, n)),
      (name) => sizes.map((n) => lossGradCase(name, n)),
    ),
    ...withGradients(
      Object.keys(parametricLosses) as ParametricLoss[],
      (name) => flags.flatMap((step) => sizes.map((n) => parametricCase(name, n, step))),
      (name) => flags.flatMap((step) => sizes.map((n) => parametricGradCase(name, n, step))),
    ),
  },
};
