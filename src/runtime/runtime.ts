import { type Exports, type KernelName, instantiateBuild } from "./build.ts";
import { Heap } from "./heap.ts";

/** A memory and the kernels over it: all that graphs, plans and models need of a machine. */
export class Runtime {
  readonly heap: Heap;
  readonly kernels: Exports;
  readonly #indices = new Map<KernelName, number>();

  private constructor(heap: Heap, kernels: Exports) {
    this.heap = heap;
    this.kernels = kernels;
    this.#fillTable();
  }

  static async create(heap: Heap, module?: WebAssembly.Module): Promise<Runtime> {
    return new Runtime(heap, await instantiateBuild(heap.memory, module));
  }

  /** Bytes of scratch that a matrix product of these sizes needs. */
  readonly gemmScratch = (m: number, n: number, k: number): number =>
    this.kernels.sgemmScratchBytes(m, n, k);

  /** Where a kernel stands in the function table, for call_indirect. */
  index(name: KernelName): number {
    const index = this.#indices.get(name);
    if (index === undefined) throw new RangeError(`${name}: this build has no such kernel`);
    return index;
  }

  #fillTable(): void {
    const { table } = this.kernels;
    const functions = Object.entries(this.kernels).filter(([, f]) => typeof f === "function");
    let index = table.grow(functions.length);
    for (const [name, kernel] of functions) {
      table.set(index, kernel);
      this.#indices.set(name as KernelName, index++);
    }
  }
}
