import { Tape } from "../graph/tape.ts";
import { align } from "../memory/heap.ts";
import { Program } from "../plan/program.ts";
import type { Allocations } from "../memory/allocations.ts";
import type { SourcedBatch } from "./batch-source.ts";
import type { Batches } from "./batches.ts";
import { traceTraining } from "../compile/parameters.ts";
import { type ModelParts, trainingOf, updateRequest } from "../compile/tasks.ts";
import type { Purpose } from "../compile/options.ts";
import { lossWeight } from "./example-weights.ts";
import type { Stepper } from "./stepper.ts";
import type { Workspace } from "../compile/workspace.ts";

/** Most micro-batches whose gradients are added up in one chain, as in assembly/sums.ts. */
const SHORT = 32;

/** Micro-batches of each chain if there are more; each chain is then added to float64 totals. */
const CHAIN = 16;

/**
 * Checks that a step by micro-batches equals that of the whole batch. It does not if a layer
 * computes statistics of a batch, or updates a buffer with each batch.
 * @throws RangeError naming the layer
 */
function checkMicroBatches({ runtime, blueprint, training }: ModelParts, rows: number): void {
  const tape = new Tape(runtime.kernels);
  const [buffer] = traceTraining(tape, blueprint, rows, training?.frozen).updates.keys();
  const moments = tape.nodes.find(({ computation }) => computation?.op === "batchMoments");
  const found = buffer?.name.replace(/\.[^.]*$/, "") ?? moments?.name;
  if (found === undefined) return;
  const instead = "take a smaller batchSize, or layerNorm or groupNorm for it";
  throw new RangeError(
    `fit: expected no microBatchSize with ${found}, which needs whole batches; ${instead}`,
  );
}

/** State of a fit that a step by micro-batches needs. */
export interface MicroBatchRun {
  readonly trainee: {
    readonly parts: ModelParts;
    readonly workspace: Workspace;
    readonly batches: Batches;
    readonly stepper: Stepper;
  };
  /** Number of examples that go through the network at a time: a batch, or less. */
  readonly microBatchSize: number;
}

/** Adds up the gradients of the micro-batches of a batch, and applies the optimizer to the sum. */
export class Accumulation {
  readonly #parts: ModelParts;
  readonly #allocations: Allocations<Purpose>;
  /**
   * Address of a chain's float32 sum; if there may be several chains, their float64 totals precede
   * it.
   */
  readonly #sum: number;
  readonly #hasTotals: boolean;
  readonly #region: number;
  /** Address of the program of the update. */
  readonly #own: number;
  readonly #update: Program;
  /** Micro-batches of the chain so far. */
  #inChain = 0;

  /**
   * @param microBatchSize examples of a micro-batch
   * @param pieces most micro-batches of a batch
   * @throws RangeError if the network cannot be trained by micro-batches of this size, or the
   * memory has no room for another block of gradients, or for three if there are more than 32
   * micro-batches; nothing is held then
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
    this.#hasTotals = pieces > SHORT;
    const totalBytes = this.#hasTotals ? 2 * this.#bytes : 0;
    const regionBytes = totalBytes + this.#bytes;
    this.#update = new Program(parts.runtime, updateRequest(parts));
    const { ownBytes } = this.#update;
    parts.runtime.heap.reserve(align(regionBytes) + align(ownBytes), "microBatchSize");
    this.#region = allocations.allocate("gradients", regionBytes, "microBatchSize");
    this.#sum = this.#region + totalBytes;
    this.#own = allocations.allocate("scratch", ownBytes, "microBatchSize");
    this.#update.place({ own: this.#own });
  }

  /**
   * Runs one step on a batch, a micro-batch at a time, and adds to `sums`.
   * @returns the loss
   */
  step(run: MicroBatchRun, batch: SourcedBatch, sums: { correct: number }): number {
    const { trainee, microBatchSize } = run;
    const { examples, data, from, rows } = batch;
    const { batches, workspace, parts, stepper } = trainee;
    const { settings, results } = parts;
    const isSum = settings.loss?.reduction === "sum";
    const all = lossWeight(examples, from, rows, data);
    let loss = 0;
    stepper.begin();
    this.#clear();
    for (let at = 0; at < rows; at += microBatchSize) {
      const piece = Math.min(microBatchSize, rows - at);
      const { program } = workspace.program("accumulate", piece, examples);
      data.bindBatch(program, from + at);
      batches.setDivisor(examples, from + at, piece, data);
      stepper.run(program, piece / rows);
      // Where no label counts, what remains are penalties, of which each piece has its share.
      const share = all === 0 ? piece / rows : lossWeight(examples, from + at, piece, data) / all;
      const weight = isSum ? 1 : share;
      this.#add(weight);
      loss += weight * results.loss;
      sums.correct += results.correct;
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

  /** Adds the gradients of a micro-batch, `weight` times. */
  #add(weight: number): void {
    const { runtime } = this.#parts;
    if (this.#hasTotals && this.#inChain === CHAIN) this.#join();
    runtime.kernels.saxpy(this.#bytes / 4, weight, this.#training.gradients, this.#sum);
    this.#inChain++;
  }

  /** Adds the sum of a chain to the totals, and starts another. */
  #join(): void {
    const { heap, kernels } = this.#parts.runtime;
    kernels.accumulate(this.#bytes / 4, this.#sum, this.#region);
    heap.bytes.fill(0, this.#sum, this.#sum + this.#bytes);
    this.#inChain = 0;
  }

  /** Applies the optimizer to the sum. */
  #apply(): void {
    const { runtime } = this.#parts;
    const { gradients } = this.#training;
    if (this.#hasTotals) {
      this.#join();
      runtime.kernels.roundSums(this.#bytes / 4, this.#region, gradients);
    } else {
      runtime.heap.bytes.copyWithin(gradients, this.#sum, this.#sum + this.#bytes);
    }
    this.#update.run();
  }

  get #training() {
    return trainingOf(this.#parts, "fit");
  }

  /** Bytes of the block of gradients. */
  get #bytes(): number {
    return this.#training.block.bytes;
  }

  dispose(): void {
    this.#allocations.release(this.#region);
    this.#allocations.release(this.#own);
  }
}
