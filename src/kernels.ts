import { activationTable } from "./graph/ops/activations.ts";
import { unaryTable } from "./graph/ops/unary.ts";
import { type Exports, type KernelName, instantiateBuild } from "./runtime/build.ts";
import { checkNames, given } from "./runtime/shape.ts";

export interface KernelOptions {
  /** The caller's memory: kernels neither allocate in it nor grow it, and keep no state. */
  readonly memory: WebAssembly.Memory;
  /** "strict" (default): the same bits everywhere. "relaxed" is not built yet and is refused. */
  readonly math?: "strict" | "relaxed";
  /** A compiled build, for hosts that do not compile at run time; the package has it inlined. */
  readonly module?: WebAssembly.Module;
}

/** What only the records of a program call. */
type Internal = `${string}Record` | "run";

/** Functions that act element by element: activations and unary ops. */
const mapTable = { ...activationTable, ...unaryTable };

type MapRow = (typeof mapTable)[keyof typeof mapTable];
type MapKernel = MapRow["forward"] | MapRow["backward"];

/** The last argument of such a kernel, its parameter, may be left out. */
type WithDefault<F> = F extends (...args: [...infer A, number]) => infer R
  ? (...args: [...A, parameter?: number]) => R
  : never;

/**
 * Every kernel with plain arguments: pointers in bytes (a multiple of 4), counts in elements,
 * matrices row-major with leading dimensions in elements.
 */
export type Kernels = {
  readonly [K in Exclude<KernelName, Internal>]: K extends MapKernel
    ? WithDefault<Exports[K]>
    : Exports[K];
};

/** A kernel with its parameter's default. */
function withDefault(kernel: (...args: number[]) => void, parameter: number) {
  const { length } = kernel;
  return (...args: number[]): void => {
    if (args.length < length) args.push(parameter);
    kernel(...args);
  };
}

/**
 * The kernels alone, over a memory of the caller's, for other libraries.
 * @throws TypeError if the memory or the module is none, RangeError for another math than "strict"
 */
export async function loadKernels(options: KernelOptions): Promise<Kernels> {
  checkNames("loadKernels", options, ["memory", "math", "module"]);
  const { memory, math = "strict", module } = options;
  if (!(memory instanceof WebAssembly.Memory)) {
    throw new TypeError(`loadKernels: expected a WebAssembly.Memory, got ${given(memory)}`);
  }
  if (math !== "strict") {
    throw new RangeError(`loadKernels: expected math "strict", got ${given(math)}`);
  }
  const exports = await instantiateBuild(memory, module);
  const kernels: Record<string, unknown> = {};
  for (const [name, kernel] of Object.entries(exports)) {
    const internal = name === "run" || name.endsWith("Record");
    if (typeof kernel === "function" && !internal) kernels[name] = kernel;
  }
  for (const { forward, backward, parameter } of Object.values(mapTable)) {
    kernels[forward] = withDefault(exports[forward], parameter);
    kernels[backward] = withDefault(exports[backward], parameter);
  }
  return kernels as unknown as Kernels;
}
