import { beforeAll, describe, expect, it } from "vitest";
import { float, instruction } from "../../src/wasm/instruction.ts";
import { INSTRUCTION, STOPPED } from "../../src/threads/control-block.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { floats } from "../../src/verify/numbers.ts";
import { build, createArena } from "../support/arena.ts";
import { FunctionTable } from "../support/instructions.ts";

/** Programs that threads share. They take turns here; in test/threads they run at the same time. */

const THREADS = 3;
const ELEMENTS = 1000;

/** Words of the control block, see assembly/chunk-queue.ts. */
const [TAKEN, FINISHED, WORDS] = [0, 16, 64];

let arena: Arena;
let table: FunctionTable;
beforeAll(async () => {
  arena = await createArena();
  table = new FunctionTable(arena);
});

/** Starts y = relu(x) in a number of chunks, between two sums of one chunk each. */
function start(chunks: number) {
  arena.reset();
  const control = arena.inout(new Uint32Array(WORDS));
  const x = arena.input(floats(ELEMENTS, 1));
  const [y, before, after] = [arena.output(ELEMENTS), arena.output(1), arena.output(1)];
  const sum = (x: number, y: number) =>
    instruction("sum", { x, y, outer: 1, axis: ELEMENTS, inner: 1, scale: float(1) });
  const program = table.program([
    sum(x, before),
    instruction("map", { kernel: "relu", x, y, n: ELEMENTS, parameter: float(0) }),
    sum(y, after),
  ]);
  const shared = program[1]! / 4;
  program[shared + 2] = chunks;
  const at = arena.input(program);
  const offered = at + 4 * shared;
  const words = new Int32Array(arena.memory.buffer, control, WORDS);
  const { kernels } = arena;
  kernels.startProgram(control, at, at + program.byteLength);
  return {
    words,
    offered,
    help: (thread: number) => kernels.helpProgram(control, thread, THREADS, 3, 0),
    check(this: void) {
      arena.checkCanaries();
      const positive = arena.floats(x, ELEMENTS).map((value) => Math.max(value, 0));
      expect(arena.floats(y, ELEMENTS)).toEqual(positive);
      const total = positive.reduce((whole, value) => whole + value);
      expect(arena.floats(after, 1)[0]).toBeCloseTo(total, 2);
    },
  };
}

describe.runIf(build === "threads")("a program on several threads", () => {
  it.each([2, 3, 8, 31, 32])("is done by one where no other comes: %d chunks", (chunks) => {
    const { words, offered, help, check } = start(chunks);
    expect([words[TAKEN], words[INSTRUCTION]]).toEqual([chunks === 32 ? 0 : -1 << chunks, offered]);
    expect(help(1)).toBe(0);
    check();
    expect([words[TAKEN], words[INSTRUCTION], words[FINISHED]]).toEqual([0, 0, 0]);
  });

  it.each([0, 1, 2])("waits for a chunk that another thread has taken: thread %d", (thread) => {
    const { words, offered, help, check } = start(6);
    words[TAKEN]! |= 1 << 2;
    expect(help(thread)).toBe(offered);
    expect([words[TAKEN], words[FINISHED]]).toEqual([-1, 5]);
    expect(check).toThrow("was never written");
    // As if the other thread gave it back: whoever does the last chunk goes on with the program.
    words[TAKEN]! &= ~(1 << 2);
    expect(help(thread)).toBe(0);
    check();
  });

  it("is left when threads are told to stop", () => {
    const { words, help, check } = start(4);
    words[INSTRUCTION] = STOPPED;
    expect(help(0)).toBe(STOPPED);
    expect(words[FINISHED]).toBe(0);
    expect(check).toThrow("was never written");
  });
});

describe.runIf(build !== "threads")("a program on the threads of another build", () => {
  it("is not started", () => {
    arena.reset();
    const control = arena.input(new Uint32Array(WORDS));
    arena.kernels.startProgram(control, 64, 64);
    expect(arena.kernels.helpProgram(control, 0, THREADS, 3, 0)).toBe(0);
    arena.checkCanaries();
  });
});
