// First, as it brings the embedded kernels: behind them gzip sees all code in one window of 32 KB.
import { choose } from "./choose-kernels.ts";
import type { Shape } from "../graph/node.ts";
import type { Network } from "../layers/layer.ts";
import { type Graph, type GraphOptions, createGraph } from "../compile/graph.ts";
import { Model } from "../model/model.ts";
import type { CompileOptions } from "../compile/options.ts";
import { anything, checkArguments } from "../base/arguments.ts";
import { Heap } from "../memory/heap.ts";
import { isShared } from "../memory/linear-memory.ts";
import { type OnDemand, load } from "../base/on-demand.ts";
import { freezeButTag, plural, printable, renameDisposed } from "../base/printable.ts";
import { type ThreadPool, Runtime } from "../wasm/runtime.ts";
import { Tensor } from "../wasm/tensor.ts";
import { type EngineInfo, type EngineOptions, checkOptions } from "./options.ts";
import type { ThreadChoice } from "./threads.ts";

/** Bytes of an engine's memory. */
export interface MemoryUsage {
  /** Bytes that models, graphs and tensors hold. */
  readonly used: number;
  /** Bytes of the whole memory, which never shrinks. */
  readonly reserved: number;
}

/** Returns the printed form: `Engine(strict, 2 threads, tile 4x8)`. */
function title({ math, threads, tile }: EngineInfo): string {
  return `Engine(${math}, ${plural(threads, "thread")}, tile ${tile})`;
}

/** Kernels over one linear memory, and everything that lives in it. */
export class Engine extends Object {
  readonly #info: EngineInfo;
  readonly #pool: ThreadPool | undefined;
  #live: Runtime | undefined;

  /** Use createEngine. */
  constructor(runtime: Runtime, info: EngineInfo) {
    super();
    this.#live = runtime;
    this.#info = Object.freeze({ ...info, notes: Object.freeze(info.notes) });
    this.#pool = runtime.pool;
    printable<Engine>(this, title(info), () => title(this.#runtime && this.info));
    freezeButTag(this);
  }

  /** Build, tile and threads that it runs on; one thread if others have been lost. */
  get info(): EngineInfo {
    const lost = this.#pool?.lost;
    if (lost === undefined) return this.#info;
    const notes = Object.freeze([...this.#info.notes, `threads: 1, ${lost}`]);
    return Object.freeze({ ...this.#info, threads: 1, notes });
  }

  /**
   * Makes a model of a network: allocates its memory, draws its weights and adds an optimizer.
   * @throws TypeError or RangeError for wrong options, for layers that do not fit each other, or if
   * the memory has no room; nothing is changed then
   * @example
   * const net = sequential([dense(64, { activation: "relu" }), dense(10)]);
   * const model = engine.compile(net, {
   *   inputShape: [64],
   *   loss: crossEntropy(),
   *   optimizer: adam(),
   * });
   */
  compile(network: Network, options: CompileOptions): Model {
    return new Model(this.#runtime, network, options);
  }

  /**
   * Creates an empty graph.
   * @throws RangeError if the seed is not a whole number
   * @example
   * const g = engine.graph();
   * const a = g.parameter([], 3);
   * const step = g.compile(g.square(a));
   * step.run();
   * step.gradient(a); // 6
   */
  graph(options?: GraphOptions): Graph {
    return createGraph(this.#runtime, options);
  }

  /**
   * Creates an array of zeros in the engine's memory, which fit and trainStep read without a copy.
   * @throws RangeError if the shape is not of whole lengths or the memory has no room
   * @example
   * const x = engine.tensor([32, 64]);
   * x.data.fill(0.5);
   * const loss = model.trainStep(x, test.y.subarray(0, 32));
   */
  tensor(shape: Shape): Tensor;
  tensor(shape: Shape, ...none: unknown[]): Tensor {
    checkArguments("tensor", [shape, ...none], { shape: anything });
    return new Tensor(this.#runtime, shape);
  }

  /** The engine's memory. @throws Error after dispose */
  get memory(): WebAssembly.Memory {
    return this.#runtime.heap.memory;
  }

  /** Bytes of the memory that are in use. @throws Error after dispose */
  get memoryUsage(): MemoryUsage {
    const { used, reserved } = this.#runtime.heap;
    return { used, reserved };
  }

  /**
   * Ends the threads, and releases kernels and memory. Models, graphs and tensors of this engine
   * throw an Error from then on, because the memory may be passed to another engine.
   * @example
   * engine.dispose();
   */
  dispose(): void {
    this.#live?.pool?.dispose();
    this.#live?.heap.close();
    this.#live = undefined;
    renameDisposed(this);
  }

  /** Disposes at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  get #runtime(): Runtime {
    if (!this.#live) throw new Error("engine: expected a live engine, it has been disposed");
    return this.#live;
  }
}

/** Code that starts threads, loaded on demand: most engines have one thread. */
export const threading: OnDemand<typeof import("./threads.ts")> = {
  import: () => import("./threads.ts"),
};

/** Returns the number of threads and the memory of an engine. @throws as chooseThreads */
async function threadsOf(options: EngineOptions): Promise<ThreadChoice> {
  const { threads = 1, workerUrl, memory } = options;
  if (threads !== 1 || workerUrl !== undefined)
    return (await load(threading)).chooseThreads(options);
  return { count: 1, memory: memory ?? new WebAssembly.Memory({ initial: 1 }), notes: [] };
}

/**
 * Creates an engine: loads the kernels, finds their fastest tile in this process (6 to 30 ms,
 * once), creates a memory, and starts workers for several threads.
 * @throws RangeError or TypeError for options that this engine cannot meet, Error if workers are
 * available but none starts from `workerUrl`
 * @example
 * const engine = await createEngine({ threads: "auto" });
 * console.log(engine.info.math, engine.info.threads);
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const chosen = checkOptions(options);
  const {
    count,
    memory,
    notes: [...notes],
  } = await threadsOf(chosen);
  const { maximumBytes, workerUrl } = chosen;
  const heap = new Heap(memory, maximumBytes);
  try {
    const choice = await choose(chosen, isShared(memory));
    const { module, ...info } = choice;
    const runtime = await Runtime.create(heap, module, info.tile);
    if (count > 1) {
      const { startThreads } = await load(threading);
      notes.push(...(await startThreads(runtime, { count, module, tile: info.tile, workerUrl })));
    }
    const math = runtime.kernels.isRelaxed() ? "relaxed" : "strict";
    const threads = runtime.threadCount;
    return new Engine(runtime, { ...info, math, threads, notes: [...info.notes, ...notes] });
  } catch (error) {
    heap.close();
    throw error;
  }
}
