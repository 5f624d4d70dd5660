import { check, checkOptions, flag, text } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import { appendFile, emptyFile, readFile } from "../io/files.ts";
import type { Callback } from "../training/callbacks.ts";
import { numbersOf } from "./monitor.ts";

/** Options of csvLog. */
export interface CsvLogOptions {
  /**
   * True to add rows to a file that is there, whose columns have to be the same; false, the default, to
   * start it anew at the start of each fit.
   */
  readonly append?: boolean;
}

const INSTEAD = "write what onEpochEnd is given";

/** Formats a row; quotes what has a separator in it (RFC 4180). */
function row(cells: readonly (string | number)[]): string {
  const texts = cells.map((cell) =>
    /[",\r\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell),
  );
  return `${texts.join(",")}\n`;
}

/** Writes a log whose header is there, or else that of its first row. */
class CsvFile {
  readonly #path: string;
  /** Header of the file, if it has one. */
  #header: string | undefined;
  /** Columns; undefined before the first row. */
  #columns: readonly string[] | undefined;
  /** Text before the next row: the end of a line that a crash has cut off. */
  #before = "";

  constructor(path: string) {
    this.#path = path;
  }

  /** Starts the file anew, or reads what is in it. @throws RangeError if it cannot be written */
  async open(append: boolean): Promise<void> {
    this.#columns = undefined;
    this.#before = "";
    this.#header = undefined;
    if (!append) {
      await emptyFile(this.#path, INSTEAD);
      return;
    }
    await appendFile(this.#path, "", INSTEAD);
    const content = new TextDecoder().decode(await readFile(this.#path));
    if (content === "") return;
    this.#header = content.slice(0, content.search(/\r?\n|$/));
    if (!content.endsWith("\n")) this.#before = "\n";
  }

  /** Adds a row. @throws RangeError if the columns are others than the file's, or it cannot be written */
  async add(numbers: readonly [name: string, value: number][]): Promise<void> {
    const columns = this.#columns ?? numbers.map(([name]) => name);
    const header = row(columns);
    if (this.#header !== undefined && `${this.#header}\n` !== header) {
      const expected = `expected a file with the columns ${header.trimEnd()}`;
      throw new RangeError(`csvLog: ${this.#path}: ${expected}, got ${this.#header.slice(0, 200)}`);
    }
    const values = new Map(numbers);
    const line = row(columns.map((name) => values.get(name) ?? ""));
    await appendFile(this.#path, this.#before + (this.#header === undefined ? header : "") + line);
    this.#before = "";
    this.#header = header.trimEnd();
    this.#columns = columns;
  }
}

/**
 * Writes the numbers of each epoch to a CSV file, a row at the end of each epoch, so that nothing is lost
 * if the program crashes. The columns are the numbers of the first epoch: epoch, loss, seconds, and
 * metrics if there are any. A number that a later epoch lacks is left empty. For Node, Deno and Bun.
 * @param path file to write, in a folder that exists
 * @throws TypeError if the path or an option has the wrong type; in fit, in a browser
 * @throws RangeError for an unknown option; in fit, before the first step, if the file cannot be written;
 *   after the first epoch, if it has other columns
 * @example
 * const log = csvLog("log.csv");
 * await model.fit(train, { epochs: 3, validation: test, callbacks: [log] });
 */
export function csvLog(path: string, options: CsvLogOptions = {}): Callback {
  check("csvLog", "path", path, text());
  const chosen = checkOptions("csvLog", options, { append: flag() });
  const { append = false } = chosen;
  const file = new CsvFile(path);
  return immutable<Callback>(
    {
      onTrainBegin: () => file.open(append),
      onEpochEnd: (epoch) => file.add(numbersOf(epoch)),
    },
    call("csvLog", path, chosen),
  );
}
