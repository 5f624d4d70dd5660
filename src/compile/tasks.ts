import { type Node, float, instruction, size } from "../graph/node.ts";
import { computable, gradientsOf, ownUpdates } from "../graph/copies.ts";
import { add, mul } from "../graph/ops/binary.ts";
import { Tape } from "../graph/tape.ts";
import { type BatchInput, TARGETS } from "../plan/inputs.ts";
import type { Job } from "../plan/plan.ts";
import type { ProgramRequest } from "../plan/program.ts";
import type { Runtime } from "../wasm/runtime.ts";
import type { TargetKind } from "./options.ts";
import { checkOutput, matchRecording } from "./match.ts";
import type { Blueprint } from "./parameters.ts";
import type { Results } from "./results.ts";
import type { Settings } from "./settings.ts";
import { type Trace, trace } from "./trace.ts";

/** Work that a model has a program for: on how many examples, and on which kinds of arrays. */
export interface Task {
  /** accumulate leaves gradients for a later step instead of training on them. */
  readonly does: "train" | "accumulate" | "evaluate" | "predict";
  readonly rows: number;
  /** Inputs that are bound to bytes, which are scaled as they are read: bit i for input i. */
  readonly byteInputs: number;
  readonly targets: TargetKind;
}

/** Addresses of the blocks that all programs of a model share. */
export interface ModelMemory {
  readonly parameters: number;
  /** As the parameters. */
  readonly gradients: number;
  /** As the parameters, for each moment of the optimizer. */
  readonly moments: readonly number[];
  readonly hyperparameters: number;
  readonly buffers: number;
  /** Four words: the state of the random numbers. */
  readonly random: number;
}

/** What all programs of a model share. */
export interface ModelParts {
  readonly runtime: Runtime;
  readonly blueprint: Blueprint;
  readonly settings: Settings;
  readonly memory: ModelMemory;
  readonly results: Results;
}

/** The loss of the data and the penalties, of a loss that sums by their share. */
function addPenalties(
  { settings, results }: ModelParts,
  tape: Tape,
  { penalties }: Trace,
  data: Node,
  pinned: Map<Node, number>,
): Node {
  if (settings.loss.reduction === "mean" || penalties.length === 0) {
    return penalties.reduce((sum, penalty) => add(tape, sum, penalty), data);
  }
  const share = tape.source("share", [], { kind: "input" });
  pinned.set(share, results.shareAddress);
  return penalties.reduce((sum, penalty) => add(tape, sum, mul(tape, share, penalty)), data);
}

/** Names of tasks in errors. */
const CALLED = {
  train: "training",
  accumulate: "training",
  evaluate: "evaluation",
  predict: "prediction",
} as const;

function isTraining(does: Task["does"]): boolean {
  return CALLED[does] === "training";
}

/**
 * Pins what outlives a step: parameters, buffers and the state of the random numbers.
 * @throws RangeError where the recording does not fit what the model was planned for
 */
function pinState(
  { blueprint, memory }: ModelParts,
  { does, rows }: Task,
  tape: Tape,
  traced: Trace,
): Map<Node, number> {
  const where = `${CALLED[does]} on a batch of ${rows}`;
  checkOutput(where, traced.output, [rows, ...blueprint.outputShape]);
  const offsets = matchRecording(where, blueprint, traced, isTraining(does));
  const pinned = new Map<Node, number>();
  for (const what of ["parameters", "buffers"] as const) {
    const { nodes } = traced[what];
    nodes.forEach((node, i) => pinned.set(node, memory[what] + offsets[what][i]!));
  }
  if (tape.randomState) pinned.set(tape.randomState, memory.random);
  return pinned;
}

/** Records and pins what a training step leaves: gradients, and what buffers hold after it. */
function pinUpdates(
  { memory }: ModelParts,
  tape: Tape,
  traced: Trace,
  loss: Node,
  pinned: Map<Node, number>,
): Node[] {
  const { nodes } = traced.parameters;
  const gradients = gradientsOf(tape, loss, nodes);
  const left: Node[] = [];
  const pin = (node: Node, at: number): void => {
    pinned.set(node, at);
    left.push(node);
  };
  for (const parameter of nodes) {
    // Another program may have left a gradient where this one has none.
    const gradient =
      gradients.get(parameter) ?? computable(tape, tape.constant(0, parameter.shape));
    pin(gradient, pinned.get(parameter)! - memory.parameters + memory.gradients);
  }
  for (const [buffer, value] of ownUpdates(tape, traced.updates)) pin(value, pinned.get(buffer)!);
  return left;
}

/** Returns what counts right answers, as Keras's "accuracy" chooses it by loss and shape. */
function countCorrect({ settings }: ModelParts, x: Node, t: Node, out: Node): Job["instruction"] {
  const [rows, cols] = [x.shape[0]!, size(x.shape.slice(1))];
  if (t.type === "int") return instruction("countLabels", { x, labels: t, out, rows, cols });
  const threshold = settings.loss.threshold ?? (cols === 1 ? 0.5 : undefined);
  if (threshold === undefined) return instruction("countArgmax", { x, t, out, rows, cols });
  return instruction("countBinary", { x, t, out, n: rows * cols, threshold: float(threshold) });
}

/** Returns the right answers that a row can have: 1, or one an element where each is a yes or no. */
export function answersPerRow({ settings, blueprint }: ModelParts): number {
  return settings.loss.threshold === undefined ? 1 : size(blueprint.outputShape);
}

/** Returns the optimizer's step over the whole block of parameters. */
function optimizerJobs({ settings, memory, blueprint }: ModelParts): Job[] {
  const count = blueprint.parameters.bytes / 4;
  // Each of them passes over the whole block; those that count steps are short, but one thread's.
  const work = count * (2 + memory.moments.length);
  const instructions = settings.optimizer.instructions({ ...memory, count });
  return instructions.map((instruction) => ({ instruction, work }));
}

/** Returns what a program of the optimizer's step alone does. */
export function updateRequest(parts: ModelParts): ProgramRequest {
  return { outputs: [], pinned: new Map(), after: optimizerJobs(parts) };
}

/** The program of a task before it is planned, and the node of the prediction. */
export interface Recorded {
  readonly request: ProgramRequest;
  readonly prediction: Node;
}

/**
 * Records a task: a batch in front; forward pass, loss and reverse sweep, as far as it wants them; behind
 * them the count of right answers and the optimizer. Where values are checked first, the optimizer's step
 * is a program of its own.
 * @throws RangeError if the network records itself otherwise than the model was planned for
 */
export function recordTask(parts: ModelParts, task: Task): Recorded {
  const { blueprint, settings, runtime, results } = parts;
  const { loss, byteScale, checkFinite, accuracy } = settings;
  const { does, rows } = task;
  const tape = new Tape(runtime.gemmScratch);
  const nodes = blueprint.inputs.map(({ name, shape }) =>
    tape.source(name, [rows, ...shape], { kind: "input" }),
  );
  const named = Object.fromEntries(nodes.map((node) => [node.name, node]));
  const traced = trace(tape, blueprint.network, named, isTraining(does), blueprint.names);
  const pinned = pinState(parts, task, tape, traced);
  const { output: prediction } = traced;
  const inputs = nodes.map((node, i): BatchInput => {
    const scale = blueprint.ids.has(node.name) ? 1 : byteScale;
    return { name: node.name, node, byteScale: (task.byteInputs >> i) & 1 ? scale : undefined };
  });
  if (does === "predict") return { request: { outputs: [prediction], pinned, inputs }, prediction };
  const byClass = task.targets === "classes";
  const shape = byClass ? [rows] : prediction.shape;
  const target = tape.source("y", shape, { kind: "input" }, byClass ? "int" : "float");
  const data = tape.within(loss.name, () => loss.record(traced.graph, prediction, target));
  tape.checkOwn(loss.name, [data]);
  const total = computable(tape, addPenalties(parts, tape, traced, data, pinned));
  pinned.set(total, results.lossAddress);
  const outputs = [total, prediction];
  const after: Job[] = [];
  if (accuracy) {
    const correct = tape.source("correct", [], { kind: "input" });
    pinned.set(correct, results.correctAddress);
    after.push({ instruction: countCorrect(parts, prediction, target, correct), work: 0 });
  }
  if (isTraining(does)) {
    outputs.push(...pinUpdates(parts, tape, traced, total, pinned));
    if (does === "train" && !checkFinite) after.push(...optimizerJobs(parts));
  }
  inputs.push({ name: TARGETS, node: target });
  const keepsAll = checkFinite && isTraining(does);
  const randomState = isTraining(does) ? tape.randomState : undefined;
  return { request: { outputs, pinned, keepsAll, inputs, randomState, after }, prediction };
}
