import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { table } from "../../src/data/table.ts";
import type { TableInput, TableOptions } from "../../src/data/table-options.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("a damaged file", () => {
  it.each<[string, TableInput, string, TableOptions?]>([
    ["no text", "", "f: expected rows, got an empty file"],
    ["blank lines alone", "\n \n", "f: expected rows, got an empty file"],
    ["a header alone", "a,b\n", "f: expected rows, got only a header"],
    ["a row that is short", "a,b,c\n1,2,3\n4,5\n", "f: row 3: expected 3 cells, got 2"],
    ["a row that is long", "a,b\n1,2\n4,5,6\n", "f: row 3: expected 2 cells, got 3"],
    ["a blank line", "a,b\n1,2\n\n4,5\n", "f: row 3: expected 2 cells, got a blank line"],
    ["an open quote", 'a,b\n1,2\n3,"4\n5,6\n', 'f: row 3, column 2: expected a cell in closed quotes, got "\\"4\\n5,6\\n"'],
    ["an open quote in the header", '"a,b\n1,2\n', 'f: row 1, column 1: expected a cell in closed quotes, got "\\"a,b\\n1,2\\n"'],
    ["text behind a quote", 'a,b,c\n1,2,3\n"x","y"z,4\n5,6,7\n', 'f: row 3, column 2: expected a cell in closed quotes, got "\\"y\\"z,4\\n5,6,7\\n"'],
    ["a text among numbers", "a,b\n1,2\n3,x\n", 'f: row 3, column 2 ("b"): expected a number, got "x"; name the column in categories, or what stands for a missing cell in missing'],
    ["a number among texts", "a,b\n1,x\n3,4\n", 'f: row 3, column 2 ("b"): expected a text as in the rows before, got "4"; name the column in categories, or what stands for a missing cell in missing'],
    ["a number that is too large", "a\n1\n1e39\n", 'f: row 3, column 1 ("a"): expected a number that fits a 32-bit float, got "1e39"; name'],
    ["an infinity", "a\n1\nInfinity\n", 'f: row 3, column 1 ("a"): expected a number, got "Infinity"'],
    ["a date", "day,b\n2024-01-31,1\n", 'f: row 2, column 1 ("day"): expected a number or a category and no date, got "2024-01-31"; leave the column out by omit, or name it in categories'],
    ["a date with dots", "day\n31.1.24\n", "expected a number or a category and no date"],
    ["a time", "day\n2024/01/31 12:00\n", "expected a number or a category and no date"],
    ["a time of day", "day\n9:30\n", "expected a number or a category and no date"],
    ["a decimal comma", 'a,b\n"1,5",2\n2,3\n', 'f: row 3, column 1 ("a"): expected a text as in the rows before, got "2"'],
    ["a decimal point beside commas", "a\n1,5\n2.5\n", 'f: row 3, column 1 ("a"): expected a number, got "2.5"', { decimal: "," }],
    ["another separator", "a;b\n1;2\n", 'f: row 1: expected names with "," between them, or another separator, got "a;b"'],
    ["numbers as a header",
      "1,2\n3,4\n",
      'f: row 1, column 1: expected a name, or the option header to say what the row is, got "1"',
    ],
    [
      "a row of data as a header",
      "Rome,2.5\nOslo,4\n",
      'f: row 1, column 2: expected a name, or the option header to say what the row is, got "2.5"',
    ],
    ["a name that is there twice", "a,b,a\n1,2,3\n", 'f: row 1, column 3: expected another name, got "a" again'],
    ["a missing target", "a,b\n1,2\n3,\n", 'f: row 3, column 2 ("b"): expected a target, got ""', { target: "b" }],
    ["a mixed target", "a,b\n1,2\n3,x\n", 'expected a number, got "x"; targetKind says what it is', { target: "b" }],
    ["a target of texts", "a,b\n1,x\n", 'expected a number, got "x"', { target: "b", targetKind: "number" }],
    ["bytes that are no UTF-8", Uint8Array.of(97, 10, 0xff, 10), "f: expected UTF-8 text, got other bytes"],
    ["half a character", bytesOf("a\né").subarray(0, 3), "f: expected UTF-8 text, got other bytes"],
    ["a cut gzip file", gzipSync("a\n1\n").subarray(0, 12), "f: expected a whole gzip file, got a damaged one"],
  ])("%s is refused", async (_, input, text, options = {}) => {
    const read = table(input, { ...options, name: "f" });
    await expect(read).rejects.toThrow(RangeError);
    await expect(read).rejects.toThrow(text);
  });

  it("without a header has no names in its errors", async () => {
    const read = table("1,2\n3,x\n", { header: false });
    await expect(read).rejects.toThrow('table: row 2, column 2: expected a number, got "x"');
  });
});

describe("options of table", () => {
  const like = { columns: [{ name: "a", kind: "category", categories: ["x", "y"] }] } as const;
  it.each<[string, TableOptions, string]>([
    ["a target that is not there", { target: "c" }, 'table: expected a target "c", got the header "a,b"'],
    ["a column to omit that is not there", { omit: ["a", "c"] }, 'expected a column to omit called "c", got the header "a,b"'],
    ["categories that are not there", { categories: ["c"] }, 'expected a column of categories "c", got the header "a,b"'],
    ["no column but the target", { target: "a", omit: ["b"] }, "expected columns besides the target, got 2 in all"],
    ["one mark for two things", { separator: ",", decimal: "," }, 'expected another separator than the decimal point, got "," for both'],
    ["a kind without a target", { targetKind: "class" }, "expected a target with targetKind, got none"],
    ["a target beside like", { like, target: "a" }, "expected no target, which like decides, got one"],
    ["oneHot beside like", { like, oneHot: true }, "expected no oneHot, which like decides, got one"],
    ["unknownCategory alone", { unknownCategory: "missing" }, "expected unknownCategory with like, got no like"],
    ["a like without columns", { like: {} as never }, "expected like.columns to be a list of columns, got undefined"],
    ["a like of other columns", { like: { columns: ["a"] } as never }, 'expected like.columns[0] to be a column { name, kind, categories } of kind "number" or "category", got "a"'],
    ["a like without categories", { like: { columns: [{ name: "a", kind: "category" }] } }, "expected like.columns[0] to be a column"],
    ["a like of other classes", { like: { ...like, target: "b", classNames: [1] } as never }, "expected like.classNames to be a list of texts"],
    ["a column of like that is not there", { like: { columns: [{ name: "c", kind: "number" }] } }, 'expected a column "c", got the header "a,b"'],
    ["a category that training never saw", { like }, 'table: row 2, column 1 ("a"): expected a category of the table that it is like, got "z"; unknownCategory: "missing" reads it as a missing cell'],
    ["no rows", { rows: 0 }, "expected rows to be a whole number from 1 on, got 0"],
    ["missing cells that are no texts", { missing: [1] as never }, "expected missing to be a list of texts, got [1]"],
  ])("%s is refused", async (_, options, text) => {
    await expect(table("a,b\nz,2\n", options)).rejects.toThrow(text);
  });

  it.each([undefined, null, 5, {}, [1], new ArrayBuffer(8)])("no input %s", async (input) => {
    const read = table(input as never);
    await expect(read).rejects.toThrow("table: expected input to be text, bytes or a stream of either, got");
    await expect(read).rejects.toThrow(TypeError);
  });
});
