import { type ActivationName, activationNames } from "../../graph/ops/activations.ts";
import { activationTable } from "../../graph/ops/activations.ts";
import type { MapRow } from "../../graph/ops/map.ts";
import { type UnaryName, unaryNames, unaryTable } from "../../graph/ops/unary.ts";
import { activations } from "../../reference/activations.ts";
import { type ElementaryName, elementary } from "../../reference/elementary.ts";
import type { Formula } from "../../reference/formula.ts";
import { unary } from "../../reference/unary.ts";
import { type Family, type KernelCase, kernelCase, withGradients } from "../case.ts";
import { ulp } from "../compare.ts";
import { bitPatterns, extremes, floats, sizes } from "../numbers.ts";

/** Functions y = f(x) of one element. */
export type MapName = ActivationName | UnaryName;

const formulas = { ...activations, ...unary };

const mapTable = { ...activationTable, ...unaryTable };

/** Returns true for a function whose error is known at every float. */
const isElementary = (name: string): name is ElementaryName => Object.hasOwn(elementary, name);

/** Bit patterns from one tried float to the next; 65,536 floats stand for all. */
const SWEEP_STEP = 65_537;

/** Returns the parameters that a function is tried with. */
export function parametersOf(name: MapName): readonly number[] {
  const { parameters }: Partial<Formula> = formulas[name];
  return parameters ?? [0];
}

/** Returns n random numbers; every third one is extreme, except for the last two. */
export function samples(n: number, seed: number): Float32Array {
  const x = floats(n, seed, -12, 12);
  for (let i = 0; i < n - 2; i += 3) x[i] = extremes[(i / 3 + 5 * seed + n) % extremes.length]!;
  return x;
}

function forwardCase(name: MapName, n: number, p: number): KernelCase {
  const formula: Omit<Formula, "parameters"> = formulas[name];
  const x = samples(n, 1);
  return kernelCase({
    what: `n = ${n}, parameter ${p}`,
    inputs: { x },
    results: {
      y: {
        expected: Array.from(x, (v) => formula.value(v, p)),
        allowed: (e, i) =>
          formula.ulps.value * ulp(e) + (formula.extraError?.value?.(x[i]!, p) ?? 0),
      },
    },
    call(kernels, { x, y }) {
      kernels[name](x, y, n, p);
    },
  });
}

function gradientCase(name: MapName, n: number, p: number): KernelCase {
  const { gradientFrom }: MapRow = mapTable[name];
  const formula: Omit<Formula, "parameters"> = formulas[name];
  const x = samples(n, 2);
  const y = x.map((v) => formula.value(v, p));
  const slopes = Array.from(x, (v, i) => formula.slope(v, y[i]!, p));
  // dy is finite where the slope is 0: kernels may turn an infinite one into 0 or NaN there.
  const dy = samples(n, 3).map((d, i) => (slopes[i] === 0 && !Number.isFinite(d) ? 1 : d));
  return kernelCase({
    what: `n = ${n}, parameter ${p}`,
    inputs: { x, y, dy },
    results: {
      dx: {
        expected: slopes.map((s, i) => s * dy[i]!),
        allowed(e, i) {
          const more = formula.extraError?.slope?.(x[i]!, p);
          return formula.ulps.slope * ulp(e) + (more ? more * Math.abs(dy[i]!) : 0);
        },
      },
    },
    call(kernels, { dy, dx, ...values }) {
      kernels[`${name}Grad`](values[gradientFrom(p)], dy, dx, n, p);
    },
  });
}

/** Returns a case of a function at floats of any size, among them NaN and infinities. */
export function elementaryCase(name: ElementaryName, x: Float32Array, what: string): KernelCase {
  const { exact, ulps, absolute = 0 } = elementary[name];
  const parameter = name === "softplus" ? 1 : 0;
  return kernelCase({
    what,
    inputs: { x },
    results: {
      y: {
        expected: Array.from(x, exact),
        allowed: (e) => Math.max(ulps * ulp(e), absolute),
        signs: true,
      },
    },
    call(kernels, { x: from, y }) {
      kernels[name](from, y, x.length, parameter);
    },
  });
}

function* forwardCases(name: MapName): Generator<KernelCase> {
  for (const p of parametersOf(name)) for (const n of sizes) yield forwardCase(name, n, p);
  if (!isElementary(name)) return;
  yield elementaryCase(name, Float32Array.from(extremes), "special values");
  for (const x of bitPatterns(SWEEP_STEP, 65_536)) {
    yield elementaryCase(name, x, `every ${SWEEP_STEP}th float`);
  }
}

function* gradientCases(name: MapName): Generator<KernelCase> {
  for (const p of parametersOf(name)) for (const n of sizes) yield gradientCase(name, n, p);
}

export const activationFamily: Family<ActivationName | `${ActivationName}Grad`> = {
  name: "activations",
  kernels: withGradients(activationNames, forwardCases, gradientCases),
};

export const unaryFamily: Family<UnaryName | `${UnaryName}Grad`> = {
  name: "functions",
  kernels: withGradients(unaryNames, forwardCases, gradientCases),
};
