import type { Environment } from "./environment.ts";
import type { Peers } from "./peers.ts";
import type { Measurement } from "./result.ts";

/** Everything about a run: what --json writes, and what --html shows. */
export interface Report {
  readonly environment: Environment;
  /** The peak loops in GFLOPS; the fastest is what products and large steps are held against. */
  readonly peak: readonly { readonly loop: string; readonly gflops: number }[];
  /** In the order of the tables. */
  readonly groups: readonly { readonly name: string; readonly works: readonly string[] }[];
  readonly results: readonly Measurement[];
  readonly peers: Peers | null;
}
