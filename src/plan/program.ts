import type { RecordWords } from "../graph/node.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** Words before a record's arguments: the kernel's table index and the record's bytes. */
const HEADER_WORDS = 2;

/** Bytes that records take in memory. */
export function programBytes(records: readonly RecordWords[]): number {
  return records.reduce((sum, record) => sum + 4 * (record.length - 1 + HEADER_WORDS), 0);
}

/** Records in linear memory, ready to run. The caller owns the memory. */
export class Program {
  readonly #runtime: Runtime;
  readonly #run: Runtime["kernels"]["run"];
  readonly #address: number;
  readonly #end: number;
  /** Where each record's arguments start, in words. */
  readonly #arguments: number[] = [];

  /** Writes the records to `address`, which has programBytes(records). */
  constructor(runtime: Runtime, records: readonly RecordWords[], address: number) {
    this.#runtime = runtime;
    this.#run = runtime.kernels.run;
    this.#address = address;
    this.#end = address + programBytes(records);
    const { words } = runtime.heap;
    let at = address / 4;
    for (const [kernel, ...args] of records) {
      const record = [runtime.index(kernel), 4 * (args.length + HEADER_WORDS), ...args];
      words.set(record, at);
      this.#arguments.push(at + HEADER_WORDS);
      at += record.length;
    }
  }

  /** One pass over the records: a single WebAssembly call. */
  run(): void {
    this.#run(this.#address, this.#end, 0, 1);
  }

  /** Overwrites one argument of a record. */
  patch(record: number, argument: number, word: number): void {
    this.#runtime.heap.words[this.#arguments[record]! + argument] = word;
  }
}
