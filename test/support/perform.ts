import type { Kernel } from "../../scripts/abi/read.ts";
import { type Arena, type Layout, POISON } from "../../src/verify/arena.ts";
import { type Addresses, type Call, type Drawn, extentOf } from "./draw.ts";

/** Runs a drawn call in an arena, and looks at every word of it. */

/** 4-byte words of an element. */
export const WORDS = { f32: 1, i32: 1, u32: 1, f64: 2 };

/** Words that came out, by operand; unwritten ones where only a part was asked for. */
export type Results = ReadonlyMap<string, Uint32Array>;

interface Options {
  readonly layout: Layout;
  /** Operands that are to be others: the first is the second's array. */
  readonly alias?: readonly [string, string];
  /** True if some words of what is written may stay as they are. */
  readonly isPart?: boolean;
}

/** Places the operands, and returns their addresses. */
export function place(
  arena: Arena,
  { operands }: Call,
  { alias }: Pick<Options, "alias"> = {},
): Addresses {
  const addresses: Record<string, number> = {};
  for (const drawn of operands) {
    const { name, access, content, type, isNone } = drawn;
    if (isNone || name === alias?.[0]) continue;
    const held = typeof content === "function" ? content(addresses) : content;
    const isWritten = access === "updates" || name === alias?.[1];
    if (!held) addresses[name] = arena.output(extentOf(drawn) * WORDS[type]);
    else addresses[name] = isWritten ? arena.inout(held) : arena.input(held);
  }
  if (alias) addresses[alias[0]] = addresses[alias[1]]!;
  return addresses;
}

/** The words of an operand's rows. @throws if what is between them was changed */
function rowsOf(
  { name, cols, stride }: Drawn,
  before: Uint32Array,
  after: Uint32Array,
): Uint32Array {
  if (stride === cols) return after;
  const touched = after.findIndex((word, i) => i % stride >= cols && word !== before[i]);
  if (touched >= 0) throw new Error(`${name}: word ${touched} between rows was written`);
  return after.filter((_, i) => i % stride < cols);
}

/** @throws if a word is NaN, which nothing that goes in is, or was never written */
function checkWritten({ name, type }: Drawn, words: Uint32Array, isPart: boolean): void {
  words.forEach((word, i) => {
    if (word === POISON && isPart) return;
    if (word === POISON) throw new Error(`${name}: element ${i} was never written`);
    const isNaN = type === "f32" && (word & 0x7fffffff) > 0x7f800000;
    if (isNaN) throw new Error(`${name}: element ${i} is NaN`);
  });
}

/**
 * Runs a kernel, and gives what it wrote.
 * @throws if it writes anywhere else, leaves an element out, or lets a NaN in from outside
 */
export function perform(arena: Arena, kernel: Kernel, call: Call, options: Options): Results {
  arena.reset(options.layout);
  const addresses = place(arena, call, options);
  const written = call.operands.filter(({ name, access, isNone }) => {
    const isOutput = access === "writes" || access === "updates";
    return isOutput && !isNone && name !== options.alias?.[1];
  });
  const look = (drawn: Drawn) => arena.raw(addresses[drawn.name]!, extentOf(drawn));
  const before = written.map(look);
  const args = kernel.parameters.map(({ name, type }) => {
    return type === "usize" ? (addresses[name] ?? 0) : call.values[name]!;
  });
  const run: (...args: number[]) => unknown = arena.kernels[kernel.name as "relu"];
  run(...args);
  arena.checkCanaries();
  return new Map(
    written.map((drawn, i) => {
      const words = rowsOf(drawn, before[i]!, look(drawn));
      checkWritten(drawn, words, options.isPart ?? false);
      return [drawn.name, words];
    }),
  );
}
