import { type Exports, type KernelName, instantiateBuild } from "./build.ts";
import type { Heap } from "./heap.ts";
import { type Tile, tileSize } from "./tiles.ts";

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

  /** @throws TypeError if the module is not a build of gradlane */
  static async create(heap: Heap, module: WebAssembly.Module, tile?: Tile): Promise<Runtime> {
    const kernels = await instantiateBuild(heap.memory, module);
    if (tile) kernels.setTile(...tileSize(tile));
    return new Runtime(heap, kernels);
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
