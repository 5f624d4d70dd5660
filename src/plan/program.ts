import type { Job } from "../graph/node.ts";
import type { Runtime } from "../wasm/runtime.ts";
import { partsFor, wakesThreads } from "./cost.ts";

/** Words before a record's arguments: the kernel's table index, the record's bytes and its parts. */
const HEADER_WORDS = 3;

/** Bytes that records take in memory. */
export function programBytes(jobs: readonly Job[]): number {
  return jobs.reduce((sum, { record }) => sum + 4 * (record.length - 1 + HEADER_WORDS), 0);
}

/** Records in linear memory, ready to run. The caller owns the memory. */
export class Program {
  readonly #runtime: Runtime;
  readonly #run: Runtime["kernels"]["run"];
  readonly #address: number;
  readonly #end: number;
  /** Whether it is worth more threads than one. */
  readonly #isWide: boolean;
  /** Where each record's arguments start, in words. */
  readonly #arguments: number[] = [];

  /** Writes the records to `address`, which has programBytes(jobs). */
  constructor(runtime: Runtime, jobs: readonly Job[], address: number) {
    this.#runtime = runtime;
    this.#run = runtime.kernels.run;
    this.#address = address;
    this.#end = address + programBytes(jobs);
    const { threadCount } = runtime;
    const { words } = runtime.heap;
    let at = address / 4;
    let shared = 0;
    for (const { record, work } of jobs) {
      const [kernel, ...args] = record;
      const bytes = 4 * (args.length + HEADER_WORDS);
      const parts = partsFor(work, threadCount);
      words.set([runtime.index(kernel), bytes, parts, ...args], at);
      this.#arguments.push(at + HEADER_WORDS);
      at += bytes / 4;
      if (parts > 1) shared += work;
    }
    this.#isWide = wakesThreads(shared);
  }

  /**
   * One pass over the records: a single WebAssembly call, on all threads where that is worth it.
   * @throws ThreadError if a thread has been lost; the pass is then half done, and the next one has a
   * single thread
   */
  run(): void {
    const { pool } = this.#runtime;
    if (this.#isWide && pool) pool.run(this.#address, this.#end);
    else this.#run(this.#address, this.#end, 0, 1);
  }

  /** Overwrites one argument of a record. */
  patch(record: number, argument: number, word: number): void {
    this.#runtime.heap.words[this.#arguments[record]! + argument] = word;
  }
}
