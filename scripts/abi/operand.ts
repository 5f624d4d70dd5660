/**
 * Reads the text that a docstring in assembly/ has for an argument. E in the grammar is a product of
 * numbers, other arguments and whole quotients (NAME / NUMBER), or a difference of two:
 *
 *   operand: reads|writes|updates|scratch TYPE[E, E] [, or TYPE[E, E] where NAME [is 0]]
 *            [, each below E] [; rows E apart] [; none if 0] [; may be NAME [or NAME]] [text]
 *   number:  text with "at least E", "at most E", "a multiple of E" or "1, or 0"
 */

export type Access = "reads" | "writes" | "updates" | "scratch";

export type ElementType = "f32" | "f64" | "i32" | "u32";

/** Type of elements, and their number: rows and columns, or one dimension. */
export interface Extent {
  readonly type: ElementType;
  readonly dimensions: readonly string[];
}

/** An array in memory that an argument points at. */
export interface Operand extends Extent {
  readonly access: Access;
  /** Another extent that it has if an argument is true, or is 0. */
  readonly otherwise?: {
    readonly where: string;
    readonly isZero: boolean;
    readonly extent: Extent;
  };
  /** Bound that its integers are below. */
  readonly below?: string;
  /** Elements from row to row, where that is not a row's length. */
  readonly stride?: string;
  readonly optional: boolean;
  /** The arguments that it may be the same array as. */
  readonly mayBe: readonly string[];
}

/** Values that a number may have. */
export interface Range {
  readonly least?: string;
  readonly most?: string;
  readonly multipleOf?: string;
  readonly isStep: boolean;
}

/** Arguments by their names. */
export type Values = Readonly<Record<string, number>>;

function extent(text: string): Extent {
  const [, type, dimensions] = /^(\w+)\[(.+)\]$/.exec(text)!;
  return { type: type as ElementType, dimensions: dimensions!.split(", ") };
}

function parseOperand(text: string): Operand | undefined {
  const shape = String.raw`[fiu]\d+\[[^\]]+\]`;
  const start = new RegExp(`^(reads|writes|updates|scratch) (${shape})`).exec(text);
  if (!start) return undefined;
  const other = new RegExp(`, or (${shape}) where (\\w+)( is 0)?`).exec(text);
  const [, where, isZero] = other ? [0, other[2]!, other[3] !== undefined] : [];
  const mayBe = /; may be (\w+)(?: or (\w+))?/.exec(text)?.slice(1) ?? [];
  return {
    access: start[1] as Access,
    ...extent(start[2]!),
    ...(other && { otherwise: { where: where!, isZero: isZero!, extent: extent(other[1]!) } }),
    ...named("below", /, each below (\w+)/.exec(text)),
    ...named("stride", /; rows (\w+) apart/.exec(text)),
    optional: text.includes("; none if 0"),
    mayBe: mayBe.filter((name) => name !== undefined),
  };
}

function parseRange(text: string): Range {
  const expression = String.raw`(\w+(?: [*-] \w+)*)`;
  return {
    ...named("least", new RegExp(`at least ${expression}`).exec(text)),
    ...named("most", new RegExp(`at most ${expression}`).exec(text)),
    ...named("multipleOf", new RegExp(`a multiple of ${expression}`).exec(text)),
    isStep: text.startsWith("1, or 0"),
  };
}

/** Texts that were parsed, as tests ask for the same ones a hundred thousand times. */
const operands = new Map<string, Operand | undefined>();
const ranges = new Map<string, Range>();

function memo<T>(known: Map<string, T>, text: string, parse: (text: string) => T): T {
  if (!known.has(text)) known.set(text, parse(text));
  return known.get(text)!;
}

/** The operand that a text describes; undefined if it says nothing of an array's shape. */
export function operandOf(text: string): Operand | undefined {
  return memo(operands, text, parseOperand);
}

/** The range that a number's text describes. */
export function rangeOf(text: string): Range {
  return memo(ranges, text, parseRange);
}

/** Returns the first group of a match under a name, or an empty object without a match. */
function named<K extends string>(
  key: K,
  match: RegExpExecArray | null,
): Readonly<Partial<Record<K, string>>> {
  return (match ? { [key]: match[1]! } : {}) as Partial<Record<K, string>>;
}

/** A number, an argument, or an argument over a number, rounded down. */
function factorOf(factor: string, values: Values): number | undefined {
  if (/^\d+$/.test(factor)) return Number(factor);
  const [name, divisor = 1] = factor.split(" / ");
  const value = values[name!];
  return value === undefined ? undefined : Math.floor(value / Number(divisor));
}

/** Returns the value of an expression. @throws RangeError if it names an unknown argument */
export function evaluate(expression: string, values: Values): number {
  const [first, ...rest] = expression.split(" - ").map((product) =>
    product.split(" * ").reduce((result, factor) => {
      const value = factorOf(factor, values);
      if (value === undefined) throw new RangeError(`${expression}: there is no ${factor}`);
      return result * value;
    }, 1),
  );
  return rest.reduce((difference, product) => difference - product, first!);
}
