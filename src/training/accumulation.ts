import { Tape } from "../graph/tape.ts";
import { Program, programBytes } from "../plan/program.ts";
import type { Allocations } from "../memory/allocations.ts";
import type { Batches, Examples } from "./batches.ts";
import { traceTraining } from "../compile/parameters.ts";
import { type ModelParts, optimizerJobs } from "../compile/programs.ts";
import type { Purpose } from "../compile/options.ts";
import type { ResidentDataset } from "./resident-dataset.ts";
import type { Stepper } from "./stepper.ts";
import type { Workspace } from "../compile/workspace.ts";

/** The most pieces whose gradients are added up in one chain, as in assembly/sums.ts. */
const SHORT = 32;

/** The pieces of a chain where there are more, each of which then joins float64 totals. */
const CHAIN = 16;

/**
 * Looks for what makes a step in pieces another one than that of the whole batch: a layer that
 * takes statistics of a batch, or keeps account of batches in a buffer.
 * @throws RangeError naming the layer
 */
function checkMicroBatches({ runtime, blueprint }: ModelParts, rows: number): void {
  const tape = new Tape(runtime.gemmScratch);
  const [buffer] = traceTraining(tape, blueprint, rows).updates.keys();
  const moments = tape.nodes.find(({ computation }) => computation?.op === "batchMoments");
  const found = buffer?.name.replace(/\.[^.]*$/, "") ?? moments?.name;
  if (found === undefined) return;
  const instead = "take a smaller batchSize, or layerNorm or groupNorm for it";
  throw new RangeError(
    `fit: expected no microBatchSize with ${found}, which needs whole batches; ${instead}`,
  );
}

/** A fit under way, as far as a step in pieces needs it. */
export interface MicroBatchRun {
  readonly trainee: {
    readonly parts: ModelParts;
    readonly workspace: Workspace;
    readonly batches: Batches;
    readonly stepper: Stepper;
  };
  readonly data: ResidentDataset;
  readonly examples: Examples;
  /** Examples that go through the network at a time: a batch, or less. */
  readonly microBatchSize: number;
}

/** Adds up the gradients of the pieces of a batch, and takes the optimizer's step on the sum. */
export class Accumulation {
  readonly #parts: ModelParts;
  readonly #allocations: Allocations<Purpose>;
  /** Where the sum of a chain is, in float32; if there may be several, their float64 totals precede it. */
  readonly #sum: number;
  readonly #hasTotals: boolean;
  readonly #region: number;
  readonly #records: number;
  readonly #update: Program;
  /** Pieces of the chain so far. */
  #inChain = 0;

  /**
   * @param microBatchSize examples of a piece
   * @param pieces the most of a batch
   * @throws RangeError if the network cannot be trained in pieces of so many examples, or the
   * memory has no room for another block of gradients, or for three where there are more than 32 pieces
   */
  constructor(
    parts: ModelParts,
    allocations: Allocations<Purpose>,
    microBatchSize: number,
    pieces: number,
  ) {
    checkMicroBatches(parts, microBatchSize);
    this.#parts = parts;
    this.#allocations = allocations;
    const jobs = optimizerJobs(parts);
    this.#hasTotals = pieces > SHORT;
    const totalBytes = this.#hasTotals ? 2 * this.#bytes : 0;
    this.#region = allocations.allocate("gradients", totalBytes + this.#bytes, "microBatchSize");
    this.#sum = this.#region + totalBytes;
    this.#records = allocations.allocate("scratch", programBytes(jobs), "microBatchSize");
    this.#update = new Program(parts.runtime, jobs, this.#records);
  }

  /**
   * Takes one step on the examples from a position in the order, a piece at a time, and adds to
   * `sums`.
   * @returns the loss
   */
  step(run: MicroBatchRun, sums: { correct: number }, from: number, rows: number): number {
    const { trainee, data, examples, microBatchSize } = run;
    const { workspace, batches, parts, stepper } = trainee;
    let loss = 0;
    stepper.begin();
    this.#clear();
    for (let at = 0; at < rows; at += microBatchSize) {
      const piece = Math.min(microBatchSize, rows - at);
      const ready = workspace.program("accumulate", piece, examples.bytes, examples.targets);
      data.bindBatch(ready, from + at);
      stepper.run(ready, piece / rows);
      const weight = parts.loss.reduction === "sum" ? 1 : piece / rows;
      this.#add(weight);
      loss += weight * batches.loss;
      sums.correct += batches.correct;
    }
    this.#apply();
    stepper.end();
    return loss;
  }

  /** Starts a batch. */
  #clear(): void {
    this.#inChain = 0;
    this.#parts.runtime.heap.bytes.fill(0, this.#region, this.#sum + this.#bytes);
  }

  /** Adds the gradients that a piece has left, `weight` times. */
  #add(weight: number): void {
    const { runtime, gradients } = this.#parts;
    if (this.#hasTotals && this.#inChain === CHAIN) this.#join();
    runtime.kernels.saxpy(this.#bytes / 4, weight, gradients, this.#sum);
    this.#inChain++;
  }

  /** Adds the sum of a chain to the totals, and starts another. */
  #join(): void {
    const { heap, kernels } = this.#parts.runtime;
    kernels.accumulate(this.#bytes / 4, this.#sum, this.#region);
    heap.bytes.fill(0, this.#sum, this.#sum + this.#bytes);
    this.#inChain = 0;
  }

  /** Takes the step. */
  #apply(): void {
    const { runtime, gradients } = this.#parts;
    if (this.#hasTotals) {
      this.#join();
      runtime.kernels.roundSums(this.#bytes / 4, this.#region, gradients);
    } else {
      runtime.heap.bytes.copyWithin(gradients, this.#sum, this.#sum + this.#bytes);
    }
    this.#update.run();
  }

  /** Bytes of the gradients. */
  get #bytes(): number {
    return this.#parts.blueprint.parameters.bytes;
  }

  dispose(): void {
    this.#allocations.release(this.#region);
    this.#allocations.release(this.#records);
  }
}
