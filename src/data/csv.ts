import { type Rule, checkOptions, flag, describeValue, oneOf } from "../base/arguments.ts";
import { text as anyText } from "../base/arguments.ts";
import { NUMBER, checkWidth, enlarged, isBlank, numberFault } from "./cells.ts";
import { parseNumber, placeOf, separatorRule, whoOf } from "./cells.ts";
import { countClasses, type LabelledData } from "./dataset.ts";
import { maybeGunzip } from "./gzip.ts";
import { printableData } from "./printable.ts";

/** Options of readCsv. */
export interface CsvOptions {
  /**
   * Column of the labels: its index (negative ones count from the end) or its name; -1 by default.
   */
  label?: number | string;
  /**
   * True if the first row names the columns, false if it is data. By default it is a header if all
   * its cells are texts or empty, or if `label` is a name. A first row with texts and numbers is an
   * error then, because it could be either.
   */
  header?: boolean;
  /** Separator of cells, one character; "," by default. */
  separator?: string;
  /**
   * "class" if labels are class indices, "number" if they are values to regress on; "class" by
   * default.
   */
  target?: "class" | "number";
  /** Name of the file in error messages; "CSV" by default. */
  name?: string;
}

/** Layout of all rows, as the first row settles it. */
interface Layout {
  header: string[] | undefined;
  width: number;
  label: number;
}

const MISSING = /^(?:[+-]?(?:nan|inf|infinity))?$/i;
// The number of classes is one more, and must fit an int32 as well.
const MAX_CLASS = 2 ** 31 - 2;

/**
 * Reads a table of numbers from CSV (RFC 4180, UTF-8), plain or gzipped. Spaces around a number and
 * blank lines at the end are ignored. Error messages count rows and columns from 1; the header is a
 * row, and so is a record whose quotes span lines.
 *
 * @returns `x`: the columns other than the label, as Float32Array; `y`: Int32Array for `target:
 *   "class"`, Float32Array for "number"; `shape`: [columns - 1]
 * @throws TypeError if `input` is neither text nor a Uint8Array, or an option is of another type
 * @throws RangeError if an option is out of range, the file is damaged or has no rows, the first
 *   row holds texts and numbers without the option `header`, a row is longer or shorter than the
 *   first, a cell is not a finite number, or a class is not an integer ≥ 0
 * @example
 * const data = await readCsv("width,height,kind\n1,2,0\n3,4,1");
 * data.x; // Float32Array(4) [ 1, 2, 3, 4 ]
 * data.y; // Int32Array(2) [ 0, 1 ]
 */
export async function readCsv(
  input: string | Uint8Array,
  options: CsvOptions = {},
): Promise<LabelledData> {
  const chosen = checkOptions(whoOf(options, "CSV"), options, {
    label: columnRule,
    header: flag(),
    separator: separatorRule,
    target: oneOf("class", "number"),
    name: anyText(),
  });
  const { name = "CSV", separator = ",", target } = chosen;
  const text = typeof input === "string" ? input : decode(await maybeGunzip(input, name), name);
  const { x, labels } = readTable(withoutBlankEnd(parseRows(text, separator, name)), name, chosen);
  const count = labels.length;
  const shape = [x.length / count];
  if (target === "number") {
    return printableData({ x, y: Float32Array.from(labels), count, shape, classes: 0 });
  }
  const y = Int32Array.from(labels);
  return printableData({ x, y, count, shape, classes: countClasses(y) });
}

const columnRule: Rule = {
  expected: "the index or the name of a column",
  is: (value) => typeof value === "number" || typeof value === "string",
  allows: (value) => typeof value === "string" || Number.isInteger(value),
};

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new RangeError(`${name}: expected UTF-8 text, got other bytes`, { cause });
  }
}

function readTable(rows: Iterable<string[]>, name: string, options: CsvOptions) {
  const labels: number[] = [];
  let x = new Float32Array(1024);
  let used = 0;
  let row = 0;
  let layout: Layout | undefined;
  for (const cells of rows) {
    row++;
    if (layout === undefined) {
      layout = layoutOf(cells, name, options);
      if (layout.header !== undefined) continue;
    }
    const { width, label } = layout;
    checkWidth(name, row, cells, width);
    if (used + width > x.length) x = enlarged(x, used + width);
    for (let column = 0; column < width; column++) {
      const cell = cells[column]!;
      const isClass = column === label && options.target !== "number";
      const value = parseNumber(cell);
      const fault = isClass ? classFault(value) : numberFault(value);
      if (fault !== undefined) {
        const place = placeOf(name, row, column, layout.header);
        throw new RangeError(`${place}: ${fault}, got ${describeValue(cell)}`);
      }
      if (column === label) labels.push(value);
      else x[used++] = value;
    }
  }
  if (labels.length === 0) {
    const got = layout === undefined ? "an empty file" : "only a header";
    throw new RangeError(`${name}: expected rows of numbers, got ${got}`);
  }
  return { x: x.slice(0, used), labels };
}

function layoutOf(first: string[], name: string, options: CsvOptions): Layout {
  const { label = -1 } = options;
  const width = first.length;
  if (width < 2) {
    const got = isBlank(first) ? "a blank line" : `the one cell ${describeValue(first[0])}`;
    const expected = `2 or more cells with ${describeValue(options.separator ?? ",")} between them`;
    throw new RangeError(`${name}: row 1: expected ${expected}, got ${got}`);
  }
  const hasHeader = options.header ?? (typeof label === "string" || isHeader(first, name));
  const header = hasHeader ? first.map((cell) => cell.trim()) : undefined;
  if (typeof label === "string") {
    return { header, width, label: columnNamed(label, header, name) };
  }
  if (!Number.isInteger(label) || label < -width || label >= width) {
    throw new RangeError(
      `${name}: expected a label column from ${-width} to ${width - 1}, got ${label}`,
    );
  }
  return { header, width, label: label < 0 ? width + label : label };
}

/**
 * Returns true for a row of names, of which some may be empty.
 * @throws RangeError if the row has texts and numbers: it may be data with a damaged cell
 */
function isHeader(first: string[], name: string): boolean {
  const text = first.findIndex(isText);
  if (text < 0) return false;
  const number = first.findIndex((cell) => cell.trim() !== "" && !isText(cell));
  if (number < 0) return true;
  const expected =
    `a number as in column ${number + 1}, ` + "or the option header to say what the row is";
  throw new RangeError(
    `${name}: row 1, column ${text + 1}: expected ${expected}, got ${describeValue(first[text])}`,
  );
}

function columnNamed(label: string, header: string[] | undefined, name: string): number {
  const column = header?.indexOf(label) ?? -1;
  if (header === undefined || column < 0 || header.lastIndexOf(label) !== column) {
    const got = header === undefined ? "no header" : `the header ${describeValue(header.join())}`;
    throw new RangeError(`${name}: expected one label column called ${describeValue(label)}, got ${got}`);
  }
  return column;
}

function isText(cell: string): boolean {
  const trimmed = cell.trim();
  return !NUMBER.test(trimmed) && !MISSING.test(trimmed);
}

function classFault(value: number): string | undefined {
  const fits = Number.isInteger(value) && value >= 0 && value <= MAX_CLASS;
  return fits ? undefined : "expected a class index (an integer ≥ 0)";
}

function* withoutBlankEnd(rows: Iterable<string[]>): Generator<string[]> {
  let blanks = 0;
  for (const cells of rows) {
    if (isBlank(cells)) {
      blanks++;
      continue;
    }
    for (; blanks > 0; blanks--) yield [""];
    yield cells;
  }
}

/** Yields the rows of RFC 4180, which may end with \r\n, \n or \r. */
function* parseRows(text: string, separator: string, name: string): Generator<string[]> {
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  for (let row = 1; at < text.length; row++) {
    const cells: string[] = [];
    for (; ; at++) {
      const end = endOfCell(text, at, separator);
      const where = `${name}: row ${row}, column ${cells.length + 1}`;
      cells.push(text[at] === '"' ? unquoted(text.slice(at, end), where) : text.slice(at, end));
      at = end;
      if (text[at] !== separator) break;
    }
    at += text[at] === "\r" && text[at + 1] === "\n" ? 2 : 1;
    yield cells;
  }
}

/**
 * Returns the index of the separator, the line break or the end of the text after the cell at `at`.
 */
function endOfCell(text: string, at: number, separator: string): number {
  const mayQuote = text[at] === '"';
  let quoted = false;
  let end = at;
  for (; end < text.length; end++) {
    const character = text[end];
    // A doubled quote closes the cell and opens it again, with the same result.
    if (mayQuote && character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === separator || character === "\n" || character === "\r") break;
  }
  return end;
}

function unquoted(cell: string, where: string): string {
  const inside = cell.slice(1, -1);
  if (cell.length < 2 || !cell.endsWith('"') || inside.replaceAll('""', "").includes('"')) {
    throw new RangeError(`${where}: expected a cell in closed quotes, got ${describeValue(cell)}`);
  }
  return inside.replaceAll('""', '"');
}
