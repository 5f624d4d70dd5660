// First, as it brings the embedded kernels: behind them gzip sees all code in one window of 32 KB.
import { choose } from "./kernels.ts";
import type { Shape } from "../graph/node.ts";
import type { Network } from "../layers/layer.ts";
import { type Graph, type GraphOptions, createGraph } from "../model/graph.ts";
import { Model } from "../model/model.ts";
import type { CompileOptions } from "../model/options.ts";
import { Heap } from "../runtime/heap.ts";
import { Runtime } from "../runtime/runtime.ts";
import { Tensor } from "../runtime/tensor.ts";
import { type EngineInfo, type EngineOptions, checkOptions } from "./options.ts";

/** Kernels over one linear memory, and everything that lives in it. */
export class Engine {
  readonly info: EngineInfo;
  #live: Runtime | undefined;

  /** Use createEngine. */
  constructor(runtime: Runtime, info: EngineInfo) {
    this.#live = runtime;
    this.info = info;
  }

  /**
   * Gives a network memory, first weights and an optimizer.
   * @throws TypeError or RangeError for wrong options, layers that do not fit each other, or a
   * memory without room; nothing is changed then
   */
  compile(network: Network, options: CompileOptions): Model {
    return new Model(this.#runtime, network, options);
  }

  /** An empty graph to record by hand. @throws RangeError if the seed is no whole number */
  graph(options?: GraphOptions): Graph {
    return createGraph(this.#runtime, options);
  }

  /** An array in the engine's memory, 0 at first, that fit and trainStep read without a copy. */
  tensor(shape: Shape): Tensor {
    return new Tensor(this.#runtime, shape);
  }

  /** The memory that everything lives in. */
  get memory(): WebAssembly.Memory {
    return this.#runtime.heap.memory;
  }

  /** Bytes of the memory that are handed out, and bytes that it has. */
  get memoryUsage(): { readonly used: number; readonly reserved: number } {
    const { used, reserved } = this.#runtime.heap;
    return { used, reserved };
  }

  /** Lets go of kernels and memory, which are freed when no model or tensor holds them any more. */
  dispose(): void {
    this.#live?.heap.close();
    this.#live = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  get #runtime(): Runtime {
    if (!this.#live) throw new Error("engine: expected a live engine, it has been disposed");
    return this.#live;
  }
}

/**
 * Loads the kernels, finds their fastest tile in this process (6 to 12 ms, once), and makes a memory.
 * @throws RangeError or TypeError for options that this engine cannot meet
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  checkOptions(options);
  const memory = options.memory ?? new WebAssembly.Memory({ initial: 1 });
  const heap = new Heap(memory, options.maximumBytes);
  const { module, ...choice } = await choose(options);
  const runtime = await Runtime.create(heap, module, choice.tile);
  const math = runtime.kernels.isRelaxed() ? "relaxed" : "strict";
  return new Engine(runtime, { ...choice, math, threads: 1 });
}
