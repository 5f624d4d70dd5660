import type { Kernel, Parameter } from "../../scripts/abi/read.ts";
import {
  type ElementType,
  type Extent,
  type Operand,
  evaluate,
  operandOf,
  rangeOf,
} from "../../scripts/abi/operand.ts";

/** Random arguments for a kernel, within what its docstring says of them. */

/** Numbers in [0, 1). */
export type Next = () => number;

/** Addresses of operands that are placed already, by their names. */
export type Addresses = Readonly<Record<string, number>>;

/** An operand of a call: rows of `cols` elements, `stride` elements apart. */
export interface Drawn {
  readonly name: string;
  readonly access: Operand["access"];
  readonly rows: number;
  readonly cols: number;
  readonly stride: number;
  readonly type: ElementType;
  /** Content, unless it is written or scratch; addresses in it are those of other operands. */
  readonly content?: NumberArray | ((addresses: Addresses) => NumberArray);
  /** Others that it may be the same array as. */
  readonly mayBe: readonly string[];
  /** True if it is left out: its address is 0. */
  readonly isNone: boolean;
}

export type NumberArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

/** A call: numbers by the arguments' names, and operands in the order in which they are placed. */
export interface Call {
  readonly values: Record<string, number>;
  readonly operands: readonly Drawn[];
}

/** Length up to which there is an edge of every kind. */
const SHORT = 10;

/** A few vectors, and more than a cache line. */
const LONG = 70;

/** Returns one of some items. */
export function pick<T>(items: readonly T[], next: Next): T {
  return items[Math.floor(next() * items.length)]!;
}

/** Mostly short, now and then long. */
export function drawLength(next: Next, least = 0, longest = LONG): number {
  return least + Math.floor(next() * (next() < 0.1 ? longest : SHORT));
}

export function drawFloats(length: number, next: Next): Float32Array<ArrayBuffer> {
  // Where every formula is finite, so that a NaN that comes out was read outside.
  return Float32Array.from({ length }, () => 0.05 + 0.9 * next());
}

export function drawIntegers(length: number, below: number, next: Next): Int32Array<ArrayBuffer> {
  return Int32Array.from({ length }, () => Math.floor(next() * below));
}

/** Draws a number, and before it those that its range depends on. */
function drawNumber(
  { name, type, text }: Parameter,
  values: Record<string, number>,
  next: Next,
  others: readonly Parameter[],
): number {
  const known = values[name];
  if (known !== undefined) return known;
  const valueOf = (expression: string): number => {
    for (const other of others) {
      if (!new RegExp(`\\b${other.name}\\b`).test(expression) || other.name === name) continue;
      drawNumber(other, values, next, others);
    }
    return evaluate(expression, values);
  };
  // One long length is enough, and two would fill the memory.
  const longest = Object.values(values).some((value) => value > SHORT) ? SHORT : LONG;
  values[name] = drawType(type, text, valueOf, () => drawLength(next, 0, longest), next);
  return values[name];
}

function drawType(
  type: string,
  text: string,
  valueOf: (expression: string) => number,
  length: () => number,
  next: Next,
): number {
  if (type === "bool") return Math.floor(2 * next());
  if (type === "u32") return Math.floor(2 ** 32 * next());
  if (type !== "i32") return 0.05 + 0.9 * next();
  const { least = "0", most, multipleOf = "1", isStep } = rangeOf(text);
  if (isStep) return Math.floor(2 * next());
  const unit = valueOf(multipleOf);
  if (most === undefined) return (valueOf(least) + length()) * unit;
  return Math.floor((next() * (valueOf(most) + 1)) / unit) * unit;
}

/** Numbers in rows, NaN between them. */
function drawContent(
  { type, rows, cols, stride }: Pick<Drawn, "type" | "rows" | "cols" | "stride">,
  below: number | undefined,
  next: Next,
): NumberArray {
  const length = extentOf({ rows, cols, stride });
  if (below === undefined) {
    const floats = drawFloats(length, next).map((x, i) => (i % stride < cols ? x : NaN));
    return type === "f64" ? Float64Array.from(floats) : floats;
  }
  const integers = drawIntegers(length, below, next);
  return type === "f32" ? Float32Array.from(integers) : integers;
}

/** Returns the extent of an operand with these arguments. */
function extentIn({ otherwise, ...extent }: Operand, values: Record<string, number>): Extent {
  if (!otherwise) return extent;
  const isZero = values[otherwise.where] === 0;
  return isZero === otherwise.isZero ? otherwise.extent : extent;
}

function drawOperand(
  name: string,
  operand: Operand,
  values: Record<string, number>,
  next: Next,
): Drawn {
  const { access, below, mayBe, optional } = operand;
  const extent = extentIn(operand, values);
  const lengths = extent.dimensions.map((dimension) => evaluate(dimension, values));
  const cols = lengths.pop()!;
  const rows = lengths.reduce((product, length) => product * length, 1);
  const stride = operand.stride === undefined ? cols : evaluate(operand.stride, values);
  const isNone = optional && next() < 1 / 3;
  const drawn = { name, access, rows, cols, stride, type: extent.type, mayBe, isNone };
  if (access === "writes" || access === "scratch") return drawn;
  const bound = below === undefined ? undefined : evaluate(below, values);
  return { ...drawn, content: drawContent(drawn, bound, next) };
}

/** Elements from an operand's first to its last. */
export function extentOf({ rows, cols, stride }: Pick<Drawn, "rows" | "cols" | "stride">): number {
  return rows > 0 && cols > 0 ? (rows - 1) * stride + cols : 0;
}

/**
 * A call of a kernel; one of its optional operands in three is left out.
 * @param values numbers that are given
 * @param given operands that its docstring cannot describe
 * @throws Error if there are others
 */
export function drawCall(
  { name, parameters }: Pick<Kernel, "name" | "parameters">,
  next: Next,
  values: Record<string, number> = {},
  given: readonly Drawn[] = [],
): Call {
  const numbers = parameters.filter(({ type }) => type !== "usize");
  for (const parameter of numbers) drawNumber(parameter, values, next, numbers);
  const operands = [...given];
  for (const { name: operandName, type, text } of parameters) {
    if (type !== "usize" || given.some((drawn) => drawn.name === operandName)) continue;
    const operand = operandOf(text);
    if (!operand) throw new Error(`${name}: no shape for ${operandName} in "${text}"`);
    operands.push(drawOperand(operandName, operand, values, next));
  }
  return { values, operands };
}
