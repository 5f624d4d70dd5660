import { type Node, float, instruction, size } from "../graph/node.ts";
import type { Heap } from "../memory/heap.ts";
import type { Job } from "./plan.ts";

/** The targets of a loss among the inputs of a program: any text may be the name of another. */
export const TARGETS = Symbol("targets");

/** The numbers of a decoder's steps among the inputs of a program. */
export const POSITIONS = Symbol("positions");

/** The weights of examples in the loss among the inputs of a program. */
export const SAMPLE_WEIGHTS = Symbol("sampleWeights");

/** The name of a program's input. */
export type InputName = string | typeof TARGETS | typeof POSITIONS | typeof SAMPLE_WEIGHTS;

/** An input of a graph, [rows, ...], that is brought from an array before the graph is computed. */
export interface BatchInput {
  readonly name: InputName;
  readonly node: Node;
  /** Factor of an array of bytes; undefined for an array of 32-bit words. */
  readonly byteScale?: number | undefined;
}

/** Returns the instruction that brings an input. */
export function gatherInput({ node, byteScale }: BatchInput): Job {
  const [rows = 1] = node.shape;
  const [src, dst, width] = [node, node, size(node.shape) / rows];
  // The words that ProgramInput overwrites come first in both.
  const bring =
    byteScale === undefined
      ? instruction("gather", { src, indices: 0, dst, rows, width })
      : instruction("gatherBytes", { src, indices: 0, dst, rows, width, scale: float(byteScale) });
  return { instruction: bring, work: 2 * size(node.shape) };
}

/** The array that an input of a program is brought from. */
export interface Binding {
  /** Its address. */
  readonly source: number;
  /** Address of the rows to take, as int32; 0, the default, for the first ones. */
  readonly indices?: number;
}

/** An input of a program that is in memory. */
export class ProgramInput {
  /** Address from which the graph reads it; what is bound to it is there already. */
  readonly address: number;
  /** Type of its elements. */
  readonly type: Node["type"];
  readonly #heap: Heap;
  /** Position of the words of its instruction. */
  readonly #words: number;

  constructor(heap: Heap, { type }: Node, address: number, words: number) {
    this.#heap = heap;
    this.type = type;
    this.address = address;
    this.#words = words;
  }

  /** Says from where the next runs take it. */
  bind({ source, indices = 0 }: Binding): void {
    const { words } = this.#heap;
    words[this.#words] = source;
    words[this.#words + 1] = indices;
  }
}
