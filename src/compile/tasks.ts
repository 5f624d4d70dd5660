import { IGNORE_INDEX, labelsShape, rowsOf } from "../base/labels.ts";
import { type Node, float, instruction, size, storageOf } from "../graph/node.ts";
import { computable, gradientsOf, ownUpdates } from "../graph/copies.ts";
import { add, mul } from "../graph/ops/binary.ts";
import type { Tape } from "../graph/tape.ts";
import { type BatchInput, POSITIONS, SAMPLE_WEIGHTS, TARGETS } from "../plan/inputs.ts";
import type { Job } from "../plan/plan.ts";
import type { ProgramRequest } from "../plan/program.ts";
import type { Runtime } from "../wasm/runtime.ts";
import type { Loss } from "../losses.ts";
import { layerOf, matchArrays } from "./match.ts";
import type { Blueprint } from "./parameters.ts";
import { type Recording, type States, type Task } from "./recording.ts";
import { isTraining, modeOf, recordNetwork, whereOf } from "./recording.ts";
import type { Results } from "./results.ts";
import type { Settings } from "./settings.ts";
import type { Trace } from "./traced.ts";
import { weightedLoss } from "./weighted-loss.ts";
import { type Training, optimizerJobs } from "./training.ts";

/** Modes of a model, each of which goes on from states of its own. */
export const STATE_USES = ["training", "evaluation", "prediction"] as const;

/** One of these modes. */
export type StateUse = (typeof STATE_USES)[number];

/** Addresses of the blocks that all programs of a model share. */
export interface ModelMemory {
  readonly parameters: number;
  readonly buffers: number;
  /** Blocks for the states of layers, by what goes on from them; 0 if there are none. */
  readonly states: Readonly<Record<StateUse, number>>;
  /** Random state, four words. */
  readonly random: number;
}

/** Parts that all programs of a model share. */
export interface ModelParts {
  readonly runtime: Runtime;
  readonly blueprint: Blueprint;
  readonly settings: Settings;
  readonly memory: ModelMemory;
  readonly results: Results;
  /** Undefined in a model that has no optimizer. */
  training: Training | undefined;
}

/** Returns the loss. @throws Error if the model was compiled without one */
export function lossOf({ settings }: Pick<ModelParts, "settings">, who: string): Loss {
  if (settings.loss) return settings.loss;
  throw new Error(`${who}: expected a model with a loss, it was compiled without one`);
}

/** Returns what the model trains with. @throws Error if it was compiled without an optimizer */
export function trainingOf({ training }: Pick<ModelParts, "training">, who: string): Training {
  if (training) return training;
  throw new Error(`${who}: expected a model with an optimizer, it was compiled without one`);
}

/**
 * Adds the penalties to the loss of the data; a loss that sums multiplies them by Results.share.
 */
function addPenalties(
  { results }: ModelParts,
  reduction: Loss["reduction"],
  tape: Tape,
  { penalties }: Trace,
  data: Node,
  pinned: Map<Node, number>,
): Node {
  if (reduction === "mean" || penalties.length === 0) {
    return penalties.reduce((sum, penalty) => add(tape, sum, penalty), data);
  }
  const share = tape.source("share", [], { kind: "input" });
  pinned.set(share, results.shareAddress);
  return penalties.reduce((sum, penalty) => add(tape, sum, mul(tape, share, penalty)), data);
}

/**
 * Returns the states that a task goes on with.
 * @throws RangeError if its batch is not one that they have rows for
 */
function statesOf({ blueprint, memory, settings }: ModelParts, task: Task, traced: Trace): States {
  if (task.decoding) return task.decoding.states;
  const [spec] = traced.states.specs;
  if (spec && task.rows !== settings.batchSize) {
    const expected = `batches of ${settings.batchSize} examples, the batchSize of compile, to keep states of`;
    throw new RangeError(`${layerOf(spec.name)}: expected ${expected}, got ${task.rows}`);
  }
  return { block: blueprint.states, at: memory.states[modeOf(task.does) as StateUse] };
}

/**
 * Pins what outlives a step: parameters, buffers, states and random state.
 * @throws RangeError if states differ from those that there is memory for
 */
function pinState(
  parts: ModelParts,
  task: Task,
  { tape, traced, offsets }: Recording,
): Map<Node, number> {
  const { memory } = parts;
  const states = statesOf(parts, task, traced);
  const pinned = new Map<Node, number>();
  for (const kind of ["parameters", "buffers"] as const) {
    const { nodes } = traced[kind];
    nodes.forEach((node, i) => pinned.set(node, memory[kind] + offsets[kind][i]!));
  }
  const places = matchArrays(whereOf(task), states.block, traced.states.specs, false);
  traced.states.nodes.forEach((node, i) => pinned.set(node, states.at + places[i]!));
  if (tape.randomState) pinned.set(tape.randomState, memory.random);
  return pinned;
}

/** Returns the network's output: a copy of one that is an array which an update is written to. */
function ownOutput(tape: Tape, { output, states, buffers }: Trace): Node {
  const isKept = [...states.nodes, ...buffers.nodes].includes(storageOf(output));
  return isKept ? computable(tape, output) : output;
}

/** Appends, pins and returns the new values of states, and in training those of buffers. */
function pinKept(
  { does }: Task,
  tape: Tape,
  { updates, states }: Trace,
  pinned: Map<Node, number>,
): Node[] {
  const isKept = ([node]: [Node, Node]): boolean => isTraining(does) || states.nodes.includes(node);
  const kept = ownUpdates(tape, new Map([...updates].filter(isKept)));
  for (const [node, value] of kept) pinned.set(value, pinned.get(node)!);
  return [...kept.values()];
}

/** Appends, pins and returns the gradients of all parameters that are trained. */
function pinGradients(
  parts: ModelParts,
  tape: Tape,
  { parameters: { specs, nodes } }: Trace,
  loss: Node,
  pinned: Map<Node, number>,
): Node[] {
  const { block, gradients: at } = trainingOf(parts, "training");
  const trained = block.specs.map(({ name }) => nodes[specs.findIndex((s) => s.name === name)]!);
  const gradients = gradientsOf(tape, loss, trained);
  return trained.map((parameter, i) => {
    // A parameter that the loss does not depend on gets zeros: another program may have left a
    // gradient there.
    const gradient =
      gradients.get(parameter) ?? computable(tape, tape.constant(0, parameter.shape));
    pinned.set(gradient, at + block.offsets[i]!);
    return gradient;
  });
}

/**
 * Returns the instruction that counts right answers, one for each row of [batch, ..., classes]; loss
 * and shape decide, as in Keras.
 */
function countCorrect(loss: Loss, x: Node, t: Node, out: Node): Job["instruction"] {
  const [rows, cols] = rowsOf(x.shape);
  if (t.type === "int") {
    const { ignoreIndex: ignore = IGNORE_INDEX } = loss;
    return instruction("countLabels", { x, labels: t, out, rows, cols, ignore });
  }
  const threshold = loss.threshold ?? (cols === 1 ? 0.5 : undefined);
  if (threshold === undefined) return instruction("countArgmax", { x, t, out, rows, cols });
  return instruction("countBinary", { x, t, out, n: rows * cols, threshold: float(threshold) });
}

/**
 * Returns the most right answers of an example: one for each row of classes, or one for each element
 * if each is a yes or no.
 */
export function answersPerExample({ settings, blueprint }: ModelParts): number {
  const shape = [1, ...blueprint.outputShape];
  return settings.loss?.threshold === undefined ? rowsOf(shape)[0] : size(shape);
}

/** Returns the instructions of the optimizer's step. */
function updateJobs({ settings, memory, training }: ModelParts): Job[] {
  return optimizerJobs(settings.optimizer!, memory.parameters, training!);
}

/** Returns the request of a program that takes the optimizer's step and does nothing else. */
export function updateRequest(parts: ModelParts): ProgramRequest {
  return { outputs: [], pinned: new Map(), after: updateJobs(parts) };
}

/** Request of the program for a task, and the node of the prediction. */
export interface Recorded {
  readonly request: ProgramRequest;
  readonly prediction: Node;
}

/**
 * Records a task: inputs, forward pass, loss and reverse sweep, as far as the task needs them. The
 * count of right answers and the optimizer's step follow. With checkFinite, the optimizer's step is
 * a program of its own, because values are checked before it.
 * @throws RangeError if the recording differs from the one that the model was planned for
 */
export function recordTask(parts: ModelParts, task: Task): Recorded {
  const { blueprint, settings, results } = parts;
  const { byteScale, checkFinite, accuracy } = settings;
  const { does } = task;
  const recording = recordNetwork(parts, task);
  const { tape, nodes, positions, traced } = recording;
  const pinned = pinState(parts, task, recording);
  const prediction = ownOutput(tape, traced);
  const inputs = nodes.map((node, i): BatchInput => {
    const scale = blueprint.ids.has(node.name) ? 1 : byteScale;
    return { name: node.name, node, byteScale: (task.byteInputs >> i) & 1 ? scale : undefined };
  });
  if (does === "predict" || does === "decode") {
    if (positions) inputs.push({ name: POSITIONS, node: positions });
    const outputs = [prediction, ...pinKept(task, tape, traced, pinned)];
    return { request: { outputs, pinned, inputs }, prediction };
  }
  const loss = lossOf(parts, modeOf(does));
  const byClass = task.targets === "classes";
  const shape = byClass ? labelsShape(prediction.shape) : prediction.shape;
  const target = tape.source("y", shape, { kind: "input" }, byClass ? "int" : "float");
  const weights = task.weighted
    ? tape.source("sampleWeights", [task.rows], { kind: "input" })
    : undefined;
  const data = tape.within(loss.name, () => {
    if (!weights) return loss.record(traced.graph, prediction, target);
    const labels = tape.source("factor", [], { kind: "input" });
    pinned.set(labels, results.factorAddress);
    return weightedLoss(tape, traced.graph, loss, [prediction, target], weights, labels);
  });
  tape.checkOwn(loss.name, [data]);
  const total = computable(tape, addPenalties(parts, loss.reduction, tape, traced, data, pinned));
  pinned.set(total, results.lossAddress);
  const outputs = [total, prediction];
  const after: Job[] = [];
  if (accuracy) {
    const correct = tape.source("correct", [], { kind: "input" });
    pinned.set(correct, results.correctAddress);
    after.push({ instruction: countCorrect(loss, prediction, target, correct), work: 0 });
  }
  if (isTraining(does)) {
    outputs.push(...pinGradients(parts, tape, traced, total, pinned));
    if (does === "train" && !checkFinite) after.push(...updateJobs(parts));
  }
  outputs.push(...pinKept(task, tape, traced, pinned));
  inputs.push({ name: TARGETS, node: target });
  if (weights) inputs.push({ name: SAMPLE_WEIGHTS, node: weights });
  const keepsAll = checkFinite && isTraining(does);
  const randomState = isTraining(does) ? tape.randomState : undefined;
  return { request: { outputs, pinned, keepsAll, inputs, randomState, after }, prediction };
}
