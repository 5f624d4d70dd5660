import type * as library from "../../../src/index.ts";
import type { loadDigits } from "../../../src/data/digits.ts";

/** What program/service.mjs tells. */
export interface Used {
  readonly threads: number;
  readonly notes: readonly string[];
  /** Of two models, the second of which goes on from the first one's file. */
  readonly weights: readonly (readonly number[][])[];
  readonly accuracy: number;
  readonly relaxed: string;
  readonly refused: string;
}

export function use(given: typeof library, load: typeof loadDigits): Promise<Used>;
