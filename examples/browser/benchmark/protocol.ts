import type { EngineInfo } from "gradlane";
import type { Figures } from "../../../src/cli/bench/charts.ts";
import type { Measurement } from "../../../src/cli/bench/result.ts";

/** Messages between the page and the worker that measures. */

export interface RunMessage {
  readonly budget: "quick" | "full";
  readonly math: "strict" | "relaxed";
}

/** Circumstances that figures depend on, besides the code. */
export interface Environment extends EngineInfo {
  /** Version of gradlane. */
  readonly gradlane: string;
  readonly browser: string;
  /** Processors, as far as the browser tells. */
  readonly cores: number;
  readonly crossOriginIsolated: boolean;
  /** Time at which the run began, ISO 8601. */
  readonly date: string;
}

/** File that users download; `gradlane bench --peers` reads it too. */
export interface Report extends Figures {
  readonly environment: Environment;
  /** The peak loops in GFLOPS; the fastest is what products and large steps are held against. */
  readonly peak: readonly { readonly loop: string; readonly gflops: number }[];
}

export type BenchmarkMessage =
  | { readonly kind: "begun"; readonly environment: Environment; readonly peak: Report["peak"] }
  | { readonly kind: "measured"; readonly results: readonly Measurement[] }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly message: string };
