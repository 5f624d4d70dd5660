import type { Exports, KernelName } from "../wasm/build.ts";
import type { Arena, Layout } from "./arena.ts";
import { type Comparison, type Tolerance, rounded, sameWords, within } from "./compare.ts";
import type { Numbers } from "./numbers.ts";

/** What a kernel has to leave at an operand. */
export interface Result {
  /** Floats in float64, or integers to be the same. */
  readonly expected: ArrayLike<number>;
  /** Largest error of each float; without it they are the exact ones rounded. */
  readonly allowed?: Tolerance;
  /** Whether a 0 that is not rounded has to have its sign. */
  readonly signs?: boolean;
  /** What stands there before the call, if the kernel reads it. */
  readonly before?: Numbers;
  /** Whether the kernel leaves float64. */
  readonly wide?: boolean;
}

/** A number that a kernel has to give back; a boolean counts as 0 or 1. */
export interface Returned {
  readonly expected: number;
  /** Largest error. */
  readonly allowed: number;
}

/** One call of a kernel, with names for its operands. */
interface Given<I extends string, R extends string, S extends string> {
  /** Sizes and parameters. */
  readonly what: string;
  /** Operands that it may only read. */
  readonly inputs: Readonly<Record<I, Numbers>>;
  readonly results: Readonly<Record<R, Result>>;
  /** Operands that it may use as it likes: what they hold before the call. */
  readonly scratch?: Readonly<Record<S, (kernels: Exports) => Numbers>>;
  readonly returns?: Returned;
  /** @param at addresses of the operands */
  readonly call: (
    kernels: Exports,
    at: Readonly<Record<I | R | S, number>>,
  ) => number | boolean | void;
}

/** A call of a kernel and what must come of it. */
export type KernelCase = Given<string, string, string>;

/** A case whose call knows the names of its operands. */
export function kernelCase<I extends string, R extends string, S extends string = never>(
  given: Given<I, R, S>,
): KernelCase {
  return given;
}

/** Makes cases when they are wanted. */
export type Cases = () => Iterable<KernelCase>;

/** Kernels that are shown in one line, and the cases of each. */
export interface Family<K extends KernelName> {
  readonly name: string;
  readonly kernels: Readonly<Record<K, Cases>>;
}

/** A family, whichever kernels it has. */
export interface SomeFamily {
  readonly name: string;
  readonly kernels: Readonly<Partial<Record<KernelName, Cases>>>;
}

/** The kernels of functions f: one called f, and one called fGrad. */
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

/** What went wrong with a case. */
export interface Miss {
  /** Sizes and parameters. */
  readonly what: string;
  /** The element, where one is wrong: y[3]. */
  readonly element?: string;
  /** What the inputs hold at the same index: x = -0.5. */
  readonly input?: string;
  /** What came, or the error that the call ended with. */
  readonly came: string;
  readonly expected?: string;
  /** How far off it is and may be. */
  readonly limit?: string;
}

export interface Outcome {
  /** The largest error as a share of its bound; 0 where all is exact. */
  readonly share: number;
  /** What is wrong first, if anything is. */
  readonly miss?: Miss;
}

/** A miss in one line. */
export function describeMiss({ what, element, input, came, expected, limit }: Miss): string {
  if (element === undefined) return `(${what}): ${came}`;
  const given = input ? ` for ${input}` : "";
  const why = limit === undefined ? "" : ` (${limit})`;
  return `(${what}): ${element} is ${came}, expected ${expected}${given}${why}`;
}

/** Operands that a case places, for layouts. */
export function operandCount({ inputs, results, scratch }: KernelCase): number {
  return Object.keys({ ...inputs, ...results, ...scratch }).length;
}

/** Calls a kernel over operands in an arena. What it throws is a miss too. */
export function check(arena: Arena, kernelCase: KernelCase, layout: Layout): Outcome {
  arena.reset(layout);
  try {
    const at = place(arena, kernelCase);
    const given = kernelCase.call(arena.kernels, at);
    arena.checkCanaries();
    return compareAll(arena, kernelCase, at, Number(given));
  } catch (error) {
    const came = error instanceof Error ? error.message : String(error);
    return { share: Infinity, miss: { what: kernelCase.what, came } };
  }
}

/** Calls a kernel again and again for a time, whatever comes of it. */
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

function compareAll(arena: Arena, tried: KernelCase, at: Addresses, given: number): Outcome {
  let share = 0;
  for (const [name, result] of Object.entries(tried.results)) {
    const comparison = compare(arena, result, at[name]!);
    share = Math.max(share, comparison.share);
    const miss = missOf(tried, name, result.expected.length, comparison);
    if (miss) return { share, miss };
  }
  const { returns } = tried;
  if (!returns) return { share };
  const back = within(Float64Array.of(given), [returns.expected], () => returns.allowed);
  const { difference } = back;
  share = Math.max(share, back.share);
  if (!difference) return { share };
  const { came, wanted: expected, limit } = difference;
  return { share, miss: { what: tried.what, element: "what it gives", came, expected, limit } };
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
