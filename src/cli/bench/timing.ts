import { Bench, type FnReturnedObject } from "tinybench";
import { clockStep } from "../../wasm/tile-timing.ts";

/** Something to be timed. */
export interface Timed {
  /** Does the work once; with timesItself it returns the milliseconds that it took. */
  readonly run: () => unknown;
  /** Runs the same code on little data, so that many calls make V8 optimise it quickly. */
  readonly warmUp?: () => void;
  /** True if each call is a sample that returns its own time, as for a process that is started. */
  readonly timesItself?: boolean;
}

/** Time to measure: a round of a work takes `time` milliseconds, and at least three samples. */
export interface Budget {
  readonly rounds: number;
  readonly time: number;
  readonly warmUpTime: number;
}

export const fullBudget: Budget = { rounds: 5, time: 60, warmUpTime: 60 };
export const quickBudget: Budget = { rounds: 5, time: 5, warmUpTime: 8 };

export interface Timing {
  /** Median time of a call, in milliseconds, in each round. */
  readonly medians: readonly number[];
  /** Time of one call: the median of the rounds' medians. */
  readonly milliseconds: number;
  /**
   * Median absolute deviation of the rounds' medians, as a share of their median: half of the
   * rounds deviate by at most this. One noisy round does not change it. It is at most 1.
   */
  readonly spread: number;
  readonly samples: number;
  /**
   * Share of a core's time that this process had while it measured; other programs had the rest.
   * Undefined in browsers, which do not report it.
   */
  readonly cpuShare: number | undefined;
}

/** Number of calls on little data. V8 optimises a function after some thousand, or 50 ms in it. */
const WARM_UP_CALLS = 2000;
/** Most milliseconds that these calls may take. */
const WARM_UP_LIMIT = 200;

/** Milliseconds in which V8 compiles optimised code in the background. */
const COMPILE_TIME = 20;

/**
 * Least milliseconds of a sample, and least steps of the clock in it, so that neither the clock's
 * resolution nor its call shows. Browsers' clocks move by 5 µs to 1 ms.
 */
const LEAST_SAMPLE = 0.1;
const LEAST_STEPS = 20;

const FEWEST_SAMPLES = 3;

/**
 * Times works in turns, round by round. On a machine whose speed drifts, figures of the same rounds
 * can be compared, and those of two runs cannot.
 */
export async function timeInTurns(works: readonly Timed[], budget: Budget): Promise<Timing[]> {
  const samplers: (() => FnReturnedObject)[] = [];
  for (const work of works) samplers.push(await warmedUp(work, budget));
  const medians = works.map((): number[] => []);
  const samples = works.map(() => 0);
  let cpuSpent = 0;
  let wallSpent = 0;
  for (let round = 0; round < budget.rounds; round++) {
    const bench = new Bench({
      time: budget.time,
      iterations: FEWEST_SAMPLES,
      warmup: false,
      throws: true,
    });
    samplers.forEach((sampler, index) => bench.add(String(index), sampler, { async: false }));
    const [cpu, wall] = [cpuTime(), performance.now()];
    const tasks = bench.runSync();
    cpuSpent += cpuTime() - cpu;
    wallSpent += performance.now() - wall;
    tasks.forEach(({ result }, index) => {
      if (result.state !== "completed") throw new Error(`benchmark: it ended as ${result.state}`);
      medians[index]!.push(result.latency.p50);
      samples[index]! += result.latency.samplesCount;
    });
  }
  // The compiler's threads may add to this process's time.
  const cpuShare = Number.isNaN(cpuSpent) ? undefined : Math.min(1, cpuSpent / wallSpent);
  return medians.map((rounds, i) => ({ ...summary(rounds), samples: samples[i]!, cpuShare }));
}

/** Returns the milliseconds of processor time that this process has used; NaN in browsers. */
function cpuTime(): number {
  const { process } = globalThis as { process?: NodeJS.Process };
  const usage = process?.cpuUsage();
  return usage ? (usage.user + usage.system) / 1000 : NaN;
}

function summary(medians: readonly number[]): Pick<Timing, "medians" | "milliseconds" | "spread"> {
  const milliseconds = median(medians);
  const deviations = medians.map((time) => Math.abs(time - milliseconds));
  return { medians, milliseconds, spread: median(deviations) / milliseconds };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Brings a work to full speed, and returns a function that takes one sample of it. */
async function warmedUp(work: Timed, { warmUpTime }: Budget): Promise<() => FnReturnedObject> {
  const { run, warmUp, timesItself } = work;
  if (timesItself) return () => ({ overriddenDuration: Number(run()) });
  if (warmUp) {
    const limit = performance.now() + WARM_UP_LIMIT;
    for (let i = 0; i < WARM_UP_CALLS && performance.now() < limit; i++) warmUp();
  }
  await new Promise((resolve) => setTimeout(resolve, COMPILE_TIME));
  const end = performance.now() + warmUpTime;
  let calls = 1;
  const least = Math.max(LEAST_SAMPLE, LEAST_STEPS * clockStep());
  let took = timeOf(run, calls);
  while (took < least || performance.now() < end) {
    if (took < least) calls *= 2;
    took = timeOf(run, calls);
  }
  return () => {
    const elapsed = timeOf(run, calls);
    return { overriddenDuration: elapsed / calls, overriddenIterationCost: elapsed };
  };
}

function timeOf(run: () => unknown, calls: number): number {
  const start = performance.now();
  for (let i = 0; i < calls; i++) run();
  return performance.now() - start;
}
