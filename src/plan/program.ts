import { HEADER_WORDS } from "../../build/constants.ts";
import type { Job } from "../graph/node.ts";
import type { Runtime } from "../wasm/runtime.ts";
import { chunksFor, wakesThreads } from "./cost.ts";

/** Bytes that instructions take in memory. */
export function programBytes(jobs: readonly Job[]): number {
  return jobs.reduce(
    (sum, { instruction }) => sum + 4 * (instruction.length - 1 + HEADER_WORDS),
    0,
  );
}

/** Instructions in linear memory, ready to run. The caller owns the memory. */
export class Program {
  readonly #runtime: Runtime;
  readonly #run: Runtime["kernels"]["runProgram"];
  readonly #address: number;
  readonly #end: number;
  /** Whether it is worth more threads than one. */
  readonly #isWide: boolean;
  /** Where each instruction's own words start, in words. */
  readonly #words: number[] = [];

  /** Writes the instructions to `address`, which has programBytes(jobs). */
  constructor(runtime: Runtime, jobs: readonly Job[], address: number) {
    this.#runtime = runtime;
    this.#run = runtime.kernels.runProgram;
    this.#address = address;
    this.#end = address + programBytes(jobs);
    const { threadCount } = runtime;
    const { words } = runtime.heap;
    let at = address / 4;
    let shared = 0;
    for (const { instruction, work } of jobs) {
      const [unpack, ...own] = instruction;
      const bytes = 4 * (own.length + HEADER_WORDS);
      const chunks = chunksFor(work, threadCount);
      words.set([runtime.index(unpack), bytes, chunks], at);
      words.set(
        own.map((word) => runtime.number(word)),
        at + HEADER_WORDS,
      );
      this.#words.push(at + HEADER_WORDS);
      at += bytes / 4;
      if (chunks > 1) shared += work;
    }
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

  /** Overwrites one word of an instruction. */
  patch(instruction: number, word: number, value: number): void {
    this.#runtime.heap.words[this.#words[instruction]! + word] = value;
  }
}
