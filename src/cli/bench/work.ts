import type { Timed } from "./timing.ts";
import type { Workbench } from "./workbench.ts";

/**
 * What a work is held against, by alternating with it: the machine's multiply-adds, a copy out
 * of as many bytes into as many, another way to do the same, or nothing.
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
  /** The same name in every program that is compared: sgemm 192x192x192, step 2-4-1 (4). */
  readonly name: string;
  /** Floating-point operations of one call, a multiply-add being two. */
  readonly flops?: number;
  /** Bytes that one call has to read and to write. */
  readonly bytes?: number;
  /** Puts the operands on the bench. */
  readonly prepare: (bench: Workbench) => Timed & { readonly yardstick: Yardstick };
}

/** Works that share a table. */
export interface WorkGroup {
  readonly name: string;
  readonly summary: string;
  readonly works: readonly Work[];
}
