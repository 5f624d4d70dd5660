import { describeValue } from "../base/arguments.ts";
import type { TableColumn } from "../base/columns.ts";
import { NUMBER, numberFault, parseNumber, placeOf } from "./cells.ts";
import type { TableSettings } from "./table-options.ts";

/** Columns of a table while its rows are read. */

/** Text that begins as a date or a time of day, in the orders of ISO 8601 and of most countries. */
const DATE = /^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,2}:\d{2})(?:\D|$)/;

/** Place of a column, for reading and for errors. */
export interface ColumnPlace {
  readonly at: number;
  readonly header: readonly string[];
  readonly settings: TableSettings;
  /** True if a missing cell is an error, as in a target. */
  readonly isTarget: boolean;
}

/** Reads the cells of one column of the file. */
export abstract class ColumnReader {
  /** Place of the column among those of the file. */
  readonly at: number;
  readonly name: string;
  readonly #place: ColumnPlace;
  readonly #missing: ReadonlySet<string>;
  readonly #comma: boolean;

  constructor(place: ColumnPlace) {
    const { at, header, settings } = place;
    this.at = at;
    this.name = header[at]!;
    this.#place = place;
    this.#missing = new Set(["", ...settings.missing]);
    this.#comma = settings.decimal === ",";
  }

  /**
   * Returns the number of a cell, the code of its category, or NaN if it is missing.
   * @throws RangeError naming row and column
   */
  read(cell: string, row: number): number {
    const text = cell.trim();
    if (!this.#missing.has(text)) return this.value(text, row);
    if (!this.#place.isTarget) return NaN;
    throw this.fail(row, "expected a target", text, "");
  }

  protected abstract value(text: string, row: number): number;

  /** Returns what is known of the column so far. */
  abstract describe(): TableColumn;

  /** Returns the index of each code; undefined if the two are the same. */
  ranks(): Int32Array | undefined {
    return undefined;
  }

  /** Returns a text with a point for the decimal comma; a text with a point is no number then. */
  protected decimal(text: string): string {
    if (!this.#comma) return text;
    return text.includes(".") ? "" : text.replace(",", ".");
  }

  /** Returns the number in a text. @throws RangeError if there is none that fits */
  protected number(text: string, row: number, hint = ""): number {
    const value = parseNumber(this.decimal(text));
    const fault = numberFault(value);
    if (fault !== undefined) throw this.fail(row, fault, text, hint);
    return value;
  }

  protected fail(row: number, expected: string, text: string, hint: string): RangeError {
    const { at, header, settings } = this.#place;
    const place = placeOf(settings.name, row, at, settings.header === false ? undefined : header);
    return new RangeError(`${place}: ${expected}, got ${describeValue(text)}${hint && `; ${hint}`}`);
  }
}

/** A column of a kind that is known, with its categories if it has some. */
export class KnownReader extends ColumnReader {
  readonly #column: TableColumn;
  readonly #codes: ReadonlyMap<string, number>;
  readonly #isRefused: boolean;

  constructor(place: ColumnPlace, column: TableColumn) {
    super(place);
    this.#column = column;
    this.#codes = new Map(column.categories?.map((category, i) => [category, i]));
    this.#isRefused = place.isTarget || place.settings.unknownCategory !== "missing";
  }

  protected value(text: string, row: number): number {
    if (this.#column.kind === "number") return this.number(text, row);
    const code = this.#codes.get(text);
    if (code !== undefined) return code;
    if (!this.#isRefused) return NaN;
    const hint = 'unknownCategory: "missing" reads it as a missing cell';
    throw this.fail(row, "expected a category of the table that it is like", text, hint);
  }

  describe(): TableColumn {
    return this.#column;
  }
}

/** A column whose kind its first cell decides, unless it is given, and whose categories are collected. */
export class LearningReader extends ColumnReader {
  #kind: TableColumn["kind"] | undefined;
  readonly #given: TableColumn["kind"] | undefined;
  readonly #codes = new Map<string, number>();
  readonly #hint: string;
  readonly #oneHot: boolean;

  constructor(place: ColumnPlace, kind: TableColumn["kind"] | undefined) {
    super(place);
    const { isTarget, settings } = place;
    this.#given = kind;
    this.#kind = kind;
    this.#oneHot = settings.oneHot === true && !isTarget;
    this.#hint = isTarget
      ? "targetKind says what it is"
      : "name the column in categories, or what stands for a missing cell in missing";
  }

  protected value(text: string, row: number): number {
    const isNumber = this.#given === undefined && NUMBER.test(this.decimal(text));
    this.#kind ??= isNumber ? "number" : this.#textKind(text, row);
    if (this.#kind === "number") {
      return this.number(text, row, this.#given === undefined ? this.#hint : "");
    }
    if (isNumber) throw this.fail(row, "expected a text as in the rows before", text, this.#hint);
    const code = this.#codes.get(text) ?? this.#codes.size;
    this.#codes.set(text, code);
    return code;
  }

  /** Returns the kind of a column of texts. @throws RangeError for a date */
  #textKind(text: string, row: number): "category" {
    if (!DATE.test(text)) return "category";
    const hint = "leave the column out by omit, or name it in categories";
    throw this.fail(row, "expected a number or a category and no date", text, hint);
  }

  /** Returns the categories: numbers by size, texts by their characters. */
  #sorted(): string[] {
    const categories = [...this.#codes.keys()];
    const value = (text: string): number => Number(this.decimal(text));
    const areNumbers = categories.every((text) => NUMBER.test(this.decimal(text)));
    categories.sort();
    return areNumbers ? categories.sort((a, b) => value(a) - value(b)) : categories;
  }

  describe(): TableColumn {
    const { name } = this;
    if (this.#kind !== "category") return { name, kind: "number" };
    const categories = this.#sorted();
    return { name, kind: "category", categories, ...(this.#oneHot && { oneHot: true }) };
  }

  override ranks(): Int32Array | undefined {
    if (this.#kind !== "category") return undefined;
    const ranks = new Int32Array(this.#codes.size);
    this.#sorted().forEach((category, rank) => (ranks[this.#codes.get(category)!] = rank));
    return ranks;
  }
}
