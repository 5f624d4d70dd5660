import { HEADER_WORDS } from "../../build/constants.ts";
import { type Node, instruction } from "../graph/node.ts";
import type { Runtime } from "../wasm/runtime.ts";
import { chunksFor, wakesThreads } from "./cost.ts";
import { type BatchInput, type InputName, ProgramInput, gatherInput } from "./inputs.ts";
import { type Bases, type Job, Plan, type PlanRequest } from "./plan.ts";
import { checkFinite } from "./values.ts";

/** Parts of a program in the order in which it does them. */
export interface ProgramRequest extends Omit<PlanRequest, "threads"> {
  /** Inputs of the graph that are brought from the arrays that they are bound to. */
  readonly inputs?: readonly BatchInput[];
  /** State of the random numbers that the graph draws, which goes on to the next step then. */
  readonly randomState?: Node | undefined;
  /** Instructions behind the graph, such as an optimizer's step. */
  readonly after?: readonly Job[];
}

/** Addresses of the blocks that a program works in. */
export interface ProgramMemory {
  /** Values that come and go, arenaBytes long; programs may share it. */
  readonly arena?: number;
  /** Temporary bytes of instructions, scratchBytes long; programs may share them. */
  readonly scratch?: number;
  /** Constants and instructions, ownBytes long. */
  readonly own: number;
}

/** Instructions in linear memory, run by one call. The caller owns the memory. */
export class Program {
  readonly #runtime: Runtime;
  readonly #run: Runtime["kernels"]["runProgram"];
  /** The order of the nodes, and the memory that they need. */
  readonly plan: Plan;
  readonly #jobs: readonly Job[];
  readonly #batch: readonly BatchInput[];
  readonly #inputs = new Map<InputName, ProgramInput>();
  #bases: Bases = { arena: 0, scratch: 0, constants: 0 };
  #address = 0;
  #end = 0;
  /** True if it is worth more than one thread. */
  #isWide = false;

  /** Plans the program; place gives it memory. */
  constructor(
    runtime: Runtime,
    { inputs = [], randomState: state, after = [], ...request }: ProgramRequest,
  ) {
    this.#runtime = runtime;
    this.#run = runtime.kernels.runProgram;
    this.#batch = inputs;
    const outputs = [...request.outputs, ...inputs.map(({ node }) => node)];
    this.plan = new Plan({ ...request, outputs, threads: runtime.threadCount });
    const advance = state && { instruction: instruction("advanceRandomState", { state }), work: 0 };
    const graph = [...inputs.map(gatherInput), ...this.plan.jobs];
    this.#jobs = [...graph, ...(advance ? [advance] : []), ...after];
  }

  /** Bytes of constants and instructions. */
  get ownBytes(): number {
    const add = (sum: number, { instruction }: Job): number =>
      sum + 4 * (HEADER_WORDS - 1 + instruction.length);
    return this.#jobs.reduce(add, this.plan.constantBytes);
  }

  /** Writes constants and instructions, for the first time or because memory has moved. */
  place({ arena = 0, scratch = 0, own }: ProgramMemory): void {
    this.#bases = { arena, scratch, constants: own };
    this.plan.writeConstants(this.#runtime, this.#bases);
    this.#address = own + this.plan.constantBytes;
    this.#write(this.#address / 4);
  }

  /** Writes the instructions from a word on. */
  #write(at: number): void {
    const { heap, threadCount } = this.#runtime;
    let shared = 0;
    this.#jobs.forEach(({ instruction, work, node: computed }, i) => {
      const [unpack, ...own] = instruction;
      const chunks = chunksFor(work, threadCount);
      const words = own.map((word) =>
        typeof word === "object"
          ? this.plan.resolve(word, this.#bases, computed)
          : this.#runtime.number(word),
      );
      const length = HEADER_WORDS + words.length;
      heap.words.set([this.#runtime.index(unpack), 4 * length, chunks, ...words], at);
      // The first instructions bring the inputs.
      const input = this.#batch[i];
      if (input) {
        const { name, node } = input;
        this.#inputs.set(name, new ProgramInput(heap, node, this.address(node), at + HEADER_WORDS));
      }
      at += length;
      if (chunks > 1) shared += work;
    });
    this.#end = 4 * at;
    this.#isWide = wakesThreads(shared);
  }

  /**
   * One pass over the instructions: a single WebAssembly call, on all threads where that is worth it.
   * @throws ThreadError if a thread has been lost; the pass is then half done, and the next one has a
   * single thread
   */
  run(): void {
    const { pool } = this.#runtime;
    if (this.#isWide && pool) pool.run(this.#address, this.#end);
    else this.#run(this.#address, this.#end, 0, 1);
  }

  /** Returns an input that can be bound to an array. @throws RangeError if there is none of that name */
  input(name: InputName): ProgramInput {
    const input = this.#inputs.get(name);
    if (input) return input;
    throw new RangeError(`program: expected the name of an input, got ${String(name)}`);
  }

  /** Returns the address of a node's value. @throws RangeError if it neither computes nor keeps it */
  address(node: Node): number {
    return this.plan.address(node, this.#bases);
  }

  /**
   * Looks through what the last run has computed, all of which its plan must keep (keepsAll).
   * @throws RangeError at the first value, in order of computation, that is NaN or infinite
   */
  checkFinite(who: string): void {
    for (const node of this.plan.computed) {
      checkFinite(who, this.#runtime, node, this.address(node));
    }
  }
}
