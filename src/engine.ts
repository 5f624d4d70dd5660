import { checkNames, given } from "./runtime/shape.ts";
import type { Shape } from "./graph/node.ts";
import type { Network } from "./layers/layer.ts";
import { type Graph, type GraphOptions, createGraph } from "./model/graph.ts";
import { Model } from "./model/model.ts";
import type { CompileOptions } from "./model/options.ts";
import { Heap } from "./runtime/heap.ts";
import { Runtime } from "./runtime/runtime.ts";
import { Tensor } from "./runtime/tensor.ts";

export interface EngineOptions {
  /** "strict" (default): the same bits everywhere. "relaxed" is not built yet and is refused. */
  readonly math?: "strict" | "relaxed";
  /** Lanes to run on: 1, which "auto" means too; more are not built yet and are refused. */
  readonly threads?: number | "auto";
  /** Not built yet: true is refused. */
  readonly revectorize?: boolean;
  /** A memory to use instead of a new one; the engine takes all of it. */
  readonly memory?: WebAssembly.Memory;
  /** The kernels, for hosts that do not compile at run time; the package has them inlined. */
  readonly module?: WebAssembly.Module | BufferSource | URL;
  /** What the memory may grow to; 4 GiB by default. */
  readonly maximumBytes?: number;
}

/** What an engine runs on. */
export interface EngineInfo {
  readonly build: string;
  readonly math: "strict";
  readonly threads: number;
  /** Rows x columns of the matrix kernel's register tile. */
  readonly tile: string;
  readonly revectorize: boolean;
}

/** The most that WebAssembly can address. */
const MOST_BYTES = 2 ** 32;

const OPTIONS = ["math", "threads", "revectorize", "memory", "module", "maximumBytes"] as const;

function checkOptions({
  math = "strict",
  threads = 1,
  revectorize,
  maximumBytes,
}: EngineOptions): void {
  if (math !== "strict") {
    throw new RangeError(`createEngine: expected math "strict", got ${given(math)}`);
  }
  if (threads !== 1 && threads !== "auto") {
    throw new RangeError(`createEngine: expected threads 1 or "auto", got ${given(threads)}`);
  }
  if (revectorize) throw new RangeError("createEngine: expected revectorize false, got true");
  if (maximumBytes === undefined) return;
  if (!Number.isInteger(maximumBytes) || maximumBytes < 1 || maximumBytes > MOST_BYTES) {
    const range = `a whole number from 1 to ${MOST_BYTES}`;
    throw new RangeError(`createEngine: expected maximumBytes to be ${range}, got ${maximumBytes}`);
  }
}

/** The module option as a module. */
async function compileModule(
  module: EngineOptions["module"],
): Promise<WebAssembly.Module | undefined> {
  if (module === undefined || module instanceof WebAssembly.Module) return module;
  if (!(module instanceof URL)) return WebAssembly.compile(module);
  const response = await fetch(module);
  if (!response.ok) {
    throw new TypeError(
      `createEngine: expected a module at ${module.href}, got ${response.status}`,
    );
  }
  return WebAssembly.compile(await response.arrayBuffer());
}

/** Kernels over one linear memory, and everything that lives in it. */
export class Engine {
  readonly info: EngineInfo;
  #live: Runtime | undefined;

  /** Use createEngine. */
  constructor(runtime: Runtime) {
    this.#live = runtime;
    this.info = { build: "strict", math: "strict", threads: 1, tile: "4x8", revectorize: false };
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
 * Loads the kernels and makes a memory for them.
 * @throws RangeError or TypeError for options that this engine cannot meet
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  checkNames("createEngine", options, OPTIONS);
  checkOptions(options);
  const memory = options.memory ?? new WebAssembly.Memory({ initial: 1 });
  const heap = new Heap(memory, options.maximumBytes);
  return new Engine(await Runtime.create(heap, await compileModule(options.module)));
}
