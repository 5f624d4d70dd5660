import type { Node } from "../graph/node.ts";
import { align } from "../memory/heap.ts";
import { type Allocations, GrowableRegion } from "../memory/allocations.ts";
import type { Plan } from "../plan/plan.ts";
import { Program } from "../plan/program.ts";
import type { Purpose, TargetKind } from "./options.ts";
import { type ModelParts, type Task, recordTask } from "./tasks.ts";

/** Programs kept ready; a data set needs two for training and two for validation. */
const KEPT = 8;

/** A program of a model, ready to run. */
export interface TaskProgram {
  readonly task: Task;
  readonly program: Program;
  /** The node of the predictions. */
  readonly prediction: Node;
  /** Address of what the program shares with no other. */
  readonly own: number;
}

/**
 * The programs of one model, made when a batch size is first seen, over one arena and one scratch
 * that are as large as the most demanding of them wants.
 */
export class Workspace {
  readonly #parts: ModelParts;
  readonly #allocations: Allocations<Purpose>;
  /** The latest used first. */
  readonly #programs: TaskProgram[] = [];
  readonly #arena: GrowableRegion<Purpose>;
  readonly #scratch: GrowableRegion<Purpose>;

  constructor(parts: ModelParts, allocations: Allocations<Purpose>) {
    this.#parts = parts;
    this.#allocations = allocations;
    this.#arena = new GrowableRegion(allocations, "activations");
    this.#scratch = new GrowableRegion(allocations, "scratch");
  }

  /**
   * Returns the program that does this, ready to run; ask for addresses again before each run, as
   * another program may move them.
   * @throws RangeError if the memory has no room for it, or the network records itself otherwise
   * than the model was planned for; what was there stays as it was. Error after dispose
   */
  program(does: Task["does"], rows: number, byteInputs: number, targets: TargetKind): TaskProgram {
    this.checkAlive();
    for (let i = 0; i < this.#programs.length; i++) {
      const found = this.#programs[i]!;
      const { task } = found;
      if (task.rows !== rows || task.does !== does) continue;
      if (task.byteInputs !== byteInputs || task.targets !== targets) continue;
      if (i > 0) this.#programs.unshift(...this.#programs.splice(i, 1));
      return found;
    }
    return this.#make({ does, rows, byteInputs, targets });
  }

  /** @throws Error once the model or its engine has been disposed */
  checkAlive(): void {
    this.#allocations.checkLive();
  }

  /** Forgets all programs and gives back all memory of the model. */
  dispose(): void {
    this.#programs.length = 0;
    this.#allocations.releaseAll();
  }

  #make(task: Task): TaskProgram {
    const { request, prediction } = recordTask(this.#parts, task);
    // The network is the user's function, which may have disposed of the model.
    this.checkAlive();
    const program = new Program(this.#parts.runtime, request);
    this.#reserve(program.plan, `batch of ${task.rows}`);
    const what = `program for a batch of ${task.rows}`;
    const own = this.#allocations.allocate("scratch", program.ownBytes, what);
    const made = { task, program, prediction, own };
    this.#place(made);
    this.#programs.unshift(made);
    if (this.#programs.length > KEPT) this.#allocations.release(this.#programs.pop()!.own);
    return made;
  }

  /** Enlarges arena and scratch; programs that were placed before are written anew. */
  #reserve({ arenaBytes, scratchBytes }: Plan, what: string): void {
    const wanted = [
      [this.#arena, arenaBytes],
      [this.#scratch, scratchBytes],
    ] as const;
    const short = wanted.filter(([region, bytes]) => region.isTooSmall(bytes));
    if (short.length === 0) return;
    const total = short.reduce((sum, [, bytes]) => sum + align(bytes), 0);
    this.#parts.runtime.heap.reserve(total, what);
    for (const [region, bytes] of short) region.ensureCapacity(bytes, what);
    for (const made of this.#programs) this.#place(made);
  }

  #place({ program, own }: TaskProgram): void {
    program.place({ arena: this.#arena.address, scratch: this.#scratch.address, own });
  }
}
