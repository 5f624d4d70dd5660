import { HEADER_WORDS } from "../../build/constants.ts";
import type { FunctionName } from "../../src/wasm/build.ts";
import type { Instruction } from "../../src/wasm/instruction.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { expectSameBits } from "./expect.ts";

/** 32-bit words of memory that an instruction writes. */
export interface Written {
  readonly at: number;
  readonly count: number;
}

/** An instruction over operands that are in the arena, and plain kernel calls that do the same. */
export interface Prepared {
  readonly instruction: Instruction;
  readonly written: readonly Written[];
  plain(): void;
}

/** Puts functions of an arena into the function table. */
export class FunctionTable {
  readonly #arena: Arena;
  readonly #indices = new Map<FunctionName, number>();

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Returns the index of a function, for call_indirect. */
  index(name: FunctionName): number {
    const known = this.#indices.get(name);
    if (known !== undefined) return known;
    const { table } = this.#arena.kernels;
    const index = table.grow(1);
    table.set(index, this.#arena.kernels[name]);
    this.#indices.set(name, index);
    return index;
  }

  /** The words of instructions one after the other. */
  program(instructions: readonly Instruction[]): Uint32Array {
    return Uint32Array.from(
      instructions.flatMap(([unpack, ...words]) => {
        const own = words.map((word) => (typeof word === "string" ? this.index(word) : word));
        return [this.index(unpack), 4 * (HEADER_WORDS + own.length), 1, ...own.map(Number)];
      }),
    );
  }

  /** Runs instructions in order, a chunk of each for each of some chunks. */
  run(instructions: readonly Instruction[], chunks: readonly number[] = [0], of = 1): void {
    const program = this.program(instructions);
    const at = this.#arena.input(program);
    for (const chunk of chunks) {
      this.#arena.kernels.runProgram(at, at + program.byteLength, chunk, of);
    }
  }
}

/** All words that an instruction writes. */
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
 * Runs an instruction cut into 1, 2, 3, 4 and 8 chunks, each by itself from the same beginning.
 * @throws if two chunks write one word, or they together give other bits than the plain kernels
 */
export function checkChunks(
  arena: Arena,
  table: FunctionTable,
  prepared: Prepared,
  what = "",
): void {
  const { instruction, written } = prepared;
  const program = table.program([instruction]);
  const at = arena.input(program);
  const start = collect(arena, written);
  prepared.plain();
  const expected = collect(arena, written);
  for (const chunks of [1, 2, 3, 4, 8]) {
    const merged = start.slice();
    for (let chunk = 0; chunk < chunks; chunk++) {
      restore(arena, written, start);
      arena.kernels.runProgram(at, at + program.byteLength, chunk, chunks);
      collect(arena, written).forEach((word, i) => {
        if (word === start[i]) return;
        if (merged[i] !== start[i]) {
          throw new Error(`${what}: two of ${chunks} chunks write word ${i}`);
        }
        merged[i] = word;
      });
    }
    expectSameBits(merged, expected, `${what}, ${chunks} chunks`);
    arena.checkCanaries();
  }
}

/** Counts of elements, and of rows: around those by which instructions are cut, and some more. */
export const counts = [0, 1, 15, 16, 17, 31, 33, 100, 1000];
export const rowCounts = [0, 1, 2, 3, 5, 8, 17, 50];

/** checkChunks for each of some sizes, operands at another place within a vector each time. */
export function checkSizes(
  arena: Arena,
  table: FunctionTable,
  sizes: readonly number[],
  prepare: (size: number) => Prepared,
): void {
  for (const size of sizes) {
    arena.reset({ shift: size % 4 });
    checkChunks(arena, table, prepare(size), `${size}`);
  }
}
