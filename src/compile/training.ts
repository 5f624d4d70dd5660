import type { Optimizer } from "../optimizers/index.ts";
import type { Schedule } from "../schedules/index.ts";
import { align } from "../memory/heap.ts";
import type { Allocations } from "../memory/allocations.ts";
import { size } from "../graph/node.ts";
import type { Runtime } from "../wasm/runtime.ts";
import type { Job } from "../plan/plan.ts";
import type { Purpose } from "./options.ts";
import type { ParameterOptions } from "./parameter-groups.ts";
import { type Block, blockOf } from "./parameters.ts";

/** Parameters side by side, in bytes from the start of their block and from that of the gradients. */
interface Run {
  readonly parameters: number;
  readonly gradients: number;
  bytes: number;
}

/** Parameters that share the optimizer's hyperparameters. */
export interface OptimizerGroup {
  /** The optimizer with the group's weight decay. */
  readonly optimizer: Optimizer;
  /** Rate of its own; undefined for that of the model. */
  readonly learningRate: number | Schedule | undefined;
  /** Address of its hyperparameters. */
  readonly hyperparameters: number;
  /** Names of its parameters. */
  readonly names: readonly string[];
  readonly runs: readonly Run[];
}

/** Memory with which a model trains its parameters. */
export interface Training {
  /** Parameters that are trained, and where they are in the blocks of gradients and moments. */
  readonly block: Block;
  readonly gradients: number;
  /** A block like that of the gradients for each moment of the optimizer. */
  readonly moments: readonly number[];
  /** Hyperparameters of all groups, one after the other. */
  readonly hyperparameters: number;
  /** Groups; the first one, which may be empty, has the model's learning rate and no options. */
  readonly groups: readonly OptimizerGroup[];
  /** Names of the parameters that are not trained. */
  readonly frozen: ReadonlySet<string>;
}

/** Parameters that will be a group, before it has an address. */
interface Draft extends ParameterOptions {
  /** Their group before, which has counted their steps. */
  readonly earlier: OptimizerGroup | undefined;
  readonly names: string[];
}

/** Sorts the parameters that are trained into groups. */
function draftGroups(
  block: Block,
  options: readonly ParameterOptions[],
  before: Training | undefined,
): Draft[] {
  const drafts: Draft[] = [{ earlier: before?.groups[0], names: [] }];
  block.specs.forEach(({ name }, i) => {
    const { frozen, learningRate, weightDecay } = options[i]!;
    if (frozen) return;
    const isNew = before?.frozen.has(name);
    const earlier = isNew ? undefined : before?.groups.find(({ names }) => names.includes(name));
    const draft = drafts.find(
      (one) =>
        one.learningRate === learningRate &&
        one.weightDecay === weightDecay &&
        one.earlier === earlier,
    );
    if (draft) draft.names.push(name);
    else drafts.push({ learningRate, weightDecay, earlier, names: [name] });
  });
  return drafts;
}

/** Returns the indices of a block's arrays in the order of their addresses. */
function byAddress({ offsets }: Block): number[] {
  return [...offsets.keys()].sort((a, b) => offsets[a]! - offsets[b]!);
}

/**
 * Lays the parameters out so that those of a group are side by side, which takes an instruction of the
 * optimizer each; frozen ones come last.
 */
export function layGroups(block: Block, options: readonly ParameterOptions[]): Block {
  const drafts = draftGroups(block, options, undefined);
  const groupOf = (i: number): number => {
    const at = drafts.findIndex(({ names }) => names.includes(block.specs[i]!.name));
    return at < 0 ? drafts.length : at;
  };
  const order = [...block.specs.keys()].sort((a, b) => groupOf(a) - groupOf(b) || a - b);
  const laid = blockOf(order.map((i) => block.specs[i]!));
  const offsets = block.specs.map((_, i) => laid.offsets[order.indexOf(i)]!);
  return { ...block, offsets };
}

/** Returns the runs of some parameters. */
function runsOf(names: readonly string[], parameters: Block, trained: Block): Run[] {
  const runs: Run[] = [];
  trained.specs.forEach(({ name, shape }, k) => {
    if (!names.includes(name)) return;
    const i = parameters.specs.findIndex((spec) => spec.name === name);
    const bytes = align(size(shape) * 4);
    const [from, to] = [parameters.offsets[i]!, trained.offsets[k]!];
    const last = runs.at(-1);
    const isNext = last && last.parameters + last.bytes === from;
    if (isNext && last.gradients + last.bytes === to) last.bytes += bytes;
    else runs.push({ parameters: from, gradients: to, bytes });
  });
  return runs;
}

/** Returns the numbers with which a group starts: those of the group before, with another decay. */
function firstNumbers({ heap }: Runtime, optimizer: Optimizer, { earlier }: Draft): number[] {
  const numbers = optimizer.hyperparameters.slice();
  if (!earlier) return numbers;
  const at = earlier.hyperparameters / 8;
  const own = Array.from(heap.doubles.subarray(at, at + numbers.length));
  // Learning rate and weight decay come first; what follows are constants and counters.
  return [own[0]!, numbers[1]!, ...own.slice(2)];
}

/**
 * Allocates gradients, moments and hyperparameters for the parameters that are trained. Those that were
 * trained before keep their moments and counts of steps; others start with zeros, as in PyTorch.
 * @param options of each parameter
 * @throws RangeError if the memory has no room; nothing is changed then
 */
export function allocateTraining(
  runtime: Runtime,
  allocations: Allocations<Purpose>,
  parameters: Block,
  optimizer: Optimizer,
  options: readonly ParameterOptions[],
  before?: Training,
): Training {
  const { heap } = runtime;
  const order = byAddress(parameters).filter((i) => !options[i]!.frozen);
  const block = blockOf(order.map((i) => parameters.specs[i]!));
  const drafts = draftGroups(parameters, options, before);
  const stride = optimizer.hyperparameters.length * 8;
  const sizes = [...Array<number>(1 + optimizer.moments).fill(block.bytes), stride * drafts.length];
  heap.reserve(
    sizes.reduce((sum, bytes) => sum + align(bytes), 0),
    "compile",
  );
  const [gradients, ...state] = sizes.map((bytes, i) => {
    const at = allocations.allocate(i > 0 ? "state" : "gradients", bytes, "compile");
    heap.bytes.fill(0, at, at + bytes);
    return at;
  }) as [number, ...number[]];
  const hyperparameters = state.pop()!;
  const groups = drafts.map((draft, i): OptimizerGroup => {
    const { weightDecay, learningRate, names } = draft;
    const own = weightDecay === undefined ? optimizer : optimizer.withWeightDecay(weightDecay);
    const at = hyperparameters + i * stride;
    heap.doubles.set(firstNumbers(runtime, own, draft), at / 8);
    const runs = runsOf(names, parameters, block);
    return { optimizer: own, learningRate, hyperparameters: at, names, runs };
  });
  const frozen = new Set(
    parameters.specs.map(({ name }) => name).filter((_, i) => options[i]!.frozen),
  );
  const training = { block, gradients, moments: state, hyperparameters, groups, frozen };
  if (before) copyMoments(runtime, before, training);
  return training;
}

/** Copies the moments of the parameters that both train. */
function copyMoments({ heap }: Runtime, from: Training, to: Training): void {
  to.block.specs.forEach(({ name, shape }, k) => {
    const i = from.block.specs.findIndex((spec) => spec.name === name);
    if (i < 0) return;
    to.moments.forEach((at, m) => {
      const source = from.moments[m]! + from.block.offsets[i]!;
      heap.bytes.copyWithin(at + to.block.offsets[k]!, source, source + size(shape) * 4);
    });
  });
}

/** Releases what allocateTraining has allocated. */
export function releaseTraining(
  allocations: Allocations<Purpose>,
  { gradients, moments, hyperparameters }: Training,
): void {
  for (const at of [gradients, ...moments, hyperparameters]) allocations.release(at);
}

/** Returns the instructions of the optimizer's step over all parameters that are trained. */
export function optimizerJobs(optimizer: Optimizer, parameters: number, training: Training): Job[] {
  const { block, gradients, moments, hyperparameters, groups } = training;
  // Most instructions pass over all of their block. Those that count steps are short, but one thread
  // runs them whatever their work is.
  const jobs = (count: number, ...instructions: Job["instruction"][]): Job[] =>
    instructions.map((instruction) => ({ instruction, work: count * (2 + moments.length) }));
  const count = block.bytes / 4;
  const clips = jobs(count, ...optimizer.clip({ gradients, hyperparameters, count }));
  const steps = groups.flatMap(({ optimizer, hyperparameters, runs }) => {
    const updates = runs.flatMap((run) => {
      const count = run.bytes / 4;
      const blocks = {
        parameters: parameters + run.parameters,
        gradients: gradients + run.gradients,
        moments: moments.map((at) => at + run.gradients),
      };
      return jobs(count, optimizer.update({ ...blocks, hyperparameters, count }));
    });
    const total = runs.reduce((sum, { bytes }) => sum + bytes / 4, 0);
    return [...jobs(total, ...optimizer.advance(hyperparameters)), ...updates];
  });
  return [...clips, ...steps];
}
