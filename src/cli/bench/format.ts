import type { EngineInfo } from "../../index.ts";
import type { Measurement, Result } from "./result.ts";

/** Text for a figure that a work does not have: a step as small as 2-4-1 has no GFLOPS. */
export const NONE = "–";

/** Formats a time: `660 ns`, `12.3 µs`, `1.20 ms`. */
export function formatTime(milliseconds: number): string {
  if (milliseconds < 1e-3) return `${threeDigits(milliseconds * 1e6)} ns`;
  if (milliseconds < 1) return `${threeDigits(milliseconds * 1e3)} µs`;
  return `${threeDigits(milliseconds)} ms`;
}

/** Formats a number above 0 with at least three digits: `0.123`, `1.23`, `12.3`, `123`, `1234`. */
export function threeDigits(value: number): string {
  return value.toFixed(Math.min(20, Math.max(0, 2 - Math.floor(Math.log10(value)))));
}

export function formatPercent(part: number): string {
  return `${(100 * part).toFixed(0)} %`;
}

/** Formats GFLOPS if operations are counted, else GB/s if bytes are, else "". */
export function formatSpeed({ gflops, gigabytesPerSecond }: Measurement): string {
  if (gflops !== undefined) return `${threeDigits(gflops)} GFLOPS`;
  return gigabytesPerSecond === undefined ? "" : `${threeDigits(gigabytesPerSecond)} GB/s`;
}

/** Formats the speed relative to the fastest other program: `1.40 × tfjs-wasm`; "" if alone. */
export function formatRatio(own: Result, others: readonly Result[]): string {
  const [fastest] = others.toSorted((a, b) => a.milliseconds - b.milliseconds);
  return fastest ? `${threeDigits(fastest.milliseconds / own.milliseconds)} × ${fastest.peer}` : "";
}

/** Describes the kernels of a run: `0.1.0, strict build, tile 4x8, 1 thread`. */
export function kernelsOf(environment: EngineInfo & { readonly gradlane: string }): string {
  const { gradlane, build, tile, threads, revectorize } = environment;
  const threadCount = threads === 1 ? "1 thread" : `${threads} threads`;
  const parts = [gradlane, `${build} build`, `tile ${tile}`, threadCount];
  return [...parts, ...(revectorize ? ["revectorized"] : [])].join(", ");
}

export function coreCount(cores: number): string {
  return cores === 1 ? "1 core" : `${cores} cores`;
}

/**
 * Least share of a core that counts as undisturbed; alone, a process has all but some thousandths.
 */
const LEAST_CPU_SHARE = 0.95;

/** Returns a warning if other programs took time from the measurements, else "". */
export function disturbance(results: readonly Measurement[]): string {
  const least = Math.min(...results.map(({ cpuShare = 1 }) => cpuShare));
  if (least >= LEAST_CPU_SHARE) return "";
  return `other programs had up to ${formatPercent(1 - least)} of this core: long calls look too slow`;
}
