import type * as library from "../../../src/index.ts";
import type { loadDigits } from "../../../src/data/digits.ts";

/** Report of program/service.mjs. */
export interface Used {
  readonly threads: number;
  readonly notes: readonly string[];
  /** Weights of two models, the second of which goes on from the first one's file. */
  readonly weights: readonly (readonly number[][])[];
  readonly accuracy: number;
  readonly relaxed: string;
  readonly refused: string;
}

export function use(given: typeof library, load: typeof loadDigits): Promise<Used>;
