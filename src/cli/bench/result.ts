/** Time that a program took for a work; files of peers (peers.ts) have the same fields. */
export interface Result {
  /** Name of the program: gradlane, plain JS, tfjs-wasm… */
  readonly peer: string;
  readonly version: string;
  readonly work: string;
  /** Median time of one call. */
  readonly milliseconds: number;
  readonly gflops?: number;
}

/** A result of this run. */
export interface Measurement extends Result {
  /** Median absolute deviation of the rounds' medians, as a share of their median. */
  readonly spread: number;
  readonly samples: number;
  /** Share of a core that this process had; absent in browsers, and if a work starts processes. */
  readonly cpuShare?: number;
  readonly gigabytesPerSecond?: number;
  /** Limit in the same rounds: GFLOPS if operations are counted, else GB/s of a copy. */
  readonly ceiling?: number;
  /** Share of the limit that the work reached, the median over the rounds. */
  readonly shareOfCeiling?: number;
}

/** Returns the results of peers for which this run has none of its own. */
export function resultsBeside(own: readonly Result[], peers: readonly Result[]): Result[] {
  return peers.filter(
    ({ peer, work }) => !own.some((result) => result.peer === peer && result.work === work),
  );
}
