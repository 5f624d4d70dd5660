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

/** For the operands of the largest product. */
const MEGABYTES = 8;

/** How long each case is repeated, so that the engine takes a kernel for one worth optimising. */
const HEAT_MS = 0.1;

/** Until the engine's compiler threads have done what was asked of them. */
const SETTLE_MS = 20;

/** The first miss of a kernel. */
export interface KernelMiss extends Miss {
  readonly kernel: string;
  /** Whether it was right as it was called first, and no more once it had been called often. */
  readonly isHot: boolean;
}

/** What came of a family in one build. */
export interface FamilyReport {
  readonly name: string;
  readonly kernels: number;
  readonly cases: number;
  /** The largest error of what is within its bound, as a share of the bound. */
  readonly share: number;
  /** One for each kernel that missed. */
  readonly misses: readonly KernelMiss[];
}

/** What came of a build. */
export interface BuildReport {
  readonly build: string;
  /** Why it was not checked. */
  readonly missing?: string;
  readonly families: readonly FamilyReport[];
}

/** Is told of families as they are begun and done. */
export interface Watcher {
  build(name: string, missing?: string): void;
  begin(family: SomeFamily): void;
  done(report: FamilyReport): void;
}

/** Gives what is checked in place of a build's exports, so that tests can break it. */
export type Adapt = (kernels: Exports) => Exports;

interface Options {
  readonly watcher?: Watcher;
  readonly adapt?: Adapt;
}

/**
 * Checks every kernel of the families in a build twice: as it is compiled first, and after it has
 * been called so often that the engine has optimised it, for both compilers may be wrong.
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

/** Every case of a kernel, each in another place, up to the first miss. */
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

/** Every alignment in turn, and every operand at the end of the memory in turn, or none. */
function layoutOf(tried: KernelCase, i: number): Layout {
  const operands = operandCount(tried);
  const last = i % (operands + 1);
  return last < operands ? { shift: i % 4, last } : { shift: i % 4 };
}
