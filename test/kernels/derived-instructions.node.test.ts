import { beforeAll, describe, expect, it } from "vitest";
import { type Instruction as Declared, declared } from "../../scripts/abi/instruction.ts";
import { evaluate } from "../../scripts/abi/operand.ts";
import { type Kernel, readDeclarations } from "../../scripts/abi/read.ts";
import type { FunctionName } from "../../src/wasm/build.ts";
import { float } from "../../src/wasm/instruction.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { generator } from "../../src/verify/numbers.ts";
import { createArena } from "../support/arena.ts";
import { type Call, type Next, drawCall, extentOf } from "../support/draw.ts";
import { FunctionTable, type Prepared, checkChunks } from "../support/instructions.ts";
import { WORDS, place } from "../support/perform.ts";

/** Instructions that are made from docstrings: in any number of chunks they do what their kernel does. */

/** Random calls of each kernel. */
const CASES = 25;

/** Lengths along which instructions are cut: around cache lines, and some of them. */
const LENGTHS = [0, 1, 15, 16, 17, 33, 100];

const derived = declared(readDeclarations()).filter(({ unpacked }) => unpacked.by === "docstring");

let arena: Arena;
let table: FunctionTable;
beforeAll(async () => {
  arena = await createArena();
  table = new FunctionTable(arena);
});

/** A call of a kernel, and the number of what its instruction is cut along. */
interface Drawn {
  readonly call: Call;
  readonly length: number;
}

function draw({ parameters, instruction, state, ...kernel }: Kernel, next: Next): Drawn {
  const along = instruction?.cut?.along ?? "";
  const cut = parameters.find(({ name }) => name === along);
  const length = LENGTHS[Math.floor(next() * LENGTHS.length)]!;
  const hasRange = parameters.some(({ name }) => name === "to");
  // What getters give, where all that the kernel does not take is 1.
  const getters = Object.fromEntries((state?.class.getters ?? []).map((name) => [name, 1]));
  const isFree = cut !== undefined && !cut.text.includes("multiple of");
  const given = { ...getters, ...(hasRange && { from: 0, to: length }) };
  const whole = { ...kernel, parameters };
  if (!hasRange) {
    const call = drawCall(whole, next, isFree ? { ...given, [along]: length } : given);
    return { call, length };
  }
  if (/^\w+$/.test(along) && !cut) return { call: drawCall(whole, next, given), length };
  const { values } = drawCall(whole, next, { ...getters, from: 0 });
  const to = evaluate(along, values);
  return { call: drawCall(whole, next, { ...values, to }), length: to };
}

/** The address of a state whose members are what the kernel is called with, or 1. */
function placeState({ state }: Kernel, values: Call["values"]): number {
  const numbers = state!.class.fields.map(({ name }) => values[name] ?? 1);
  const isWide = state!.class.fields.every(({ type }) => type === "f64");
  return arena.input(isWide ? Float64Array.from(numbers) : Uint32Array.from(numbers));
}

function prepare({ words }: Declared, kernel: Kernel, { call, length }: Drawn): Prepared {
  const addresses = place(arena, call);
  const args = kernel.parameters.map(({ name, type }) => {
    return type === "usize" ? (addresses[name] ?? 0) : call.values[name]!;
  });
  const named = new Map(
    kernel.parameters.map(({ name, type }, i) => [
      name,
      type === "f32" ? float(args[i]!) : args[i]!,
    ]),
  );
  const members = new Set([
    ...(kernel.state?.class.fields.map(({ name }) => name) ?? []),
    ...(kernel.state?.class.getters ?? []),
    ...["from", "to"],
  ]);
  const own = kernel.parameters.filter(({ name }) => !members.has(name));
  const values = own.map(({ name }) => named.get(name)!);
  const rest = words.slice(words[0]?.type === "kernel" ? 1 : 0).slice(own.length);
  for (const { name } of rest) {
    values.push(name === kernel.state?.name ? placeState(kernel, call.values) : length);
  }
  if (words[0]?.type === "kernel") values.unshift(table.index(kernel.name as FunctionName));
  const run: (...args: number[]) => unknown = arena.kernels[kernel.name as "relu"];
  return {
    instruction: [`${kernel.instruction!.name as "map"}Instruction`, ...values],
    written: call.operands
      .filter(({ access, isNone }) => (access === "writes" || access === "updates") && !isNone)
      .map((drawn) => ({ at: addresses[drawn.name]!, count: extentOf(drawn) * WORDS[drawn.type] })),
    plain: () => void run(...args),
  };
}

describe.each(derived.map((one) => [one.name, one] as const))("%s", (_, instruction) => {
  it.each(instruction.kernels.map((kernel) => [kernel.name, kernel] as const))(
    "by %s",
    (name, kernel) => {
      const next = generator(name.length);
      let written = 0;
      for (let i = 0; i < CASES; i++) {
        arena.reset({ shift: i % 4 });
        const prepared = prepare(instruction, kernel, draw(kernel, next));
        written += prepared.written.reduce((sum, { count }) => sum + count, 0);
        checkChunks(arena, table, prepared, `case ${i}`);
      }
      expect(written).toBeGreaterThan(0);
    },
  );
});
