import { readFile, stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { readCsv } from "../data/csv.ts";
import type { LabelledData } from "../data/dataset.ts";
import { loadIdxImages } from "../data/folder.ts";

/** A classification task: its examples and the sizes of the network. */
export interface Task {
  readonly name: string;
  readonly train: LabelledData;
  readonly test: LabelledData;
  readonly features: number;
  readonly classes: number;
  /** Rows, columns and channels of an example, where examples are images. */
  readonly image?: readonly number[];
}

/** Rows and columns of the digits. */
const DIGITS = [8, 8];

/**
 * Distance of test rows. They are spread out, so that sorted tables have all labels in both parts.
 */
const testEvery = 5;

/**
 * Loads the examples of a task.
 * @param source `digits`, or the path of a folder with IDX files or of a CSV table
 * @param header true if the table's first row names its columns, false if not; see CsvOptions
 * @throws Error for another source, or if its data is wrong
 */
export async function loadTask(source: string, header?: boolean): Promise<Task> {
  if (source === "digits") {
    // Imported on demand: programs with other data start sooner without the digits.
    const { loadDigits } = await import("../data/digits.ts");
    return task(source, { ...(await loadDigits()), image: DIGITS });
  }
  const name = basename(resolve(source));
  const found = await stat(source).catch(() => undefined);
  if (found?.isDirectory()) return task(name, await loadIdxImages(source));
  if (found && /\.csv(\.gz)?$/i.test(source)) return task(name, await loadTable(source, header));
  const got = found ? "another file" : "a path where nothing is";
  throw new Error(`--data: expected digits, a folder or a .csv file, got ${got}: "${source}"`);
}

async function loadTable(
  path: string,
  header: boolean | undefined,
): Promise<{ train: LabelledData; test: LabelledData }> {
  const table = await readCsv(await readFile(path), { name: path, header });
  if (table.count < 2) {
    throw new Error(`${path}: expected at least 2 rows, to train on and to test on, got 1`);
  }
  const isTest = (row: number): boolean => row % testEvery === testEvery - 1;
  const rows = Array.from({ length: table.count }, (_, row) => row);
  if (table.count < testEvery) {
    return { train: pick(table, rows.slice(0, -1)), test: pick(table, rows.slice(-1)) };
  }
  const trains = rows.filter((row) => !isTest(row));
  return { train: pick(table, trains), test: pick(table, rows.filter(isTest)) };
}

/** Returns some rows of a table. */
function pick(table: LabelledData, rows: readonly number[]): LabelledData {
  const features = table.x.length / table.count;
  const x = new Float32Array(rows.length * features);
  rows.forEach((row, i) => {
    x.set(table.x.subarray(row * features, (row + 1) * features), i * features);
  });
  const y = Int32Array.from(rows, (row) => table.y[row]!);
  return { ...table, x, y, count: rows.length };
}

interface Parts {
  readonly train: LabelledData;
  readonly test: LabelledData;
  readonly image?: readonly number[];
}

function task(name: string, { train, test, image = [] }: Parts): Task {
  // Gray images have no axis of channels.
  const shape = image.length === 2 ? [...image, 1] : image;
  return {
    name,
    train,
    test,
    features: train.x.length / train.count,
    classes: Math.max(train.classes, test.classes),
    ...(shape.length === 3 && { image: shape }),
  };
}
