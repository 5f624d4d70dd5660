import { type Exports, type KernelName, instantiateBuild } from "./build.ts";
import type { Heap } from "../memory/heap.ts";
import { fillTable } from "./function-table.ts";
import { type Tile, tileSize } from "./tiles.ts";

/** The most parts that a record is cut into for lanes, see assembly/chunk-queue.ts: a bit for each. */
export const MOST_PARTS = 32;

/** Lanes that run programs together, the caller's thread being the first of them. */
export interface Lanes {
  /** How many there are, the caller's included. */
  readonly count: number;
  /**
   * Runs the records from `program` to `end`.
   * @throws LaneError if a lane has been lost, the one that is in doubt being half done
   */
  run(program: number, end: number): void;
  /** Why there is only one left; undefined while all are there. */
  readonly lost: string | undefined;
  /** Ends all but the caller's. */
  dispose(): void;
}

/** A memory and the kernels over it: all that graphs, plans and models need of a machine. */
export class Runtime {
  readonly heap: Heap;
  readonly kernels: Exports;
  /** What programs are run by; undefined where there is one lane, or only one is left. */
  lanes: Lanes | undefined;
  readonly #indices: ReadonlyMap<KernelName, number>;
  #laneCount = 1;

  private constructor(heap: Heap, kernels: Exports) {
    this.heap = heap;
    this.kernels = kernels;
    this.#indices = fillTable(kernels);
  }

  /** @throws TypeError if the module is not a build of gradlane */
  static async create(heap: Heap, module: WebAssembly.Module, tile?: Tile): Promise<Runtime> {
    const kernels = await instantiateBuild(heap.memory, module);
    if (tile) kernels.setTile(...tileSize(tile));
    return new Runtime(heap, kernels);
  }

  /** Lanes that programs are written for, whether all of them are still there or not. */
  get laneCount(): number {
    return this.#laneCount;
  }

  /** Gives programs more lanes to run on; called before there are any. */
  useLanes(lanes: Lanes): void {
    this.lanes = lanes;
    this.#laneCount = lanes.count;
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
}

/**
 * A lane of an engine with several threads has been lost: its worker was ended, or has failed. What
 * the engine was computing is half done; it goes on with one lane.
 */
export class LaneError extends Error {
  /** "LaneError", as in what is printed. */
  override readonly name = "LaneError";

  /** @param reason which lane, and what has become of it */
  constructor(reason: string) {
    super(`threads: expected every lane to come, ${reason}; the engine goes on with one lane`);
  }
}
