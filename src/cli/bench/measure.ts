import manifest from "../../../package.json" with { type: "json" };
import { perNanosecond, type Ceiling, type PeakLoop } from "./ceiling.ts";
import type { Measurement } from "./result.ts";
import { median, timeInTurns, type Budget, type Timed, type Timing } from "./timing.ts";
import type { Work, Yardstick } from "./work.ts";
import type { Workbench } from "./workbench.ts";

/** Engine, limits and time that the measurements of a run share. */
export interface Instruments {
  readonly bench: Workbench;
  readonly ceiling: Ceiling;
  /** Fastest loop of the ceiling. */
  readonly peak: PeakLoop;
  readonly budget: Budget;
}

/** Times a work in turns with its yardstick. A rival's measurement follows the work's own. */
export async function measure(work: Work, instruments: Instruments): Promise<Measurement[]> {
  const { bench, ceiling, peak, budget } = instruments;
  bench.clear();
  const timed = work.prepare(bench);
  const limit = limitFor(timed.yardstick, ceiling, peak);
  const others: Timed[] = limit ? [limit] : [];
  if (timed.yardstick.kind === "rival") others.push(timed.yardstick.timed);
  const [own, other] = await timeInTurns([timed, ...others], budget);
  const measured = {
    ...{ peer: "gradlane", version: manifest.version },
    ...figures(work, own!),
    ...(own!.cpuShare !== undefined && !timed.timesItself && { cpuShare: own!.cpuShare }),
    ...(limit && against(limit, other!, work, own!)),
  };
  if (timed.yardstick.kind !== "rival") return [measured];
  const { peer, version } = timed.yardstick;
  return [measured, { peer, version, ...figures(work, other!) }];
}

/**
 * Times works that do the same in different ways, in turns with each other and with multiply-adds,
 * so that a disturbance in a round affects all of them.
 */
export async function measureInTurns(
  works: readonly Work[],
  { bench, peak, budget }: Instruments,
): Promise<Measurement[]> {
  bench.clear();
  const timed = works.map((work) => work.prepare(bench));
  const [limits, ...timings] = await timeInTurns([peak, ...timed], budget);
  return works.map((work, i) => ({
    ...{ peer: "gradlane", version: manifest.version },
    ...figures(work, timings[i]!),
    ...against(peak, limits!, work, timings[i]!),
  }));
}

function limitFor(yardstick: Yardstick, ceiling: Ceiling, peak: PeakLoop): PeakLoop | undefined {
  if (yardstick.kind === "multiply-add") return peak;
  return yardstick.kind === "copy" ? ceiling.copy(yardstick.source, yardstick.target) : undefined;
}

function figures({ name, flops, bytes }: Work, timing: Timing) {
  const { milliseconds, spread, samples } = timing;
  return {
    ...{ work: name, milliseconds, spread, samples },
    ...(flops !== undefined && { gflops: perNanosecond(flops, milliseconds) }),
    ...(bytes !== undefined && { gigabytesPerSecond: perNanosecond(bytes, milliseconds) }),
  };
}

/** Compares a work with its limit in each round: operations if it counts them, else bytes. */
function against(limit: PeakLoop, limits: Timing, { flops, bytes }: Work, own: Timing) {
  const part = (flops ?? bytes ?? 0) / limit.amount;
  const shares = own.medians.map((time, round) => (part * limits.medians[round]!) / time);
  const ceiling = perNanosecond(limit.amount, limits.milliseconds);
  return { ceiling, shareOfCeiling: median(shares) };
}
