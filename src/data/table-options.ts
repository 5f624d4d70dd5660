import { type Rule, type Rules, accepts, check, checkOptions, describeValue, flag, hasMethod, list } from "../base/arguments.ts";
import { listOf, needed, object, oneOf, text, whole } from "../base/arguments.ts";
import type { TableColumn } from "../base/columns.ts";
import { separatorRule, whoOf } from "./cells.ts";
import type { LabelledData } from "./dataset.ts";

/**
 * Text of a CSV file, or its bytes (UTF-8, gzipped or not); at once, or in pieces: a stream, such as the body of a
 * response, or an async iterable, such as a stream of Node.
 */
export type TableInput =
  | string
  | Uint8Array
  | ReadableStream<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>;

/** Description of a table's columns, without its rows. It is plain data, which JSON keeps. */
export interface TableSchema {
  /** Columns of x in their order. One that is one-hot has several columns of x. */
  readonly columns: readonly TableColumn[];
  /** Name of the column that y is from; left out without one. */
  readonly target?: string;
  /** Classes of the target in the order of their indices; none if y has numbers. */
  readonly classNames?: readonly string[];
}

/** Examples of a table, as `fit` takes them, with the description of its columns. */
export interface Table extends LabelledData, TableSchema {
  /** Row-major features: numbers, and indices of categories or one-hot columns; NaN where a cell is missing. */
  x: Float32Array;
  /** Class indices as Int32Array, or numbers as Float32Array; empty without a target. */
  y: Int32Array | Float32Array;
  /** Classes of y in the order of their indices; empty if y has numbers. */
  classNames: readonly string[];
}

/** Some rows of a table. */
export type TableBatch = Pick<Table, "x" | "y">;

/** Options that say how a file is written. */
export interface TableFormat {
  /**
   * True if the first row names the columns, false if it is data; they are called column1, column2 and so on then. By
   * default it names them, but a number among the names is an error, because the row could be data.
   */
  readonly header?: boolean;
  /** Separator of cells, one character; "," by default, or ";" where `decimal` is a comma. */
  readonly separator?: string;
  /** Decimal point of numbers; "." by default. */
  readonly decimal?: "." | ",";
  /** Cells that are missing, besides empty ones; "?", "NA", "N/A", "NaN", "nan" and "null" by default. */
  readonly missing?: readonly string[];
  /** Name of the file in error messages; that of the function by default. */
  readonly name?: string;
}

/** Options of table. */
export interface TableOptions extends TableFormat {
  /** Name of the column that y is from; none by default. */
  readonly target?: string;
  /**
   * "class" if y has the index of a class, "number" if it has values to regress on. By default a target of texts has
   * classes.
   */
  readonly targetKind?: "class" | "number";
  /** Names of columns to leave out, such as dates. */
  readonly omit?: readonly string[];
  /** Names of columns whose cells are categories even if they are numbers, such as codes. */
  readonly categories?: readonly string[];
  /** True to give each category a column of x; by default x has the index of the category. */
  readonly oneHot?: boolean;
  /** Number of rows to read at most; all by default. */
  readonly rows?: number;
  /**
   * Table whose columns, categories and classes this one has, or its schema. Columns are found by their names, others
   * are left out, and y is empty if the target is not there.
   */
  readonly like?: TableSchema;
  /** Reading of a category that `like` has not seen: an error, which is the default, or a missing cell. */
  readonly unknownCategory?: "error" | "missing";
}

/** Options of tableBatches. */
export interface TableBatchesOptions extends TableFormat {
  /** Table whose columns, categories and classes the rows have, or its schema. */
  readonly like: TableSchema;
  /** Number of rows in a batch; 32 by default. The last batch has those that are left. */
  readonly batchSize?: number;
  /** Reading of a category that `like` has not seen: an error, which is the default, or a missing cell. */
  readonly unknownCategory?: "error" | "missing";
}

/** Options with their defaults. */
export type TableSettings = Required<Omit<TableFormat, "header">> &
  Pick<TableFormat, "header"> &
  Omit<TableOptions, keyof TableFormat>;

const texts = (expected: string): Rule => ({
  ...listOf(text(), expected),
  allows: (value) => Array.from(value as unknown[]).every((one) => typeof one === "string"),
});

const formatRules = (): Rules<TableFormat> => ({
  header: flag(),
  separator: separatorRule,
  decimal: oneOf(".", ","),
  missing: texts("a list of texts"),
  name: text(),
});

const likeRules = (): Rules<Pick<TableOptions, "like" | "unknownCategory">> => ({
  like: object("a table or its schema"),
  unknownCategory: oneOf("error", "missing"),
});

const MISSING = ["?", "NA", "N/A", "NaN", "nan", "null"];

/** Fills in how a file is written. @throws RangeError if separator and decimal point are the same */
function withFormat<Options extends TableFormat>(who: string, options: Options) {
  const { decimal = ".", missing = MISSING } = options;
  const { separator = decimal === "," ? ";" : "," } = options;
  if (separator === decimal) {
    const expected = "another separator than the decimal point";
    throw new RangeError(`${who}: expected ${expected}, got ${describeValue(separator)} for both`);
  }
  return { ...options, decimal, missing, separator, name: who };
}

/** Checks the options of table, and gives them their defaults. @throws TypeError or RangeError */
export function tableSettings(options: TableOptions): TableSettings {
  const who = whoOf(options, "table");
  const chosen = checkOptions(who, options, {
    ...formatRules(),
    ...likeRules(),
    target: text(),
    targetKind: oneOf("class", "number"),
    omit: texts("a list of names of columns"),
    categories: texts("a list of names of columns"),
    oneHot: flag(),
    rows: whole(1),
  });
  const { like, target, targetKind, unknownCategory } = chosen;
  const own = (["target", "targetKind", "omit", "categories", "oneHot"] as const).find(
    (name) => chosen[name] !== undefined,
  );
  if (like) {
    checkSchema(who, like);
    if (own) throw new RangeError(`${who}: expected no ${own}, which like decides, got one`);
  } else if (unknownCategory) {
    throw new RangeError(`${who}: expected unknownCategory with like, got no like`);
  }
  if (targetKind && target === undefined) {
    throw new RangeError(`${who}: expected a target with targetKind, got none`);
  }
  return withFormat(who, chosen);
}

/** Checks the options of tableBatches, and gives them their defaults. @throws TypeError or RangeError */
export function batchSettings(options: TableBatchesOptions) {
  const who = whoOf(options, "tableBatches");
  const { like: likeRule, unknownCategory } = likeRules();
  const chosen = checkOptions(who, options, {
    ...formatRules(),
    like: needed(likeRule),
    unknownCategory,
    batchSize: whole(1),
  });
  checkSchema(who, chosen.like);
  return { ...withFormat(who, chosen), batchSize: chosen.batchSize ?? 32 };
}

const isTexts = (value: unknown): boolean => accepts(texts(""), value);

/** @throws TypeError or RangeError unless it describes columns */
function checkSchema(who: string, like: TableSchema): void {
  const { columns, target, classNames } = like;
  check(who, "like.columns", columns, list("a list of columns"));
  columns.forEach((column: unknown, i) => {
    const { name, kind, categories } = Object(column) as TableColumn;
    const isColumn = typeof name === "string" && (kind === "number" || isTexts(categories));
    if (isColumn) return;
    const expected = 'a column { name, kind, categories } of kind "number" or "category"';
    throw new RangeError(`${who}: expected like.columns[${i}] to be ${expected}, got ${describeValue(column)}`);
  });
  if (target !== undefined) check(who, "like.target", target, text());
  if (classNames !== undefined) check(who, "like.classNames", classNames, texts("a list of texts"));
}

/** @throws TypeError unless a table can be read from it */
export function checkInput(who: string, input: unknown): void {
  const isIterable = typeof input === "object" && input !== null && Symbol.asyncIterator in input;
  const isStream = isIterable || hasMethod(input, "getReader");
  if (typeof input === "string" || input instanceof Uint8Array || isStream) return;
  const expected = "text, bytes or a stream of either";
  throw new TypeError(`${who}: expected input to be ${expected}, got ${describeValue(input)}`);
}
