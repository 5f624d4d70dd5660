import type { InstructionWords } from "../../build/instructions.ts";
import { describeValue } from "../base/arguments.ts";
import {
  type Instruction,
  type InstructionName,
  instruction as resolved,
} from "../wasm/instruction.ts";
import { type Shape, checkShape, describe, size } from "../base/shape.ts";

export { type Shape, checkShape, describe, size };

/** Values of an array: one number for all elements, or one for each; class indices as int32. */
export type Values = number | Float32Array | Int32Array;

/** @throws TypeError or RangeError unless the values are those of an array of this shape */
export function checkValues(name: string, shape: Shape, value: Values): void {
  if (typeof value === "number") return;
  const expected = `a number or a Float32Array of ${size(shape)} for shape ${describe(shape)}`;
  if (!(value instanceof Float32Array || value instanceof Int32Array)) {
    throw new TypeError(`${name}: expected ${expected}, got ${describeValue(value)}`);
  }
  if (value.length !== size(shape)) {
    throw new RangeError(`${name}: expected ${expected}, got ${value.length} numbers`);
  }
}

/** What fills a node that no op computes. */
export type Source =
  | { readonly kind: "parameter" }
  | { readonly kind: "input" }
  | { readonly kind: "random" }
  | { readonly kind: "constant"; readonly value: Values };

/** A value in the graph: where it comes from, and its shape. Nodes never change. */
export interface Node {
  /** Position in the graph; inputs come before it. */
  readonly id: number;
  /** For errors: what it was recorded by, or the name of an input. */
  readonly name: string;
  /** Lengths of its axes; [] is a scalar. */
  readonly shape: Shape;
  /** Elements are float32, or int32 for class indices. */
  readonly type: "float" | "int";
  /** What it is computed from, in the op's order; none where it has a source. */
  readonly inputs: readonly Node[];
  /** How it is computed; a node without it has a source. @internal */
  readonly computation?: Computation;
  /** What fills it. @internal */
  readonly source?: Source;
}

/** A node whose elements are int32: class indices, places, lengths. It has no gradient. */
export interface IntNode extends Node {
  /** Elements are int32. */
  readonly type: "int";
}

/** Returns the node whose storage a node has: itself, unless it is an alias. */
export function storageOf(node: Node): Node {
  const { aliasOf } = node.computation ?? {};
  return aliasOf ? storageOf(aliasOf) : node;
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

export { float } from "../wasm/instruction.ts";

/** What has an address as soon as memory has been laid out. */
export interface Storage {
  /**
   * A node's value, one of its outputs, what its forward pass saved for its gradient, the scratch that
   * it asked for, or where the sums go that it computes in passing (sumsColumnsOf): 0 if nobody asked
   * for them.
   */
  readonly part: "value" | "output" | "saved" | "scratch" | "columnSums";
  /** Which of its outputs; 0 by default. */
  readonly index?: number;
  /** Which node; by default the one that the instruction computes. */
  readonly of?: Node;
  /** Bytes from its start; 0 by default. */
  readonly offset?: number;
}

/** Where an instruction puts the value that it computes. */
export const OUTPUT: Storage = { part: "value" };

/** Where it puts its value from so many elements on. */
export function outputFrom(first: number): Storage {
  return { part: "value", offset: 4 * first };
}

/** Where an instruction puts one of several outputs: 0 if it is optional and nobody reads it. */
export function outputAt(index: number): Storage {
  return { part: "output", index };
}

/** Where it puts what its node's gradient needs. */
export const SAVED: Storage = { part: "saved" };

/** Where it puts what its node's gradient needs from so many floats on. */
export function savedFrom(first: number): Storage {
  return { part: "saved", offset: 4 * first };
}

/** The bytes that its computation asked for. */
export const SCRATCH: Storage = { part: "scratch" };

/** Where it puts sums in passing. */
export const COLUMN_SUMS: Storage = { part: "columnSums" };

/** The part that the forward pass of a node saved for its gradient, from so many elements on. */
export function savedOf(of: Node, first = 0): Storage {
  return { part: "saved", of, offset: 4 * first };
}

/** A part of a node's value, from so many elements on. */
export function elementsOf(of: Node, first: number): Storage {
  return { part: "value", of, offset: 4 * first };
}

/** What stands for an address before memory has been laid out: a node stands for that of its value. */
export type Operand = Node | Storage;

/** Makes an instruction whose addresses are not known yet; its words are written in their order. */
export const instruction = resolved as unknown as <N extends InstructionName>(
  name: N,
  words: InstructionWords<Operand>[N],
) => Instruction<Operand>;

/** The nodes that are read by an instruction with these words, in order. */
export function nodesOf(words: readonly (Operand | string | number | boolean)[] = []): Node[] {
  return words.flatMap((word) => {
    if (typeof word !== "object") return [];
    return "part" in word ? (word.of ?? []) : word;
  });
}

/** Gives one input's gradient; called only if somebody wants it. */
export interface GradientRule {
  (): Node;
  /**
   * Adds the gradient to `sum` in its storage, and returns the sum. A rule that has it gives, when it
   * is called, a node that nobody else is given.
   */
  readonly addTo?: (sum: Node) => Node;
}

/** Makes a rule of what gives the gradient, and adds it to a sum where it is given one. */
export function addingRule(give: (sum?: Node) => Node): GradientRule {
  return Object.assign(() => give(), { addTo: give });
}

/** Rules for inputs in their order, null where there is none. */
export type GradientRules = readonly (GradientRule | null)[];

/** One of several values that an instruction computes. */
export interface Output {
  /** Lengths of its axes. */
  readonly shape: Shape;
  /** Elements are float32 by default. */
  readonly type?: Node["type"];
  /** Whether the instruction is given 0 for its address where nobody reads it; false by default. */
  readonly isOptional?: boolean;
}

/** An op with its attributes bound: everything the sweep and the plan need to know of a node. */
export interface Computation {
  /** The op's name in the table. */
  readonly op: string;
  /** One rule for each input; gradients' own ops are without. */
  readonly gradient?: (g: Recorder, node: Node, dy: Node) => GradientRules;
  /**
   * As gradient, where there are several outputs: from their gradients, of which at least one is
   * there. The others are undefined, for the loss does not depend on those outputs, or they are ints.
   */
  readonly gradientOfOutputs?: (
    g: Recorder,
    outputs: readonly Node[],
    gradients: readonly (Node | undefined)[],
  ) => GradientRules;
  /** Floats that the forward pass keeps for the gradient. */
  readonly saved?: number;
  /**
   * Bytes of scratch for each thread while the instruction runs; by default what the docstring of its
   * kernel declares.
   */
  readonly scratch?: number;
  /** What Job.work says of its instruction; the elements of inputs and output by default. */
  readonly work?: number;
  /** The input whose storage the output may take over, where nobody reads it later. */
  readonly inPlace?: Node;
  /** The input that the instruction adds to, in its storage; nobody else reads it. */
  readonly updates?: Node | undefined;
  /** The matrix of at least two columns whose sums this is, if it is that. */
  readonly columnSumsOf?: Node;
  /** The matrix whose column sums this product's instruction can compute in passing. */
  readonly sumsColumnsOf?: Node;
  /** What computes it; the nodes among its words are its inputs. */
  readonly instruction?: Instruction<Operand>;
  /** The node whose storage an alias shows under another shape; an alias has no instruction. */
  readonly aliasOf?: Node;
  /** The nodes of its outputs, where there are several: then it has no value itself. @internal */
  readonly outputs?: readonly Node[];
  /** The node whose instruction computes it, as one of several outputs. @internal */
  readonly outputOf?: Node;
  /** What Output says of it. @internal */
  readonly isOptional?: boolean;
}

/** What ops record themselves in. */
export interface Recorder {
  /** Adds a node. Names in errors and summaries are the scope's, or else the op's. @internal */
  append(computation: Computation, shape: Shape, type?: Node["type"]): Node;
  /** Adds a node with several outputs, and returns those, as nodes of their own. @internal */
  appendAll(computation: Computation, outputs: readonly Output[]): Node[];
  /**
   * A scalar that never changes.
   * @example
   * const net = network((g, { x }) => g.use(dense(10), g.mul(g.scalar(2), x)));
   * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer: adam() });
   */
  scalar(value: number): Node;
  /**
   * Where random numbers of a recording come from: the node of the words [seed low, seed high, step,
   * 0] (int), and a stream that no other call is given. The step advances after each training step.
   * @internal
   */
  random(): { readonly state: Node; readonly stream: number };
  /** Bytes of scratch for a matrix product of these sizes. @internal */
  gemmScratch(m: number, n: number, k: number): number;
  /**
   * An error whose text starts with who is being recorded: the scope's name, or else the op's.
   * @example
   * const net = network((g, { x }) => {
   *   if (x.shape.length !== 2) throw g.fail("net", "expected one axis an example");
   *   return g.use(dense(10), x);
   * });
   * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer: adam() });
   */
  fail(op: string, text: string): RangeError;
}

/** Returns a rule that records its node when it is first asked for, and gives the same one again later. */
export function memo(record: GradientRule): GradientRule {
  let node: Node | undefined;
  return () => (node ??= record());
}
