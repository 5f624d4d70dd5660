import Papa from "papaparse";
import { describeValue } from "../base/arguments.ts";
import { isBlank } from "./cells.ts";

/** Rows of a text that comes in pieces. PapaParse does the parsing: its parser goes on from piece to piece. */

/** Characters of a row at most: a quote that is never closed would make the rest of the file one row. */
const LONGEST_ROW = 2 ** 24;

/** Yields the rows of CSV (RFC 4180), some at a time, without blank lines at the end. */
export async function* rowsOf(
  pieces: AsyncIterable<string>,
  separator: string,
  name: string,
): AsyncGenerator<string[][]> {
  let blanks = 0;
  for await (const rows of allRows(pieces, separator, name)) {
    const kept: string[][] = [];
    for (const row of rows) {
      if (isBlank(row)) {
        blanks++;
        continue;
      }
      for (; blanks > 0; blanks--) kept.push([""]);
      kept.push(row);
    }
    yield kept;
  }
}

async function* allRows(
  pieces: AsyncIterable<string>,
  separator: string,
  name: string,
): AsyncGenerator<string[][]> {
  let text = "";
  let wanted = 0;
  let row = 1;
  let newline: "\n" | "\r" | undefined;
  for await (const piece of pieces) {
    text += text === "" && row === 1 && piece.startsWith("\uFEFF") ? piece.slice(1) : piece;
    newline ??= newlineOf(text.slice(-piece.length - 1));
    const isLong = text.length > LONGEST_ROW;
    if (!isLong && (newline === undefined || text.length < wanted)) continue;
    const part = { text, newline: newline ?? "\n", separator, name, row };
    const { rows, rest } = parse(part, true);
    if (isLong && rows.length === 0) throw endless(part);
    // What is left is parsed again: once it has doubled, so that a long row takes no time with its square.
    wanted = rows.length === 0 ? 2 * rest.length : 0;
    text = rest;
    row += rows.length;
    yield rows;
  }
  yield parse({ text, newline: newline ?? "\n", separator, name, row }, false).rows;
}

/** Returns the error of a row that goes on and on. @throws RangeError for an open quote, if that is why */
function endless(part: Part): RangeError {
  parse(part, false);
  const expected = `expected a row of at most ${LONGEST_ROW} characters, got more`;
  return new RangeError(`${part.name}: row ${part.row}: ${expected}`);
}

/**
 * Returns the character that ends rows: \n, which also ends \r\n, as spaces around cells are ignored. \r alone ends
 * the rows of old files. Undefined as long as nothing tells.
 */
function newlineOf(text: string): "\n" | "\r" | undefined {
  const at = text.search(/\n|\r[^\n]/);
  return at < 0 ? undefined : (text[at] as "\n" | "\r");
}

/** A text, and the number of its first row in the file, from 1. */
interface Part {
  readonly text: string;
  readonly newline: "\n" | "\r";
  readonly separator: string;
  readonly name: string;
  readonly row: number;
}

/** Returns the rows of a text, and what is left of it. @throws RangeError for a cell with wrong quotes */
function parse(part: Part, leavesLastRow: boolean): { rows: string[][]; rest: string } {
  const { text, newline, separator: delimiter, name, row } = part;
  const { data, errors, meta } = new Papa.Parser({ delimiter, newline }).parse(text, 0, leavesLastRow);
  // The last row may only look wrong, as it is cut off; it is parsed again with what follows.
  const wrong = errors.find((error) => !leavesLastRow || error.row < data.length);
  if (wrong) {
    const column = columnOf(part, wrong.row, wrong.index - 1);
    const cell = describeValue(text.slice(wrong.index - 1));
    const place = `${name}: row ${row + wrong.row}, column ${column}`;
    throw new RangeError(`${place}: expected a cell in closed quotes, got ${cell}`);
  }
  return { rows: data, rest: leavesLastRow ? text.slice(meta.cursor) : "" };
}

/** Returns the number, from 1, of the cell that begins at a place in a row. */
function columnOf({ text, newline, separator: delimiter }: Part, row: number, at: number): number {
  const options = { delimiter, newline, fastMode: false } as const;
  const before = new Papa.Parser({ ...options, preview: row });
  const start = row === 0 ? 0 : before.parse(text, 0, false).meta.cursor;
  const cells = new Papa.Parser(options).parse(text.slice(start, at), 0, false).data[0];
  return cells?.length ?? 1;
}
