import { type IntNode, type Node } from "../graph/node.ts";
import { Tape } from "../graph/tape.ts";
import type { TargetKind } from "./options.ts";
import { checkOutput, matchRecording } from "./match.ts";
import type { Block, Blueprint } from "./parameters.ts";
import type { Runtime } from "../wasm/runtime.ts";
import { trace } from "./trace.ts";
import type { Trace } from "./traced.ts";

/** Kinds of the arrays of a batch, which programs differ by. */
export interface BatchForm {
  /** Mask of the inputs bound to bytes, which are scaled as they are read: bit i for input i. */
  readonly byteInputs: number;
  readonly targets: TargetKind;
  /** True if examples have weights in the loss. */
  readonly weighted?: boolean;
}

/**
 * Work that a model has a program for, with the number of examples and the kinds of their arrays.
 */
export interface Task extends BatchForm {
  /**
   * "accumulate" leaves the gradients for a later update, where "train" updates the parameters; "decode"
   * predicts for steps behind those before.
   */
  readonly does: "train" | "accumulate" | "evaluate" | "predict" | "decode";
  /** Number of examples. */
  readonly rows: number;
  /** Steps and states of a decoder, for "decode". */
  readonly decoding?: DecodingTask | undefined;
}

/** States of layers, and the address of their block. */
export interface States {
  readonly block: Block;
  readonly at: number;
}

/** Work of a decoder. */
export interface DecodingTask {
  /** Number of steps that are new. */
  readonly steps: number;
  /** Decoding.length. */
  readonly length: number;
  readonly states: States;
}

/** Mode of each task, as errors name it. */
const MODES = {
  train: "training",
  accumulate: "training",
  evaluate: "evaluation",
  predict: "prediction",
  decode: "decoding",
} as const;

/** Returns the mode of a task, by which errors name it and layers keep states. */
export function modeOf(does: Task["does"]): (typeof MODES)[keyof typeof MODES] {
  return MODES[does];
}

/** Returns a task as errors name it. */
export function whereOf({ does, rows }: Pick<Task, "does" | "rows">): string {
  return `${MODES[does]} on a batch of ${rows}`;
}

/** Returns true for tasks in which dropout drops and buffers change. */
export function isTraining(does: Task["does"]): boolean {
  return MODES[does] === "training";
}

/** A recording of the network, with the nodes that it started from. */
export interface Recording {
  readonly tape: Tape;
  /** Nodes of the network's inputs. */
  readonly nodes: readonly Node[];
  /** Numbers of the steps, for a decoder. */
  readonly positions: Node | undefined;
  readonly traced: Trace;
  /** Bytes from the start of the blocks to the parameters and buffers. */
  readonly offsets: ReturnType<typeof matchRecording>;
}

/** Parts of a model that a recording needs. */
interface RecordedParts {
  readonly blueprint: Blueprint;
  readonly runtime: Runtime;
  readonly training?: { readonly frozen: ReadonlySet<string> } | undefined;
}

/**
 * Records the network for a task. A decoder's inputs have the steps that are new.
 * @throws RangeError if the recording differs from the one that the model was planned for
 */
export function recordNetwork(
  { blueprint, runtime, training }: RecordedParts,
  task: Pick<Task, "does" | "rows" | "decoding">,
): Recording {
  const { does, rows, decoding } = task;
  const tape = new Tape(runtime.kernels);
  const nodes = blueprint.inputs.map(({ name, shape }) => {
    const lengths = decoding ? [decoding.steps, ...shape.slice(1)] : shape;
    return tape.source(name, [rows, ...lengths], { kind: "input" });
  });
  const positions =
    decoding && (tape.source("positions", [decoding.steps], { kind: "input" }, "int") as IntNode);
  const steps = positions && { positions, length: decoding.length };
  const named = Object.fromEntries(nodes.map((node) => [node.name, node]));
  const { frozen } = training ?? {};
  const mode = { training: isTraining(does), decoding: steps, frozen };
  const traced = trace(tape, blueprint.network, named, mode, blueprint.names);
  const where = whereOf(task);
  checkOutput(where, traced.output, [rows, ...blueprint.outputShape], decoding?.steps);
  const offsets = matchRecording(where, blueprint, traced, isTraining(does));
  return { tape, nodes, positions, traced, offsets };
}
