import { type Bases } from "../plan/plan.ts";
import { Program, programBytes } from "../plan/program.ts";
import { align } from "../memory/heap.ts";
import type { Allocations } from "../memory/allocations.ts";
import { GrowableRegion } from "../memory/allocations.ts";
import type { TargetKind } from "./options.ts";
import type { Purpose } from "./options.ts";
import { type ModelParts, type Places, type ProgramKind, ProgramPlan } from "./programs.ts";

/** Programs kept ready; a data set needs two for training and two for validation. */
const KEPT = 8;

/** A program in its place. */
export interface ReadyProgram extends Places {
  readonly kind: ProgramKind;
  readonly program: Program;
  /** @throws RangeError at the first op whose value in the last run is not finite */
  readonly check: () => void;
}

interface Entry {
  readonly planned: ProgramPlan;
  ready: ReadyProgram;
  /** Regions of its own: constants and records. */
  regions: readonly number[];
}

/**
 * The programs of one model, made when a batch size is first seen, over one arena and one scratch
 * that are as large as the most demanding of them wants.
 */
export class Workspace {
  readonly #parts: ModelParts;
  readonly #allocations: Allocations<Purpose>;
  /** The latest used first. */
  readonly #entries: Entry[] = [];
  readonly #arena: GrowableRegion<Purpose>;
  readonly #scratch: GrowableRegion<Purpose>;

  constructor(parts: ModelParts, allocations: Allocations<Purpose>) {
    this.#parts = parts;
    this.#allocations = allocations;
    this.#arena = new GrowableRegion(allocations, "activations");
    this.#scratch = new GrowableRegion(allocations, "scratch");
  }

  /**
   * The program that does this, ready to run; ask again before each run, as another may move it.
   * @throws RangeError if the memory has no room for it, or the network records itself otherwise
   * than the model was planned for; what was there stays as it was. Error after dispose
   */
  program(
    does: ProgramKind["does"],
    rows: number,
    bytes: number,
    targets: TargetKind,
  ): ReadyProgram {
    this.checkAlive();
    for (let i = 0; i < this.#entries.length; i++) {
      const { ready } = this.#entries[i]!;
      const { kind } = ready;
      if (kind.rows !== rows || kind.does !== does) continue;
      if (kind.bytes !== bytes || kind.targets !== targets) continue;
      if (i > 0) this.#entries.unshift(...this.#entries.splice(i, 1));
      return ready;
    }
    return this.#make({ does, rows, bytes, targets });
  }

  /** @throws Error once the model or its engine has been disposed */
  checkAlive(): void {
    this.#allocations.checkLive();
  }

  /** Forgets all programs and gives back all memory of the model. */
  dispose(): void {
    this.#entries.length = 0;
    this.#allocations.releaseAll();
  }

  #make(kind: ProgramKind): ReadyProgram {
    const planned = new ProgramPlan(this.#parts, kind);
    // The network is the user's function, which may have disposed of the model.
    this.checkAlive();
    this.#reserve(planned);
    const entry = this.#place(planned);
    this.#entries.unshift(entry);
    if (this.#entries.length > KEPT) this.#free(this.#entries.pop()!);
    return entry.ready;
  }

  /** Enlarges arena and scratch; programs that were placed before are written anew. */
  #reserve({ plan, kind }: ProgramPlan): void {
    const what = `batch of ${kind.rows}`;
    const wanted = [
      [this.#arena, plan.arenaBytes],
      [this.#scratch, plan.scratchBytes],
    ] as const;
    const short = wanted.filter(([region, bytes]) => region.isTooSmall(bytes));
    if (short.length === 0) return;
    const total = short.reduce((sum, [, bytes]) => sum + align(bytes), 0);
    this.#parts.runtime.heap.reserve(total, what);
    for (const [region, bytes] of short) region.ensureCapacity(bytes, what);
    for (const entry of this.#entries) {
      this.#free(entry);
      Object.assign(entry, this.#place(entry.planned));
    }
  }

  #place(planned: ProgramPlan): Entry {
    const { runtime } = this.#parts;
    const { plan, kind } = planned;
    const what = `program for a batch of ${kind.rows}`;
    const constants = this.#allocations.allocate("scratch", plan.constantBytes, what);
    const bases: Bases = { arena: this.#arena.address, scratch: this.#scratch.address, constants };
    const jobs = planned.jobs(bases);
    const at = this.#allocations.allocate("scratch", programBytes(jobs), what);
    plan.writeConstants(runtime, bases);
    const program = new Program(runtime, jobs, at);
    const check = (): void => {
      planned.check(bases);
    };
    const ready = { kind, program, check, ...planned.places(bases) };
    return { planned, ready, regions: [constants, at] };
  }

  #free({ regions }: Entry): void {
    for (const region of regions) this.#allocations.release(region);
  }
}
