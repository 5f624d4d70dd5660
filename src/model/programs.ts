import { type Node, type RecordWords, type Shape, float, size } from "../graph/node.ts";
import { reverseSweep } from "../graph/reverse.ts";
import { Tape } from "../graph/tape.ts";
import type { Loss } from "../losses.ts";
import type { Optimizer } from "../optimizers.ts";
import { ownGradients } from "../plan/pins.ts";
import { type Bases, Plan } from "../plan/plan.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { TargetKind } from "./checks.ts";
import type { Blueprint } from "./parameters.ts";
import { trace } from "./trace.ts";

/** What a program does, for how many examples, and what comes in. */
export interface ProgramKind {
  readonly does: "train" | "evaluate" | "predict";
  readonly rows: number;
  /** Whether x comes as bytes, which are scaled on the way in. */
  readonly bytes: boolean;
  readonly targets: TargetKind;
}

/** What all programs of a model share. */
export interface ModelParts {
  readonly runtime: Runtime;
  readonly blueprint: Blueprint;
  readonly inputShape: Shape;
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly accuracy: boolean;
  readonly byteScale: number;
  /** Addresses of the parallel blocks, and the optimizer's numbers. */
  readonly parameters: number;
  readonly gradients: number;
  readonly moments: readonly number[];
  readonly rates: number;
  /** Where the loss and the count of right answers go: two floats. */
  readonly results: number;
}

/** Bytes from the start of a model's results. */
const CORRECT_OFFSET = 4;

/** The graph of one program. */
interface Recorded {
  readonly tape: Tape;
  readonly x: Node;
  readonly prediction: Node;
  readonly target?: Node;
  readonly outputs: Node[];
  readonly pinned: Map<Node, number>;
}

/** Records forward pass, loss and reverse sweep, as far as the kind of program wants them. */
function record(parts: ModelParts, { does, rows, targets }: ProgramKind): Recorded {
  const { blueprint, loss, runtime } = parts;
  const tape = new Tape(runtime.gemmScratch);
  const x = tape.source("x", [rows, ...parts.inputShape], { kind: "input" });
  const traced = trace(tape, blueprint.network, x, does === "train");
  const { parameters, output: prediction } = traced;
  const pinned = new Map<Node, number>(
    parameters.map((node, i) => [node, parts.parameters + blueprint.offsets[i]!]),
  );
  if (does === "predict") return { tape, x, prediction, outputs: [prediction], pinned };
  const byClass = targets === "classes";
  const shape = byClass ? [rows] : prediction.shape;
  const target = tape.source("y", shape, { kind: "input" }, byClass ? "int" : "float");
  const mean = tape.within(loss.name, () => loss.record(tape, prediction, target));
  pinned.set(mean, parts.results);
  const outputs = [mean, prediction, target];
  if (does === "train") {
    const gradients = ownGradients(tape, reverseSweep(tape, mean, parameters));
    for (const [parameter, gradient] of gradients) {
      pinned.set(gradient, parts.gradients + blueprint.offsets[parameters.indexOf(parameter)]!);
      outputs.push(gradient);
    }
  }
  return { tape, x, prediction, target, outputs, pinned };
}

/** The record that counts right answers, as Keras's "accuracy" chooses it by loss and shape. */
function countRecord(
  parts: ModelParts,
  recorded: Recorded,
  at: (node: Node) => number,
): RecordWords {
  const { prediction, target } = recorded;
  const [rows, cols] = [prediction.shape[0]!, size(prediction.shape.slice(1))];
  const args = [at(prediction), at(target!), parts.results + CORRECT_OFFSET];
  if (target!.type === "int") return ["countLabelsRecord", ...args, rows, cols];
  const threshold = parts.loss.threshold ?? (cols === 1 ? 0.5 : undefined);
  if (threshold === undefined) return ["countArgmaxRecord", ...args, rows, cols];
  return ["countBinaryRecord", ...args, rows * cols, float(threshold)];
}

/** The right answers that a batch of `rows` can have: rows, or elements where each is a yes or no. */
export function answersPerRow({ loss, blueprint }: ModelParts): number {
  return loss.threshold === undefined ? 1 : size(blueprint.outputShape);
}

/** Positions in a program of the records that bring the batch in; x comes first. */
export const GATHER_X = 0;
export const GATHER_Y = 1;

/** Their arguments that change from step to step. */
export const SOURCE = 0;
export const INDICES = 1;

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
    const { outputs, pinned, x } = this.#recorded;
    this.plan = new Plan({ outputs: [...outputs, x], pinned });
  }

  /** Where the batch, its targets and the predictions lie. */
  places(bases: Bases): { x: number; target: number; prediction: number } {
    const { x, target, prediction } = this.#recorded;
    return {
      x: this.plan.address(x, bases),
      target: target ? this.plan.address(target, bases) : 0,
      prediction: this.plan.address(prediction, bases),
    };
  }

  /** All records: the batch, the graph, the count of right answers, the optimizer. */
  records(bases: Bases): RecordWords[] {
    const parts = this.#parts;
    const at = (node: Node): number => this.plan.address(node, bases);
    const records = [
      ...this.#gathers(at),
      ...this.plan.records(bases, (name) => parts.runtime.index(name)),
    ];
    const { does } = this.kind;
    if (parts.accuracy && does !== "predict") records.push(countRecord(parts, this.#recorded, at));
    if (does === "train") records.push(...optimizerRecords(parts));
    return records;
  }

  #gathers(at: (node: Node) => number): RecordWords[] {
    const { x, target } = this.#recorded;
    const { rows, bytes } = this.kind;
    const width = size(this.#parts.inputShape);
    const fromX = [at(x), 0, at(x), rows, width];
    const gatherX: RecordWords = bytes
      ? ["gatherBytesRecord", ...fromX, float(this.#parts.byteScale)]
      : ["gatherRecord", ...fromX];
    if (!target) return [gatherX];
    return [gatherX, ["gatherRecord", at(target), 0, at(target), rows, size(target.shape) / rows]];
  }
}

function optimizerRecords(parts: ModelParts): readonly RecordWords[] {
  const { optimizer, parameters, gradients, moments, rates, blueprint } = parts;
  const count = blueprint.blockBytes / 4;
  return optimizer.records({ parameters, gradients, moments, rates, count });
}
