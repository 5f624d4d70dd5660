import { type Job, type Node, float, size } from "../graph/node.ts";
import { add, mul } from "../graph/ops/binary.ts";
import { reverseSweep } from "../graph/reverse.ts";
import { Tape } from "../graph/tape.ts";
import type { Loss } from "../losses.ts";
import type { Optimizer } from "../optimizers/index.ts";
import { computable, ownGradients, ownUpdates } from "../plan/pins.ts";
import { checkComputed } from "../plan/finite.ts";
import { type Bases, Plan } from "../plan/plan.ts";
import { type Instruction, instruction } from "../wasm/instruction.ts";
import type { Runtime } from "../wasm/runtime.ts";
import type { TargetKind } from "./options.ts";
import { checkOutput, matchRecording } from "./match.ts";
import type { Blueprint } from "./parameters.ts";
import { type Trace, trace } from "./trace.ts";

/** What a program does, for how many examples, and what comes in. */
export interface ProgramKind {
  /** accumulate leaves gradients for a later step instead of training on them. */
  readonly does: "train" | "accumulate" | "evaluate" | "predict";
  readonly rows: number;
  /** Which inputs come as bytes, which are scaled on the way in: bit i for input i. */
  readonly bytes: number;
  readonly targets: TargetKind;
}

/** What all programs of a model share. */
export interface ModelParts {
  readonly runtime: Runtime;
  readonly blueprint: Blueprint;
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly accuracy: boolean;
  readonly byteScale: number;
  /** Whether values are looked at before a step is taken on them. */
  readonly checkFinite: boolean;
  /** Addresses of the parallel blocks, and of the optimizer's hyperparameters. */
  readonly parameters: number;
  readonly gradients: number;
  readonly moments: readonly number[];
  readonly hyperparameters: number;
  /** Address of the buffers' block. */
  readonly buffers: number;
  /** Address of the random numbers' state: four words. */
  readonly random: number;
  /** Three floats: where the loss and the count of right answers go, and the share of penalties. */
  readonly results: number;
}

/** Bytes from the start of a model's results. */
const CORRECT_OFFSET = 4;
const SHARE_OFFSET = 8;

/**
 * Says what part of a whole the next run of a program is: a loss that sums counts so much of the
 * penalties, for parts of it would count them once each.
 */
export function setShare({ runtime, results }: ModelParts, share: number): void {
  runtime.heap.floats[(results + SHARE_OFFSET) / 4] = share;
}

/** The loss of the data and the penalties, of a loss that sums by their share. */
function addPenalties(
  parts: ModelParts,
  tape: Tape,
  { penalties }: Trace,
  data: Node,
  pinned: Map<Node, number>,
): Node {
  if (parts.loss.reduction === "mean" || penalties.length === 0) {
    return penalties.reduce((sum, penalty) => add(tape, sum, penalty), data);
  }
  const share = tape.source("share", [], { kind: "input" });
  pinned.set(share, parts.results + SHARE_OFFSET);
  return penalties.reduce((sum, penalty) => add(tape, sum, mul(tape, share, penalty)), data);
}

/** The graph of one program. */
interface Recorded {
  readonly tape: Tape;
  readonly inputs: readonly Node[];
  readonly prediction: Node;
  readonly ids: ReadonlySet<Node>;
  readonly target?: Node;
  readonly outputs: Node[];
  readonly pinned: Map<Node, number>;
}

/** What a kind of program is called in errors. */
const CALLED = {
  train: "training",
  accumulate: "training",
  evaluate: "evaluation",
  predict: "prediction",
} as const;

function isTraining(does: ProgramKind["does"]): boolean {
  return CALLED[does] === "training";
}

/**
 * Pins what outlives a step: parameters, buffers and the state of the random numbers.
 * @throws RangeError where the recording does not fit what the model was planned for
 */
function pinState(
  parts: ModelParts,
  { does, rows }: ProgramKind,
  tape: Tape,
  traced: Trace,
): Map<Node, number> {
  const { blueprint } = parts;
  const where = `${CALLED[does]} on a batch of ${rows}`;
  checkOutput(where, traced.output, [rows, ...blueprint.outputShape]);
  const offsets = matchRecording(where, blueprint, traced, isTraining(does));
  const pinned = new Map<Node, number>();
  for (const what of ["parameters", "buffers"] as const) {
    const { nodes } = traced[what];
    nodes.forEach((node, i) => pinned.set(node, parts[what] + offsets[what][i]!));
  }
  if (tape.randomState) pinned.set(tape.randomState, parts.random);
  return pinned;
}

/** The nodes that a training step leaves behind: gradients, and what buffers hold after it. */
function pinResults(
  parts: ModelParts,
  tape: Tape,
  traced: Trace,
  loss: Node,
  pinned: Map<Node, number>,
): Node[] {
  const { nodes } = traced.parameters;
  const gradients = reverseSweep(tape, loss, nodes);
  // Another program may have left a gradient where this one has none.
  for (const node of nodes) {
    if (!gradients.has(node)) gradients.set(node, tape.constant(0, node.shape));
  }
  const left: Node[] = [];
  for (const [parameter, gradient] of ownGradients(tape, gradients)) {
    pinned.set(gradient, pinned.get(parameter)! - parts.parameters + parts.gradients);
    left.push(gradient);
  }
  for (const [buffer, value] of ownUpdates(tape, traced.updates)) {
    pinned.set(value, pinned.get(buffer)!);
    left.push(value);
  }
  return left;
}

/** Records forward pass, loss and reverse sweep, as far as the kind of program wants them. */
function record(parts: ModelParts, kind: ProgramKind): Recorded {
  const { blueprint, loss, runtime } = parts;
  const { does, rows, targets } = kind;
  const tape = new Tape(runtime.gemmScratch);
  const inputs = blueprint.inputs.map(({ name, shape }) =>
    tape.source(name, [rows, ...shape], { kind: "input" }),
  );
  const named = Object.fromEntries(inputs.map((node) => [node.name, node]));
  const traced = trace(tape, blueprint.network, named, isTraining(does), blueprint.names);
  const pinned = pinState(parts, kind, tape, traced);
  const { output: prediction } = traced;
  const ids = new Set(inputs.filter(({ name }) => blueprint.ids.has(name)));
  if (does === "predict") {
    return { tape, inputs, prediction, ids, outputs: [prediction], pinned };
  }
  const byClass = targets === "classes";
  const shape = byClass ? [rows] : prediction.shape;
  const target = tape.source("y", shape, { kind: "input" }, byClass ? "int" : "float");
  const data = tape.within(loss.name, () => loss.record(traced.graph, prediction, target));
  tape.checkOwn(loss.name, [data]);
  const total = computable(tape, addPenalties(parts, tape, traced, data, pinned));
  pinned.set(total, parts.results);
  const outputs = [total, prediction, target];
  if (isTraining(does)) outputs.push(...pinResults(parts, tape, traced, total, pinned));
  return { tape, inputs, prediction, ids, target, outputs, pinned };
}

/** What counts right answers, as Keras's "accuracy" chooses it by loss and shape. */
function countInstruction(
  parts: ModelParts,
  recorded: Recorded,
  at: (node: Node) => number,
): Instruction {
  const { prediction, target } = recorded;
  const [rows, cols] = [prediction.shape[0]!, size(prediction.shape.slice(1))];
  const [x, t, out] = [at(prediction), at(target!), parts.results + CORRECT_OFFSET];
  if (target!.type === "int") {
    return instruction("countLabels", { x, labels: t, out, rows, cols });
  }
  const threshold = parts.loss.threshold ?? (cols === 1 ? 0.5 : undefined);
  if (threshold === undefined) return instruction("countArgmax", { x, t, out, rows, cols });
  return instruction("countBinary", { x, t, out, n: rows * cols, threshold: float(threshold) });
}

/** The right answers that a batch of `rows` can have: rows, or elements where each is a yes or no. */
export function answersPerRow({ loss, blueprint }: ModelParts): number {
  return loss.threshold === undefined ? 1 : size(blueprint.outputShape);
}

/**
 * The words that change from step to step, of the instructions that bring the batch in. Those
 * are the first of a program: one for each input, in order, then one for the targets.
 */
export const SOURCE = 0;
export const INDICES = 1;

/** Where the batch, its targets and the predictions lie. */
export interface Places {
  readonly inputs: readonly number[];
  readonly target: number;
  readonly prediction: number;
}

/** A program that knows what it needs but has no place in memory yet. */
export class ProgramPlan {
  readonly kind: ProgramKind;
  readonly plan: Plan;
  readonly #parts: ModelParts;
  readonly #recorded: Recorded;

  constructor(parts: ModelParts, kind: ProgramKind) {
    this.kind = kind;
    this.#parts = parts;
    this.#recorded = record(parts, kind);
    const { outputs, pinned, inputs } = this.#recorded;
    const keepsAll = parts.checkFinite && isTraining(kind.does);
    const { threadCount: threads } = parts.runtime;
    this.plan = new Plan({ outputs: [...outputs, ...inputs], pinned, keepsAll, threads });
  }

  places(bases: Bases): Places {
    const { inputs, target, prediction } = this.#recorded;
    return {
      inputs: inputs.map((input) => this.plan.address(input, bases)),
      target: target ? this.plan.address(target, bases) : 0,
      prediction: this.plan.address(prediction, bases),
    };
  }

  /** @throws RangeError at the first op whose value in the last run is not finite */
  check(bases: Bases): void {
    checkComputed("training", this.#parts.runtime, this.plan, bases);
  }

  /**
   * All instructions: the batch, the graph, the count of right answers, the optimizer. Where values are
   * checked first, the optimizer's step is a program of its own.
   */
  jobs(bases: Bases): Job[] {
    const parts = this.#parts;
    const at = (node: Node): number => this.plan.address(node, bases);
    const jobs = [...this.#gathers(at), ...this.plan.jobs(bases)];
    const { does } = this.kind;
    if (parts.accuracy && does !== "predict") {
      jobs.push({ instruction: countInstruction(parts, this.#recorded, at), work: 0 });
    }
    if (isTraining(does) && this.#recorded.tape.randomState) {
      const state = parts.random;
      jobs.push({ instruction: instruction("advanceRandomState", { state }), work: 0 });
    }
    if (does === "train" && !parts.checkFinite) jobs.push(...optimizerJobs(parts));
    return jobs;
  }

  #gathers(at: (node: Node) => number): Job[] {
    const { inputs, target } = this.#recorded;
    const { rows, bytes } = this.kind;
    const gather = (node: Node, scale?: number): Job => {
      const [src, dst, width] = [at(node), at(node), size(node.shape) / rows];
      const gather =
        scale === undefined
          ? instruction("gather", { src, indices: 0, dst, rows, width })
          : instruction("gatherBytes", { src, indices: 0, dst, rows, width, scale: float(scale) });
      return { instruction: gather, work: 2 * size(node.shape) };
    };
    const gathers = inputs.map((node, i) => {
      const scale = this.#recorded.ids.has(node) ? 1 : this.#parts.byteScale;
      return gather(node, (bytes >> i) & 1 ? scale : undefined);
    });
    return target ? [...gathers, gather(target)] : gathers;
  }
}

/** The optimizer's step over the whole block of parameters. */
export function optimizerJobs(parts: ModelParts): Job[] {
  const { optimizer, parameters, gradients, moments, hyperparameters, blueprint } = parts;
  const count = blueprint.parameters.bytes / 4;
  const blocks = { parameters, gradients, moments, hyperparameters, count };
  // Each of them passes over the whole block; those that count steps are short, but one thread's.
  const work = count * (2 + moments.length);
  return optimizer.instructions(blocks).map((instruction) => ({ instruction, work }));
}
