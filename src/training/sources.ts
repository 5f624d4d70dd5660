import { checkWhole } from "../base/arguments.ts";
import { type OnDemand, load } from "../base/on-demand.ts";
import { layerOf } from "../compile/match.ts";
import type { ModelParts } from "../compile/tasks.ts";
import type { BatchSource } from "./batch-source.ts";
import type { Batches, Examples } from "./batches.ts";
import type { Dataset, FitOptions, FitSource } from "./options.ts";
import { ResidentDataset } from "./resident-dataset.ts";
import { ResidentSource } from "./resident-source.ts";
import type { Trainee } from "./trainee.ts";

/** Code for streams of batches, loaded on demand. */
export const streams: OnDemand<typeof import("./stream.ts")> = {
  import: () => import("./stream.ts"),
};

/** Number of examples of a batch, and of those that go through the network at a time. */
export interface Sizes {
  readonly batchSize: number;
  readonly microBatchSize: number;
}

/** Returns true for data that is no data set, but gives batches. */
export function isStream(data: FitSource): data is Exclude<FitSource, Dataset> {
  if (typeof data === "function") return true;
  if (typeof data !== "object" || data === null || ArrayBuffer.isView(data)) return false;
  // A pair [x, y], as other libraries take it, is no list of batches.
  if (Array.isArray(data))
    return (
      data.length > 0 && data.every((one) => typeof one === "object" && one !== null && "x" in one)
    );
  return Symbol.iterator in data || Symbol.asyncIterator in data;
}

/** Checks sizes against the data. @throws RangeError naming the one that is wrong */
function checkSizes(options: FitOptions, count: number, planned: number): Sizes {
  const { batchSize = Math.min(planned, count) } = options;
  const { microBatchSize = batchSize } = options;
  checkWhole("fit", "microBatchSize", microBatchSize, 1, batchSize);
  if (batchSize > count) {
    const expected = `batchSize of at most ${count}, the examples`;
    throw new RangeError(`fit: expected ${expected}, got ${batchSize}`);
  }
  return { batchSize, microBatchSize };
}

/** @throws RangeError if layers that go on from batch to batch would be given other examples than they are to */
export function checkOrder(
  { blueprint }: ModelParts,
  { shuffle = true, microBatchSize }: FitOptions,
  isStream: boolean,
): void {
  const [spec] = blueprint.states.specs;
  if (!spec) return;
  const why = `${layerOf(spec.name)}, which goes on from batch to batch`;
  if (shuffle && !isStream)
    throw new RangeError(`fit: expected shuffle: false for ${why}, got true`);
  if (microBatchSize === undefined) return;
  throw new RangeError(`fit: expected no microBatchSize with ${why}, got ${microBatchSize}`);
}

/** Source of the batches of a fit, and what it is validated on. */
export interface Sourced extends Sizes {
  readonly source: BatchSource;
  /** All examples, of a data set. */
  readonly examples?: Examples;
  readonly validation: Examples | undefined;
}

/** Checks a data set, and brings it into memory. @throws as fit, with nothing held */
export function fromDataset(trainee: Trainee, data: Dataset, options: FitOptions): Sourced {
  const { batches, parts, allocations } = trainee;
  const { shuffle = true, validation, validationSplit, stepsPerEpoch } = options;
  const all = batches.examples("fit", data);
  if (stepsPerEpoch !== undefined) {
    throw new RangeError(`fit: expected no stepsPerEpoch with a data set, got ${stepsPerEpoch}`);
  }
  const { sampleWeights } = all;
  if (sampleWeights && !sampleWeights.some((weight) => weight > 0)) {
    const expected = "sampleWeights above 0 for some examples";
    throw new RangeError(`fit: expected ${expected}, got 0 for all ${all.count}`);
  }
  const [examples, rest] = splitOff(batches, all, validationSplit);
  const sizes = checkSizes(options, examples.count, trainee.batchSize);
  const held = validation ? batches.examples("fit: validation", validation) : rest;
  const resident = new ResidentDataset(parts, allocations, examples);
  const source = new ResidentSource(trainee, resident, examples, { ...sizes, shuffle });
  return { ...sizes, source, examples, validation: held };
}

/** Splits the last examples off for validation. @throws RangeError if that leaves none on a side */
function splitOff(
  batches: Batches,
  all: Examples,
  share: number | undefined,
): [Examples, Examples | undefined] {
  if (share === undefined) return [all, undefined];
  const { count } = all;
  const kept = count - Math.round(count * share);
  if (kept === 0 || kept === count) {
    const expected = "validationSplit to leave examples on both sides";
    throw new RangeError(`fit: expected ${expected}, got ${share} of ${count}`);
  }
  return [batches.part(all, 0, kept), batches.part(all, kept, count - kept)];
}

/** Checks the options of a fit from a stream. @throws as fit */
export async function fromStream(
  trainee: Trainee,
  data: Exclude<FitSource, Dataset>,
  options: FitOptions,
): Promise<Sourced> {
  const { batchSize, shuffle, validation, validationSplit, microBatchSize = Infinity } = options;
  const other = { batchSize, validationSplit, shuffle: shuffle ? true : undefined };
  for (const [name, value] of Object.entries(other)) {
    if (value === undefined) continue;
    throw new RangeError(`fit: expected no ${name} with a stream of batches, got ${value}`);
  }
  if (options.microBatchSize !== undefined) {
    checkWhole("fit", "microBatchSize", microBatchSize, 1);
  }
  const held = validation && trainee.batches.examples("fit: validation", validation);
  const { StreamSource } = await load(streams);
  trainee.workspace.checkAlive();
  const source = new StreamSource(trainee, data, options);
  return { batchSize: Infinity, microBatchSize, source, validation: held };
}
