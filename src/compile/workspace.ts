import type { Node } from "../graph/node.ts";
import { align } from "../memory/heap.ts";
import { type Allocations, GrowableRegion } from "../memory/allocations.ts";
import type { Plan } from "../plan/plan.ts";
import { Program } from "../plan/program.ts";
import type { Purpose } from "./options.ts";
import {
  type BatchForm,
  type DecodingTask,
  type States,
  type Task,
  isTraining,
} from "./recording.ts";
import { type ModelParts, recordTask } from "./tasks.ts";

/** Number of programs kept ready by a model and by each decoder; training needs two, and validation two. */
const MAX_PROGRAMS = 8;

/** A program of a model, ready to run. */
export interface TaskProgram {
  readonly task: Task;
  readonly program: Program;
  /** Node of the predictions. */
  readonly prediction: Node;
  /** Address of the constants and instructions, which no other program shares. */
  readonly own: number;
}

/**
 * The programs of one model. A program is made when its task is first requested. All share one
 * arena and one scratch region, which are as large as the most demanding program needs.
 */
export class Workspace {
  readonly #parts: ModelParts;
  readonly #allocations: Allocations<Purpose>;
  /** Most recently used first. */
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
   * Returns the program for a task, ready to run. Request its addresses again before each run,
   * because another program may move them.
   * @throws RangeError if the memory has no room for it, or if the recording differs from the one
   * that the model was planned for; other programs stay as they were. Error after dispose
   */
  program(
    does: Task["does"],
    rows: number,
    { byteInputs, targets, weighted = false }: BatchForm,
    decoding?: DecodingTask,
  ): TaskProgram {
    this.checkAlive();
    for (let i = 0; i < this.#programs.length; i++) {
      const found = this.#programs[i]!;
      const { task } = found;
      if (task.rows !== rows || task.does !== does) continue;
      if (task.byteInputs !== byteInputs || task.targets !== targets) continue;
      if (task.weighted !== weighted) continue;
      if (task.decoding?.states !== decoding?.states) continue;
      if (task.decoding?.steps !== decoding?.steps) continue;
      if (i > 0) this.#programs.unshift(...this.#programs.splice(i, 1));
      return found;
    }
    return this.#make({ does, rows, byteInputs, targets, weighted, decoding });
  }

  /** Forgets the programs of a decoder that is no longer used. */
  forget(states: States): void {
    for (let i = this.#programs.length - 1; i >= 0; i--) {
      const program = this.#programs[i]!;
      if (program.task.decoding?.states === states) this.#drop(program);
    }
  }

  /** Forgets the programs that train, as gradients are elsewhere now. */
  forgetTraining(): void {
    for (const program of [...this.#programs]) {
      if (isTraining(program.task.does)) this.#drop(program);
    }
  }

  #drop(program: TaskProgram): void {
    this.#programs.splice(this.#programs.indexOf(program), 1);
    this.#allocations.release(program.own);
  }

  /** @throws Error once the model or its engine has been disposed */
  checkAlive(): void {
    this.#allocations.checkLive();
  }

  /** Forgets all programs and frees all memory of the model. */
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
    const taskProgram = { task, program, prediction, own };
    this.#place(taskProgram);
    this.#programs.unshift(taskProgram);
    const { states } = task.decoding ?? {};
    const alike = this.#programs.filter(({ task }) => task.decoding?.states === states);
    if (alike.length > MAX_PROGRAMS) this.#drop(alike.at(-1)!);
    return taskProgram;
  }

  /** Enlarges arena and scratch if a plan needs more; earlier programs are then written anew. */
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
    for (const taskProgram of this.#programs) this.#place(taskProgram);
  }

  #place({ program, own }: TaskProgram): void {
    program.place({ arena: this.#arena.address, scratch: this.#scratch.address, own });
  }
}
