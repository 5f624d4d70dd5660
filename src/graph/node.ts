import type { InstructionWords } from "../../build/instructions.ts";
import type { KernelFunctions } from "../../build/kernel-functions.ts";
import {
  type Epilogue,
  type Instruction,
  type InstructionName,
  instruction as resolved,
} from "../wasm/instruction.ts";
import { type Shape, checkShape, describe, size } from "../base/shape.ts";
import type { WholeRange } from "../base/whole-range.ts";

export { type Shape, checkShape, describe, size };

/** Values of an array: one number for all elements, or one for each; a node of ints has int32. */
export type Values = number | Float32Array | Int32Array;

/** Origin of the elements of a node that no op computes. */
export type Source =
  | { readonly kind: "parameter" }
  | { readonly kind: "input" }
  | { readonly kind: "random" }
  | { readonly kind: "constant"; readonly value: Values };

/**
 * A value in the graph, with its shape and the nodes that an op computes it from. Parameters,
 * inputs and constants are not computed by an op. Nodes never change.
 */
export interface Node {
  /** Position in the graph; its inputs have lower ones. */
  readonly id: number;
  /** Name in errors: that of the layer, loss or op that recorded it, or of an input. */
  readonly name: string;
  /** Lengths of its axes; [] is a scalar. */
  readonly shape: Shape;
  /** Type of its elements: float32, or int32 for class indices, places and lengths. */
  readonly type: "float" | "int";
  /** Nodes that it is computed from, in the order of the op; none if it has a source. */
  readonly inputs: readonly Node[];
  /** Op that computes it; undefined if it has a source. @internal */
  readonly computation?: Computation;
  /** Origin of its elements; undefined if an op computes it. @internal */
  readonly source?: Source;
}

/** A node whose elements are int32: class indices, places or lengths. It has no gradient. */
export interface IntNode extends Node {
  /** Type of its elements: int32. */
  readonly type: "int";
}

/** Returns the node that owns the storage of a node: the node itself, unless it is an alias. */
export function storageOf(node: Node): Node {
  let owner = node;
  while (owner.computation?.aliasOf) owner = owner.computation.aliasOf;
  return owner;
}

/** Returns true for a node whose value an instruction writes: it has no source and is no alias. */
export function isComputed({ computation }: Node): boolean {
  const { instruction, outputs, outputOf } = computation ?? {};
  return outputOf !== undefined || (instruction !== undefined && !outputs);
}

/** Returns true for a node of any graph. */
export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "inputs" in value && "shape" in value;
}

export { type Epilogue, float } from "../wasm/instruction.ts";

/** Symbolic location that belongs to a node. It has an address once memory has been laid out. */
export interface Storage {
  /**
   * Part of the node:
   * - "value": its value;
   * - "output": one of its outputs, with address 0 if it is optional and nobody reads it;
   * - "saved": numbers that the forward pass saves for the gradient;
   * - "scratch": temporary bytes of its instruction;
   * - "columnSums": sums that a product computes in passing (sumsColumnsOf), with address 0 if the
   *   plan requests none.
   */
  readonly part: "value" | "output" | "saved" | "scratch" | "columnSums";
  /** Position among the outputs, for an output; 0 by default. */
  readonly index?: number;
  /** Node that it belongs to; by default the one that the instruction computes. */
  readonly of?: Node;
  /** Bytes from the start of the part; 0 by default. */
  readonly offset?: number;
}

/** Storage of the value that an instruction computes. */
export const OUTPUT: Storage = { part: "value" };

/** Returns the storage of that value from element `first` on. */
export function outputFrom(first: number): Storage {
  return { part: "value", offset: 4 * first };
}

/** Returns the storage of one of several outputs that an instruction computes, from element `first` on. */
export function outputAt(index: number, first = 0): Storage {
  return { part: "output", index, offset: 4 * first };
}

/** Storage of the numbers that an instruction saves for the gradient of its node. */
export const SAVED: Storage = { part: "saved" };

/** Returns the storage of those numbers from float `first` on. */
export function savedFrom(first: number): Storage {
  return { part: "saved", offset: 4 * first };
}

/** Storage of the temporary bytes that an instruction needs (Computation.scratch). */
export const SCRATCH: Storage = { part: "scratch" };

/** Storage of the column sums that a product computes in passing. */
export const COLUMN_SUMS: Storage = { part: "columnSums" };

/** Returns the storage of the numbers that a node's forward pass saved, from float `first` on. */
export function savedOf(node: Node, first = 0): Storage {
  return { part: "saved", of: node, offset: 4 * first };
}

/** Returns the storage of a node's value from element `first` on. */
export function elementsOf(node: Node, first: number): Storage {
  return { part: "value", of: node, offset: 4 * first };
}

/** An address before memory has been laid out. A node stands for the address of its value. */
export type Operand = Node | Storage;

/** Makes an instruction whose addresses are not known yet. It keeps the order of the words. */
export const instruction = resolved as unknown as <N extends InstructionName>(
  name: N,
  words: InstructionWords<Operand>[N],
) => Instruction<Operand>;

/** Returns the nodes that an instruction with these words reads, in the order of the words. */
export function nodesOf(words: readonly (Operand | string | number | boolean)[] = []): Node[] {
  return words.flatMap((word) => {
    if (typeof word !== "object") return [];
    return "part" in word ? (word.of ?? []) : word;
  });
}

/** Returns the gradient of one input. It is called only if that gradient is needed. */
export interface GradientRule {
  (): Node;
  /**
   * Adds the gradient to `sum`, in the storage of `sum`, and returns the new sum. A rule that has
   * this method must return, when it is called, a node that no other rule returns: it may become
   * `sum`.
   */
  readonly addTo?: (sum: Node) => Node;
}

/** Makes a rule from a function that returns the gradient, or adds it to a sum that it is given. */
export function addingRule(give: (sum?: Node) => Node): GradientRule {
  return Object.assign(() => give(), { addTo: give });
}

/** One rule for each input, in their order; null for an input that has no gradient. */
export type GradientRules = readonly (GradientRule | null)[];

/** One of several values that an instruction computes. */
export interface Output {
  /** Lengths of its axes. */
  readonly shape: Shape;
  /** Type of its elements; float32 by default. */
  readonly type?: Node["type"];
  /** True if its address is 0 when nobody reads it; false by default. */
  readonly isOptional?: boolean;
}

/** An op with its attributes: all that the reverse sweep and the plan need to know of a node. */
export interface Computation {
  /** Name of the op. */
  readonly op: string;
  /**
   * Returns a rule for each input; dy is the gradient of the node. The reverse sweep ends at ops
   * without it, such as most of those that compute gradients.
   */
  readonly gradient?: (g: Recorder, node: Node, dy: Node) => GradientRules;
  /**
   * Does the same for an op with several outputs, given their gradients. At least one of these is
   * defined. The gradient of an output is undefined if the loss does not depend on it or it is of
   * ints.
   */
  readonly gradientOfOutputs?: (
    g: Recorder,
    outputs: readonly Node[],
    gradients: readonly (Node | undefined)[],
  ) => GradientRules;
  /** Number of floats that the forward pass saves for the gradient; none by default. */
  readonly saved?: number;
  /**
   * Bytes of scratch that each thread needs while the instruction runs; by default those that the
   * docstring of its kernel declares.
   */
  readonly scratch?: number;
  /** Job.work of its instruction; by default the number of elements of inputs and outputs. */
  readonly work?: number;
  /** Number of multiply-adds of its products, for summaries; 0 by default. */
  readonly multiplyAdds?: number;
  /** Input whose storage the output may take over if nobody reads that input later. */
  readonly inPlace?: Node;
  /**
   * Input that the instruction adds to, or overwrites in part, in the storage of that input. No
   * other node reads it.
   */
  readonly updates?: Node | undefined;
  /** Function that an op applies to each element of its input, if that is all it does. */
  readonly applies?: Epilogue;
  /**
   * Returns its instruction with f applied to each element of the value. The plan takes it where that
   * is what the only reader of the value does.
   */
  readonly followedBy?: (f: Epilogue) => Instruction<Operand>;
  /** Matrix whose column sums this computes, if it does; it has at least two columns. */
  readonly columnSumsOf?: Node;
  /** Matrix whose column sums the instruction of this product can compute in passing. */
  readonly sumsColumnsOf?: Node;
  /** Instruction that computes it; the nodes among the words are the inputs. */
  readonly instruction?: Instruction<Operand>;
  /** Inputs that may be nodes of ints; none by default. */
  readonly ints?: readonly Node[];
  /** Input that has to hold certain whole numbers; a model checks its own inputs before it computes. */
  readonly wholes?: (WholeRange & { readonly node: Node }) | undefined;
  /** Node whose storage an alias shows under another shape. An alias has no instruction. */
  readonly aliasOf?: Node;
  /** Nodes of its outputs, if there are several. It has no value itself then. @internal */
  readonly outputs?: readonly Node[];
  /** Node whose instruction computes it, as one of several outputs. @internal */
  readonly outputOf?: Node;
  /** Output.isOptional of this output. @internal */
  readonly isOptional?: boolean;
}

/** Kernels that return the bytes of scratch that others need. */
export type ScratchSizes = Pick<
  KernelFunctions,
  `${"attention" | "conv2d" | "recurrent" | "sgemm"}ScratchBytes`
>;

/** A graph to which ops append their nodes. */
export interface Recorder {
  /** Appends a node. Errors and summaries name it after the scope, or else the op. @internal */
  append(computation: Computation, shape: Shape, type?: Node["type"]): Node;
  /** Appends a node with several outputs, and returns a node for each of these. @internal */
  appendAll(computation: Computation, outputs: readonly Output[]): Node[];
  /**
   * Returns a scalar that never changes.
   * @example
   * const net = network((g, { x }) => g.use(dense(10), g.mul(g.scalar(2), x)));
   * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer: adam() });
   */
  scalar(value: number): Node;
  /**
   * Appends an array that never changes, of ints if its values are. Without a shape a number is a scalar,
   * and a list is [n].
   * @example
   * const net = network((g, { x }) => {
   *   const centred = g.sub(x, g.constant(0.5));
   *   return g.use(dense(10), centred);
   * });
   * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer: adam() });
   */
  constant(value: Values, shape?: Shape): Node;
  /**
   * Returns the source of random numbers: the node of their state, which is the words [seed low,
   * seed high, step, 0] (int), and the number of a stream that no other call gets. The step
   * advances after each training step.
   * @internal
   */
  random(): { readonly state: Node; readonly stream: number };
  /** Kernels that say how much scratch others need. @internal */
  readonly kernels: ScratchSizes;
  /**
   * Returns an error whose text starts with the name of the layer or loss that is being recorded,
   * or else of the op.
   * @example
   * const net = network((g, { x }) => {
   *   if (x.shape.length !== 2) throw g.fail("net", "expected one axis an example");
   *   return g.use(dense(10), x);
   * });
   * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer: adam() });
   */
  fail(op: string, text: string): RangeError;
}

/** Returns a function that calls `record` when it is first called, and returns its result ever after. */
export function memo<T extends object>(record: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= record());
}
