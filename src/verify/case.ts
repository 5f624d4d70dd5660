import type { Exports, KernelName } from "../wasm/build.ts";
import type { Arena, Layout } from "./arena.ts";
import { type Comparison, type Tolerance, rounded, sameWords, within } from "./compare.ts";
import type { Numbers } from "./numbers.ts";

/** Expected content of an operand after the call. */
export interface Result {
  /** Floats in float64, or integers, which must be equal. */
  readonly expected: ArrayLike<number>;
  /** Largest error of each float; by default they must be the expected ones rounded to float32. */
  readonly allowed?: Tolerance;
  /** True if a 0 must have the expected sign even where errors are allowed; false by default. */
  readonly signs?: boolean;
  /** Content before the call, if the kernel reads it. */
  readonly before?: Numbers;
  /** True if the kernel writes float64; false by default. */
  readonly wide?: boolean;
}

/** Number that a kernel must return; a boolean counts as 0 or 1. */
export interface Returned {
  readonly expected: number;
  /** Largest error. */
  readonly allowed: number;
}

/** One call of a kernel and its expected results, with names for the operands. */
interface NamedCase<I extends string, R extends string, S extends string> {
  /** Sizes and parameters. */
  readonly what: string;
  /** Operands that the kernel may only read. */
  readonly inputs: Readonly<Record<I, Numbers>>;
  readonly results: Readonly<Record<R, Result>>;
  /** Operands whose content after the call does not matter, with their content before it. */
  readonly scratch?: Readonly<Record<S, (kernels: Exports) => Numbers>>;
  readonly returns?: Returned;
  /** @param at addresses of the operands */
  readonly call: (
    kernels: Exports,
    at: Readonly<Record<I | R | S, number>>,
  ) => number | boolean | void;
}

/** One call of a kernel and its expected results. */
export type KernelCase = NamedCase<string, string, string>;

/** Returns a case; its function `call` is checked against the names of the operands. */
export function kernelCase<I extends string, R extends string, S extends string = never>(
  named: NamedCase<I, R, S>,
): KernelCase {
  return named;
}

/** Makes the cases of a kernel anew for each pass over them. */
export type Cases = () => Iterable<KernelCase>;

/** Kernels that share a line of the table, and the cases of each. */
export interface Family<K extends KernelName> {
  readonly name: string;
  readonly kernels: Readonly<Record<K, Cases>>;
}

/** A family of any kernels. */
export interface SomeFamily {
  readonly name: string;
  readonly kernels: Readonly<Partial<Record<KernelName, Cases>>>;
}

/** Returns the kernels of functions f and their cases: one called f, and one called fGrad. */
export function withGradients<N extends string>(
  functions: readonly N[],
  values: (f: N) => Iterable<KernelCase>,
  gradients: (f: N) => Iterable<KernelCase>,
): Record<N | `${N}Grad`, Cases> {
  const kernels = functions.flatMap((f): [string, Cases][] => [
    [f, () => values(f)],
    [`${f}Grad`, () => gradients(f)],
  ]);
  return Object.fromEntries(kernels) as Record<N | `${N}Grad`, Cases>;
}

/** Failure of a case. */
export interface Miss {
  /** Sizes and parameters. */
  readonly what: string;
  /** Element that is wrong, if one is: y[3]. */
  readonly element?: string;
  /** Elements of the inputs at the same index: x = -0.5. */
  readonly input?: string;
  /** Value that the kernel computed, or message of the error that the call ended with. */
  readonly came: string;
  readonly expected?: string;
  /** Error and largest allowed error, in words. */
  readonly limit?: string;
}

export interface Outcome {
  /** Largest error as a share of its bound; 0 if all results are exact. */
  readonly share: number;
  /** First failure, if there is one. */
  readonly miss?: Miss;
}

/** Formats a miss in one line. */
export function describeMiss({ what, element, input, came, expected, limit }: Miss): string {
  if (element === undefined) return `(${what}): ${came}`;
  const cause = input ? ` for ${input}` : "";
  const why = limit === undefined ? "" : ` (${limit})`;
  return `(${what}): ${element} is ${came}, expected ${expected}${cause}${why}`;
}

/** Returns the number of operands that a case places, as layouts need it. */
export function operandCount({ inputs, results, scratch }: KernelCase): number {
  return Object.keys({ ...inputs, ...results, ...scratch }).length;
}

/** Calls a kernel over operands in an arena and compares its results. An error is a miss too. */
export function check(arena: Arena, kernelCase: KernelCase, layout: Layout): Outcome {
  arena.reset(layout);
  try {
    const at = place(arena, kernelCase);
    const returned = kernelCase.call(arena.kernels, at);
    arena.checkCanaries();
    return compareAll(arena, kernelCase, at, Number(returned));
  } catch (error) {
    const came = error instanceof Error ? error.message : String(error);
    return { share: Infinity, miss: { what: kernelCase.what, came } };
  }
}

/** Calls a kernel repeatedly for `ms` milliseconds and ignores its results. */
export function repeat(arena: Arena, tried: KernelCase, layout: Layout, ms: number): void {
  arena.reset(layout);
  const at = place(arena, tried);
  const end = performance.now() + ms;
  do tried.call(arena.kernels, at);
  while (performance.now() < end);
}

type Addresses = Readonly<Record<string, number>>;

function place(arena: Arena, { inputs, results, scratch = {} }: KernelCase): Addresses {
  const at: Record<string, number> = {};
  for (const [name, numbers] of Object.entries(inputs)) at[name] = arena.input(numbers);
  for (const [name, { expected, before, wide }] of Object.entries(results)) {
    at[name] = before ? arena.inout(before) : arena.output(expected.length * (wide ? 2 : 1));
  }
  for (const [name, make] of Object.entries(scratch)) at[name] = arena.inout(make(arena.kernels));
  return at;
}

function compareAll(arena: Arena, tried: KernelCase, at: Addresses, returned: number): Outcome {
  let share = 0;
  for (const [name, result] of Object.entries(tried.results)) {
    const comparison = compare(arena, result, at[name]!);
    share = Math.max(share, comparison.share);
    const miss = missOf(tried, name, result.expected.length, comparison);
    if (miss) return { share, miss };
  }
  const { returns } = tried;
  if (!returns) return { share };
  const comparison = within(Float64Array.of(returned), [returns.expected], () => returns.allowed);
  const { difference } = comparison;
  share = Math.max(share, comparison.share);
  if (!difference) return { share };
  const { came, wanted: expected, limit } = difference;
  return {
    share,
    miss: { what: tried.what, element: "the returned value", came, expected, limit },
  };
}

function compare(arena: Arena, result: Result, at: number): Comparison {
  const { expected, allowed, signs, wide } = result;
  const count = expected.length;
  if (wide) {
    const doubles = new Float64Array(arena.words(at, 2 * count).buffer);
    return within(doubles, expected, allowed ?? (() => 0), signs);
  }
  if (expected instanceof Uint32Array || expected instanceof Int32Array) {
    return sameWords(arena.words(at, count), new Uint32Array(expected));
  }
  const floats = arena.floats(at, count);
  return allowed ? within(floats, expected, allowed, signs) : rounded(floats, expected);
}

function missOf(
  { what, inputs }: KernelCase,
  name: string,
  count: number,
  { difference }: Comparison,
): Miss | undefined {
  if (!difference) return undefined;
  const { index, came, wanted: expected, limit } = difference;
  const input = Object.entries(inputs)
    .filter(([, numbers]) => numbers.length === count || numbers.length === 1)
    .map(([input, numbers]) => `${input} = ${numbers[numbers.length === 1 ? 0 : index]}`)
    .join(", ");
  return { what, element: `${name}[${index}]`, input, came, expected, limit };
}
