import type { Exports } from "../wasm/build.ts";
import { Arena, type Layout } from "./arena.ts";
import type { Candidate } from "./builds.ts";
import {
  type Cases,
  type KernelCase,
  type Miss,
  type SomeFamily,
  check,
  operandCount,
  repeat,
} from "./case.ts";

/** Size of the memory, which holds the operands of the largest product. */
const MEGABYTES = 8;

/** Milliseconds for which each case is repeated, so that the engine optimises the kernel. */
const HEAT_MS = 0.1;

/** Milliseconds in which the engine's compiler threads finish their work. */
const SETTLE_MS = 20;

/** The first miss of a kernel. */
export interface KernelMiss extends Miss {
  readonly kernel: string;
  /**
   * True if the kernel was right when first called, and wrong after the engine had optimised it.
   */
  readonly isHot: boolean;
}

/** Result of a family in one build. */
export interface FamilyReport {
  readonly name: string;
  readonly kernels: number;
  readonly cases: number;
  /** Largest error among the cases within their bounds, as a share of the bound. */
  readonly share: number;
  /** First miss of each kernel that has one. */
  readonly misses: readonly KernelMiss[];
}

/** Result of a build. */
export interface BuildReport {
  readonly build: string;
  /** Reason why the build was not checked, if it was not. */
  readonly missing?: string;
  readonly families: readonly FamilyReport[];
}

/** Callbacks for builds and families as their checks begin and end. */
export interface Watcher {
  build(name: string, missing?: string): void;
  begin(family: SomeFamily): void;
  done(report: FamilyReport): void;
}

/** Returns kernels to check in place of a build's own, so that tests can break one. */
export type Adapt = (kernels: Exports) => Exports;

interface Options {
  readonly watcher?: Watcher;
  readonly adapt?: Adapt;
}

/**
 * Checks every kernel of the families in a build twice: as it is first compiled, and again after
 * enough calls for the engine to optimise it, because either compiler may be wrong.
 */
export async function verifyBuild(
  { name, isShared, load }: Candidate,
  families: readonly SomeFamily[],
  { watcher, adapt = (kernels) => kernels }: Options = {},
): Promise<BuildReport> {
  const module = await load();
  if (typeof module === "string") {
    watcher?.build(name, module);
    return { build: name, missing: module, families: [] };
  }
  watcher?.build(name);
  const { memory, kernels } = await Arena.over(module, isShared, MEGABYTES);
  const arena = new Arena(memory, adapt(kernels));
  const reports: FamilyReport[] = [];
  for (const family of families) {
    watcher?.begin(family);
    const report = await verifyFamily(arena, family);
    watcher?.done(report);
    reports.push(report);
  }
  return { build: name, families: reports };
}

async function verifyFamily(arena: Arena, { name, kernels }: SomeFamily): Promise<FamilyReport> {
  const entries = Object.entries(kernels);
  const cold = entries.map(([kernel, cases]) => verifyKernel(arena, kernel, cases, false));
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const hot = entries.map(([kernel, cases], i) =>
    cold[i]!.miss ? cold[i]! : verifyKernel(arena, kernel, cases, true),
  );
  return {
    name,
    kernels: entries.length,
    cases: cold.reduce((sum, { cases }) => sum + cases, 0),
    share: Math.max(...[...cold, ...hot].map(({ share }) => share)),
    misses: hot.flatMap(({ miss }) => miss ?? []),
  };
}

interface KernelReport {
  readonly cases: number;
  readonly share: number;
  readonly miss?: KernelMiss;
}

/** Checks the cases of a kernel, each in another layout, up to the first miss. */
function verifyKernel(arena: Arena, kernel: string, cases: Cases, isHot: boolean): KernelReport {
  let [count, largest] = [0, 0];
  for (const tried of cases()) {
    const layout = layoutOf(tried, count);
    count++;
    const { share, miss } = check(arena, tried, layout);
    if (miss) return { cases: count, share: largest, miss: { kernel, isHot, ...miss } };
    largest = Math.max(largest, share);
    if (!isHot) repeat(arena, tried, layout, HEAT_MS);
  }
  return { cases: count, share: largest };
}

/** Returns layout i: alignments take turns, and so do the operands at the end of the memory. */
function layoutOf(tried: KernelCase, i: number): Layout {
  const operands = operandCount(tried);
  const last = i % (operands + 1);
  return last < operands ? { shift: i % 4, last } : { shift: i % 4 };
}
