import type { Program } from "../plan/program.ts";
import type { Examples } from "./batches.ts";
import type { Ordered } from "./example-weights.ts";

/** Examples in linear memory, from which programs take their batches. */
export interface BoundData extends Ordered {
  /** Makes a program read the batch that starts at position `from`. */
  bindBatch(program: Program, from: number): void;
}

/** Examples that a step trains on. */
export interface SourcedBatch {
  /** The examples that the batch is a part of. */
  readonly examples: Examples;
  readonly data: BoundData;
  /** Position of its first one. */
  readonly from: number;
  readonly rows: number;
}

/** Source of the batches of a fit. */
export interface BatchSource {
  /** Number of batches in an epoch; undefined if that shows only at its end. */
  readonly batches: number | undefined;
  /** Starts an epoch at one of its batches; those before are left out. */
  begin(epoch: number, batch: number): void | Promise<void>;
  /** Returns the next batch of the epoch, undefined at its end. */
  next(): SourcedBatch | undefined | Promise<SourcedBatch | undefined>;
  /** Ends an epoch, which may have batches left. @param hasFailed true after an error */
  end(hasFailed?: boolean): void | Promise<void>;
  dispose(): void;
}
