/** What a program needed for a work; a file of peers holds the same, see peers.ts. */
export interface Result {
  /** Who did it: gradlane, plain JS, tfjs-wasm… */
  readonly peer: string;
  readonly version: string;
  readonly work: string;
  /** Of one call, the median. */
  readonly milliseconds: number;
  readonly gflops?: number;
}

/** A result of this run. */
export interface Measurement extends Result {
  /** Median absolute deviation of the rounds' medians from their median, as a part of it. */
  readonly spread: number;
  readonly samples: number;
  /** Of a core's time that this process had in those rounds; absent where others were to work. */
  readonly cpuShare?: number;
  readonly gigabytesPerSecond?: number;
  /** The machine's limit in the same rounds: GFLOPS where those are counted, else GB/s of a copy. */
  readonly ceiling?: number;
  /** How much of it was reached: the median over the rounds. */
  readonly shareOfCeiling?: number;
}

/** The results of others that this run has none of its own for. */
export function resultsBeside(own: readonly Result[], peers: readonly Result[]): Result[] {
  return peers.filter(
    ({ peer, work }) => !own.some((result) => result.peer === peer && result.work === work),
  );
}
