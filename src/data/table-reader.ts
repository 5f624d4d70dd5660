import { describeValue } from "../base/arguments.ts";
import { type TableColumn, widthOf } from "../base/columns.ts";
import { NUMBER, checkWidth, enlarged } from "./cells.ts";
import { printableData } from "./printable.ts";
import { type ColumnReader, KnownReader, LearningReader } from "./table-columns.ts";
import type { Table, TableBatch, TableInput, TableSchema, TableSettings } from "./table-options.ts";
import { rowsOf } from "./table-rows.ts";
import { textPieces } from "./text-pieces.ts";

/** Columns that are read: those of x in their order, and that of y if there is one. */
interface Columns {
  readonly x: readonly ColumnReader[];
  readonly y: ColumnReader | undefined;
  /** Number of cells in a row of the file. */
  readonly width: number;
}

/** Rows that have been read and wait to become examples. */
class Rows {
  readonly #columns: Columns;
  readonly #name: string;
  #codes = new Float32Array(1024);
  #targets = new Float32Array(256);
  count = 0;

  constructor(columns: Columns, name: string) {
    this.#columns = columns;
    this.#name = name;
  }

  /** Description of the columns, as far as rows have told it. */
  get schema(): TableSchema {
    const { x, y } = this.#columns;
    const target = y?.describe();
    return {
      columns: x.map((reader) => reader.describe()),
      ...(target && { target: target.name }),
      ...(target?.categories && { classNames: target.categories }),
    };
  }

  /** @throws RangeError naming the row, and the column of a cell that is wrong */
  add(cells: readonly string[], row: number): void {
    const { x, y, width } = this.#columns;
    checkWidth(this.#name, row, cells, width);
    const from = this.count * x.length;
    if (from + x.length > this.#codes.length) this.#codes = enlarged(this.#codes, from + x.length);
    for (let i = 0; i < x.length; i++) {
      const reader = x[i]!;
      this.#codes[from + i] = reader.read(cells[reader.at]!, row);
    }
    if (y) {
      if (this.count === this.#targets.length) this.#targets = enlarged(this.#targets, 0);
      this.#targets[this.count] = y.read(cells[y.at]!, row);
    }
    this.count++;
  }

  /** Returns the examples of the rows, and forgets these. */
  take(): TableBatch {
    const batch = { x: this.#features(), y: this.#targetsOf() };
    this.count = 0;
    return batch;
  }

  #features(): Float32Array {
    const readers = this.#columns.x;
    const columns = readers.map((reader) => reader.describe());
    const width = columns.reduce((sum, column) => sum + widthOf(column), 0);
    const x = new Float32Array(this.count * width);
    let first = 0;
    columns.forEach((column, i) => {
      const ranks = readers[i]!.ranks();
      for (let row = 0; row < this.count; row++) {
        const code = this.#codes[row * readers.length + i]!;
        const value = ranks && !Number.isNaN(code) ? ranks[code]! : code;
        const at = row * width + first;
        if (!column.oneHot) x[at] = value;
        else if (!Number.isNaN(value)) x[at + value] = 1;
      }
      first += widthOf(column);
    });
    return x;
  }

  #targetsOf(): Int32Array | Float32Array {
    const { y } = this.#columns;
    if (!y) return new Float32Array();
    const codes = this.#targets.subarray(0, this.count);
    if (y.describe().kind === "number") return codes.slice();
    const ranks = y.ranks();
    return Int32Array.from(codes, (code) => ranks?.[code] ?? code);
  }
}

/** Returns the names of the columns, of a header or of none. @throws RangeError unless they differ */
function namesOf(first: readonly string[], { header, name, separator }: TableSettings): string[] {
  if (header === false) return first.map((_, i) => `column${i + 1}`);
  const names = first.map((cell) => cell.trim());
  const number = names.findIndex((cell) => NUMBER.test(cell));
  if (header === undefined && number >= 0) {
    const expected = "a name, or the option header to say what the row is";
    const received = describeValue(names[number]);
    throw new RangeError(`${name}: row 1, column ${number + 1}: expected ${expected}, got ${received}`);
  }
  const twice = names.findIndex((one, i) => names.indexOf(one) < i);
  if (twice >= 0) {
    const place = `${name}: row 1, column ${twice + 1}`;
    throw new RangeError(`${place}: expected another name, got ${describeValue(names[twice])} again`);
  }
  const other = [",", ";", "\t", "|"].find((one) => one !== separator && names[0]!.includes(one));
  if (names.length === 1 && other !== undefined) {
    const expected = `names with ${describeValue(separator)} between them, or another separator`;
    throw new RangeError(`${name}: row 1: expected ${expected}, got ${describeValue(names[0])}`);
  }
  return names;
}

/** Returns the place of a column. @throws RangeError if the header has no such name */
function placeIn(header: readonly string[], column: string, what: string, name: string): number {
  const at = header.indexOf(column);
  if (at >= 0) return at;
  const expected = `${what} ${describeValue(column)}`;
  throw new RangeError(`${name}: expected ${expected}, got the header ${describeValue(header.join())}`);
}

/** Returns readers of columns that are to be learnt. @throws RangeError for names that the header lacks */
function newColumns(header: readonly string[], settings: TableSettings): Columns {
  const { target, targetKind, omit = [], categories = [], name } = settings;
  const targetAt = target === undefined ? -1 : placeIn(header, target, "a target", name);
  const omitted = omit.map((column) => placeIn(header, column, "a column to omit called", name));
  const texts = categories.map((column) => placeIn(header, column, "a column of categories", name));
  const place = { header, settings };
  const x = header.flatMap((_, at) => {
    if (at === targetAt || omitted.includes(at)) return [];
    const kind = texts.includes(at) ? "category" : undefined;
    return [new LearningReader({ ...place, at, isTarget: false }, kind)];
  });
  if (x.length === 0) {
    throw new RangeError(`${name}: expected columns besides the target, got ${header.length} in all`);
  }
  const kinds = { class: "category", number: "number" } as const;
  const kind = targetKind && kinds[targetKind];
  const y = targetAt < 0 ? undefined : new LearningReader({ ...place, at: targetAt, isTarget: true }, kind);
  return { x, y, width: header.length };
}

/** Returns the column of the target of a table. */
function targetColumn({ target, classNames }: TableSchema): TableColumn | undefined {
  if (target === undefined) return undefined;
  if (!classNames?.length) return { name: target, kind: "number" };
  return { name: target, kind: "category", categories: classNames };
}

/** Returns readers of the columns of another table. @throws RangeError for one that the header lacks */
function sameColumns(
  header: readonly string[],
  settings: TableSettings,
  like: TableSchema,
): Columns {
  const place = { header, settings };
  const x = like.columns.map((column) => {
    const at = placeIn(header, column.name, "a column", settings.name);
    return new KnownReader({ ...place, at, isTarget: false }, column);
  });
  const target = targetColumn(like);
  const at = target ? header.indexOf(target.name) : -1;
  const y = target && at >= 0 ? new KnownReader({ ...place, at, isTarget: true }, target) : undefined;
  return { x, y, width: header.length };
}

/** Rows of the file that came together. */
interface Block {
  readonly columns: Columns;
  readonly cells: readonly string[][];
  /** Number of the first one in the file, from 1. */
  readonly first: number;
}

/** Yields the rows behind the header. The columns are those of `like`, if it is given, or else new ones. */
async function* blocksOf(input: TableInput, settings: TableSettings): AsyncGenerator<Block> {
  const { header, separator, name, like } = settings;
  let columns: Columns | undefined;
  let first = 1;
  for await (const rows of rowsOf(textPieces(input, name), separator, name)) {
    if (!columns && rows.length > 0) {
      const names = namesOf(rows[0]!, settings);
      columns = like ? sameColumns(names, settings, like) : newColumns(names, settings);
      if (header !== false) {
        rows.shift();
        first++;
      }
    }
    if (columns) yield { columns, cells: rows, first };
    first += rows.length;
  }
}

/** @throws RangeError unless there were rows */
function checkRows({ name }: TableSettings, rows: Rows | undefined, count: number): void {
  if (count > 0) return;
  throw new RangeError(`${name}: expected rows, got ${rows ? "only a header" : "an empty file"}`);
}

/** Reads a table whole. @throws as table */
export async function readTable(input: TableInput, settings: TableSettings): Promise<Table> {
  const { rows: most = Infinity } = settings;
  let rows: Rows | undefined;
  for await (const { columns, cells, first } of blocksOf(input, settings)) {
    rows ??= new Rows(columns, settings.name);
    const left = Math.min(cells.length, most - rows.count);
    for (let i = 0; i < left; i++) rows.add(cells[i]!, first + i);
    if (rows.count === most) break;
  }
  const count = rows?.count ?? 0;
  checkRows(settings, rows, count);
  const { columns, target, classNames = [] } = settings.like ?? rows!.schema;
  const { x, y } = rows!.take();
  return printableData({
    ...{ x, y, count, shape: [x.length / count], classes: classNames.length, columns, classNames },
    ...(target !== undefined && { target }),
  });
}

/** Yields the examples of `batchSize` rows at a time. @throws as tableBatches */
export async function* readBatches(
  input: TableInput,
  settings: TableSettings,
  batchSize: number,
): AsyncGenerator<TableBatch> {
  let rows: Rows | undefined;
  let count = 0;
  for await (const { columns, cells, first } of blocksOf(input, settings)) {
    rows ??= new Rows(columns, settings.name);
    count += cells.length;
    for (let i = 0; i < cells.length; i++) {
      rows.add(cells[i]!, first + i);
      if (rows.count === batchSize) yield rows.take();
    }
  }
  checkRows(settings, rows, count);
  if (rows!.count > 0) yield rows!.take();
}
