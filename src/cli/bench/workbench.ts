import { choose } from "../../engine/choose-kernels.ts";
import { createEngine, type Engine, type EngineOptions } from "../../index.ts";
import { loadKernels, type Kernels } from "../../kernels.ts";

const PAGE = 2 ** 16;
const LINE = 64;

/** Size of the memory, which holds the rows to gather from, the largest operand. */
const MEMORY_BYTES = 2 ** 26;

/** Options of createEngine for the engines to measure. */
export type WorkbenchOptions = Pick<
  EngineOptions,
  "math" | "revectorize" | "threads" | "tile" | "workerUrl"
> & {
  /** A build of the kernels other than the package's own. */
  readonly module?: WebAssembly.Module;
};

/**
 * Kernels over a memory of their own, an engine with one thread, and, if more threads are asked
 * for, an engine that has them.
 */
export class Workbench {
  readonly kernels: Kernels;
  readonly engine: Engine;
  readonly threaded: Engine | undefined;
  #memory: WebAssembly.Memory;
  #free = PAGE;

  private constructor(
    memory: WebAssembly.Memory,
    kernels: Kernels,
    engine: Engine,
    threaded: Engine | undefined,
  ) {
    this.#memory = memory;
    this.kernels = kernels;
    this.engine = engine;
    this.threaded = threaded;
  }

  static async create({ threads = 1, ...options }: WorkbenchOptions = {}): Promise<Workbench> {
    const memory = new WebAssembly.Memory({ initial: MEMORY_BYTES / PAGE });
    const engine = await createEngine(options);
    // The same module and tile that the engine has; the module may be revectorized.
    const { module, tile } = await choose(options);
    const kernels = await loadKernels({ memory, module, tile });
    const threaded = threads === 1 ? undefined : await createEngine({ threads, ...options });
    return new Workbench(memory, kernels, engine, threaded);
  }

  /** Frees all operands; the next ones take their place. */
  clear(): void {
    this.#free = PAGE;
  }

  /**
   * Returns the address of free bytes, which start on a cache line.
   * @throws RangeError if the memory has no room
   */
  allocate(bytes: number): number {
    const at = this.#free;
    this.#free += Math.ceil(bytes / LINE) * LINE;
    if (this.#free > MEMORY_BYTES) {
      throw new RangeError(`benchmark: expected at most ${MEMORY_BYTES} bytes, got ${this.#free}`);
    }
    return at;
  }

  /** Returns the address of n floats from -scale to scale, in no order. */
  floats(n: number, scale = 1): number {
    const at = this.allocate(4 * n);
    // Knuth's multiplicative hashing; kernels are as fast on any normal numbers.
    const values = new Float32Array(this.#memory.buffer, at, n);
    for (let i = 0; i < n; i++) {
      values[i] = (scale * (Math.imul(i, 2654435761) >> 8)) / 2 ** 23;
    }
    return at;
  }

  /** Returns the address of n floats that are 0. */
  zeros(n: number): number {
    const at = this.allocate(4 * n);
    new Float32Array(this.#memory.buffer, at, n).fill(0);
    return at;
  }

  /** Returns the address of n int32 in [0, end), in no order. */
  indices(n: number, end: number): number {
    const at = this.allocate(4 * n);
    const values = new Int32Array(this.#memory.buffer, at, n);
    for (let i = 0; i < n; i++) values[i] = (Math.imul(i, 2654435761) >>> 8) % end;
    return at;
  }

  /** Returns the address of these int32. */
  ints(numbers: ArrayLike<number>): number {
    const at = this.allocate(4 * numbers.length);
    new Int32Array(this.#memory.buffer, at, numbers.length).set(numbers);
    return at;
  }

  dispose(): void {
    this.engine.dispose();
    this.threaded?.dispose();
  }
}
