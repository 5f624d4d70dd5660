import { type OnDemand, load } from "../base/on-demand.ts";
import { batchSettings, checkInput, tableSettings } from "./table-options.ts";
import type { Table, TableBatch, TableBatchesOptions, TableInput } from "./table-options.ts";
import type { TableOptions, TableSettings } from "./table-options.ts";

/** Code that reads tables, and the parser that it bundles, loaded on demand. */
export const tables: OnDemand<typeof import("./table-reader.ts")> = {
  import: () => import("./table-reader.ts"),
};

/**
 * Reads a table from CSV (RFC 4180, UTF-8): numbers, texts and missing cells. A column has numbers if its first cell
 * that is not missing is one, and else categories, which are numbered in the order of their characters. In x, a
 * category is its index and a missing cell is NaN; the layers `impute`, `standardize` and `oneHot` go on from there.
 *
 * A column that mixes numbers and texts is refused, as one of them may be a mistake, unless `categories` names it. So
 * are columns of dates. Spaces around cells and blank lines at the end are ignored. Errors count rows and
 * columns from 1; the header is a row, and so is a record whose quotes span lines.
 * @param input text or bytes, gzipped or not, or a stream of either
 * @returns `x` as Float32Array, `y` as Int32Array of classes or Float32Array of numbers, `count`, `shape`, `classes`;
 *   `columns`, `target` and `classNames`, which `like` takes
 * @throws TypeError if the input, a piece of it or an option is of another type
 * @throws RangeError if an option is out of range or names a column that is not there; or naming row and column, if the
 *   file is damaged or has no rows, a row is longer or shorter than the first, quotes are not closed, a column mixes
 *   kinds, a cell of the target is missing, or a category or class is not one of those of `like`
 * @example
 * const flowers = "width,colour,kind\n1.5,red,iris\n?,blue,rose\n2,,iris\n";
 * const data = await table(flowers, { target: "kind" });
 * data.x; // Float32Array(6) [ 1.5, 1, NaN, 0, 2, NaN ]
 * data.y; // Int32Array(3) [ 0, 1, 0 ]
 * data.classNames; // ["iris", "rose"]
 */
export async function table(input: TableInput, options: TableOptions = {}): Promise<Table> {
  const settings = tableSettings(options);
  checkInput(settings.name, input);
  const { readTable } = await load(tables);
  return readTable(input, settings);
}

/**
 * Reads a large table some rows at a time, in memory that does not depend on its length. `fit` takes a function that
 * returns the batches of each epoch. `table` reads the first `rows` of the file for `like`.
 * @param input as for table, mostly a stream; it is closed if not all batches are taken
 * @returns batches { x, y } of `batchSize` rows in the order of the file; the last one has those that are left
 * @throws TypeError or RangeError as table
 * @example
 * const text = "a,b\n1,2\n3,4\n5,6\n";
 * const like = await table(text, { target: "b", rows: 2 });
 * let rows = 0;
 * for await (const { y } of tableBatches(text, { like, batchSize: 2 })) rows += y.length;
 * rows; // 3
 */
export function tableBatches(
  input: TableInput,
  options: TableBatchesOptions,
): AsyncGenerator<TableBatch> {
  const { batchSize, ...settings } = batchSettings(options);
  checkInput(settings.name, input);
  return batches(input, settings, batchSize);
}

async function* batches(
  input: TableInput,
  settings: TableSettings,
  batchSize: number,
): AsyncGenerator<TableBatch> {
  const { readBatches } = await load(tables);
  yield* readBatches(input, settings, batchSize);
}
