import type { Timed } from "./timing.ts";
import type { Workbench } from "./workbench.ts";

/**
 * Loop that takes turns with a work, for comparison: the machine's multiply-adds, a copy that reads
 * and writes as many bytes, a rival that does the same in another way, or none.
 */
export type Yardstick =
  | { readonly kind: "multiply-add" }
  | { readonly kind: "copy"; readonly source: number; readonly target: number }
  | {
      readonly kind: "rival";
      readonly peer: string;
      readonly version: string;
      readonly timed: Timed;
    }
  | { readonly kind: "none" };

/** One line of the benchmark. */
export interface Work {
  /** Name, the same in all programs: `sgemm 192x192x192`, `step 2-4-1 (4)`. */
  readonly name: string;
  /** Floating-point operations of one call; a multiply-add counts as two. */
  readonly flops?: number;
  /** Bytes that one call must read and write. */
  readonly bytes?: number;
  /** Places the operands in the workbench's memory and returns the work as a function. */
  readonly prepare: (bench: Workbench) => Timed & { readonly yardstick: Yardstick };
}

/** Works that share a table. */
export interface WorkGroup {
  readonly name: string;
  readonly summary: string;
  readonly works: readonly Work[];
}
