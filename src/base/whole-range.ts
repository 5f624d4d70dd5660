/** Whole numbers from 0 to `most`, which an op reads from an input. */
export interface WholeRange {
  /** Meaning of the numbers, for errors. */
  readonly what: "ids" | "lengths";
  /** The largest of them. */
  readonly most: number;
}
