import type { KernelName } from "../../src/wasm/build.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { expectSameBits } from "./expect.ts";

/** Words before a record's arguments. */
const HEADER_WORDS = 3;

/** 32-bit words of memory that a record writes. */
export interface Written {
  readonly at: number;
  readonly count: number;
}

/** A record over operands that are in the arena, and plain kernel calls that do the same. */
export interface Prepared {
  readonly record: readonly [KernelName, ...number[]];
  readonly written: readonly Written[];
  plain(): void;
}

/** Puts kernels of an arena into the function table. */
export class KernelTable {
  readonly #arena: Arena;
  readonly #indices = new Map<KernelName, number>();

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Where a kernel stands, for call_indirect. */
  index(name: KernelName): number {
    const known = this.#indices.get(name);
    if (known !== undefined) return known;
    const { table } = this.#arena.kernels;
    const index = table.grow(1);
    table.set(index, this.#arena.kernels[name]);
    this.#indices.set(name, index);
    return index;
  }

  /** The words of records one after the other. */
  program(records: readonly (readonly [KernelName, ...number[]])[]): Uint32Array {
    return Uint32Array.from(
      records.flatMap(([name, ...args]) => {
        return [this.index(name), 4 * (HEADER_WORDS + args.length), 1, ...args];
      }),
    );
  }
}

/** The word of a float argument. */
export function floatWord(x: number): number {
  return new Uint32Array(Float32Array.of(x).buffer)[0]!;
}

/** All words that a record writes. */
function collect(arena: Arena, written: readonly Written[]): Uint32Array {
  return Uint32Array.from(written.flatMap(({ at, count }) => [...arena.raw(at, count)]));
}

function restore(arena: Arena, written: readonly Written[], words: Uint32Array): void {
  let from = 0;
  for (const { at, count } of written) {
    new Uint32Array(arena.memory.buffer, at, count).set(words.subarray(from, from + count));
    from += count;
  }
}

/**
 * Runs a record cut into 1, 2, 3, 4 and 8 parts, each part by itself from the same beginning.
 * @throws if two parts write one word, or they together give other bits than the plain kernels
 */
export function checkParts(arena: Arena, table: KernelTable, prepared: Prepared, what = ""): void {
  const { record, written } = prepared;
  const program = table.program([record]);
  const at = arena.input(program);
  const start = collect(arena, written);
  prepared.plain();
  const expected = collect(arena, written);
  for (const parts of [1, 2, 3, 4, 8]) {
    const merged = start.slice();
    for (let part = 0; part < parts; part++) {
      restore(arena, written, start);
      arena.kernels.run(at, at + program.byteLength, part, parts);
      collect(arena, written).forEach((word, i) => {
        if (word === start[i]) return;
        if (merged[i] !== start[i])
          throw new Error(`${what}: two of ${parts} parts write word ${i}`);
        merged[i] = word;
      });
    }
    expectSameBits(merged, expected, `${what}, ${parts} parts`);
    arena.checkCanaries();
  }
}

/** Counts of elements, and of rows: around those by which records are cut, and some more. */
export const counts = [0, 1, 15, 16, 17, 31, 33, 100, 1000];
export const rowCounts = [0, 1, 2, 3, 5, 8, 17, 50];

/** checkParts for each of some sizes, its operands at another place within a vector each time. */
export function checkSizes(
  arena: Arena,
  table: KernelTable,
  sizes: readonly number[],
  prepare: (size: number) => Prepared,
): void {
  for (const size of sizes) {
    arena.reset({ shift: size % 4 });
    checkParts(arena, table, prepare(size), `${size}`);
  }
}
