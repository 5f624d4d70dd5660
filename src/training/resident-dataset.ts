import { align } from "../memory/heap.ts";
import { shuffleStream } from "../base/random-streams.ts";
import { seedWords } from "../initializers.ts";
import type { Allocations } from "../memory/allocations.ts";
import { Tensor } from "../wasm/tensor.ts";
import type { Examples } from "./batches.ts";
import type { ModelParts } from "../compile/tasks.ts";
import type { InputName } from "../plan/inputs.ts";
import type { Program } from "../plan/program.ts";
import type { Purpose } from "../compile/options.ts";
import type { BoundData } from "./batch-source.ts";
import { arraysOf, bytesFor, store } from "./stored-arrays.ts";

/** Data set in linear memory, with the order in which an epoch takes its examples. */
export class ResidentDataset implements BoundData {
  readonly #parts: ModelParts;
  readonly #allocations: Allocations<Purpose>;
  readonly #count: number;
  /** Address or tensor of each input and of the targets, by name. */
  readonly #sources: readonly (readonly [name: InputName, source: number | Tensor])[];
  readonly #order: number;
  /** Scratch for shuffling. */
  readonly #words: number;
  readonly #regions: readonly number[];

  /**
   * Copies the arrays into memory, once; tensors are there already.
   * @throws RangeError if the memory has no room; nothing is held then
   */
  constructor(parts: ModelParts, allocations: Allocations<Purpose>, examples: Examples) {
    this.#parts = parts;
    this.#allocations = allocations;
    const { count } = examples;
    this.#count = count;
    const { heap } = parts.runtime;
    const arrays = arraysOf(parts, examples);
    const sizes = [...arrays.map(bytesFor).filter((size) => size > 0), count * 4, count * 4];
    const total = sizes.reduce((sum, size) => sum + align(size), 0);
    heap.reserve(total, "fit: data");
    const regions = sizes.map((size) => allocations.allocate("activations", size, "fit: data"));
    this.#regions = regions.slice();
    this.#sources = arrays.map((one) => {
      if (one.array instanceof Tensor) return [one.name, one.array];
      const at = regions.shift()!;
      store(heap, one, at);
      return [one.name, at];
    });
    [this.#order, this.#words] = regions as [number, number];
  }

  /** Puts the examples in a random order that seed and epoch decide. */
  shuffle(seed: number, epoch: number): void {
    const { kernels } = this.#parts.runtime;
    const words = seedWords(seed);
    kernels.shuffle(this.#order, this.#count, this.#words, ...words, shuffleStream(epoch));
  }

  /** Puts the examples in their original order. */
  keepOrder(): void {
    const { words } = this.#parts.runtime.heap;
    const first = this.#order / 4;
    for (let i = 0; i < this.#count; i++) words[first + i] = i;
  }

  /**
   * Makes a program read the batch from position `from` of the order on.
   * @throws RangeError if a tensor has been disposed meanwhile
   */
  bindBatch(program: Program, from: number): void {
    const indices = this.#order + from * 4;
    for (const [name, source] of this.#sources) {
      program.input(name).bind({ source: source instanceof Tensor ? source.at : source, indices });
    }
  }

  /** Examples in the order in which the epoch takes them. */
  get order(): Uint32Array {
    const first = this.#order / 4;
    return this.#parts.runtime.heap.words.subarray(first, first + this.#count);
  }

  dispose(): void {
    for (const region of this.#regions) this.#allocations.release(region);
  }
}
