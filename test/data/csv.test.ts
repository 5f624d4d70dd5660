import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readCsv, type CsvOptions } from "../../src/data/csv.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** The table of most tests below: two features and a class. */
const table = {
  x: new Float32Array([1, 2.5, -3, 0.25]),
  y: new Int32Array([0, 2]),
  count: 2,
  shape: [2],
  classes: 3,
};

describe("readCsv", () => {
  it.each<[string, string | Uint8Array, CsvOptions?]>([
    ["\\n", "1,2.5,0\n-3,.25,2\n"],
    ["\\r\\n", "1,2.5,0\r\n-3,.25,2\r\n"],
    ["\\r", "1,2.5,0\r-3,.25,2\r"],
    ["no line break at its end", "1,2.5,0\n-3,.25,2"],
    ["blank lines at its end", "1,2.5,0\n-3,.25,2\n\r\n  \n\n"],
    ["bytes", utf8("1,2.5,0\n-3,.25,2\n")],
    ["gzip", gzipSync("1,2.5,0\n-3,.25,2\n")],
    ["a byte order mark", utf8("\uFEFF1,2.5,0\n-3,.25,2\n")],
    ["a byte order mark in text", "\uFEFF1,2.5,0\n-3,.25,2\n"],
    ["quotes", '"1","2.5",0\r\n-3,"0.25","2"\r\n'],
    ["spaces and other spellings", "+1, 25e-1 ,0.0\n-3.,2.5E-1,2\n"],
    ["a header", "a,b,c\n1,2.5,0\n-3,.25,2\n"],
    ["a header of quotes and breaks", '"a,""b""\nB",b,"c"\n1,2.5,0\n-3,.25,2\n'],
    ["a header that is said to be", "1,2,3\n1,2.5,0\n-3,.25,2\n", { header: true }],
    ["another separator", "1\t2.5\t0\n-3\t.25\t2\n", { separator: "\t" }],
    ["a label by index", "0,1,2.5\n2,-3,.25\n", { label: 0 }],
    ["a label from the end", "1,0,2.5\n-3,2,.25\n", { label: -2 }],
    ["a label by name", "a, kind ,b\n1,0,2.5\n-3,2,.25\n", { label: "kind" }],
    ["a label by a name of digits", "1,2,3\n1,0,2.5\n-3,2,.25\n", { label: "2" }],
  ])("reads a table with %s", async (_, input, options) => {
    expect(await readCsv(input, options)).toEqual(table);
  });

  it("reads numbers to regress on", async () => {
    const data = await readCsv("1,0.5\n2,-7\n", { target: "number" });
    expect(data.y).toEqual(new Float32Array([0.5, -7]));
    expect(data).toMatchObject({ count: 2, shape: [1], classes: 0 });
  });

  it("reads more rows than fit at first", async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => `${i},${2 * i},${i % 10}`);
    const { x, y, count, classes } = await readCsv(rows.join("\n"));
    expect([x.length, y.length, count, classes]).toEqual([10_000, 5000, 5000, 10]);
    expect([x[9998], x[9999], y[4999]]).toEqual([4999, 9998, 9]);
  });

  const number = (cell: string) => `f: row 2, column 1: expected a number, got ${cell}`;
  const fits = "expected a number that fits a 32-bit float";
  const klass = "expected a class index (an integer ≥ 0)";
  it.each<[string, string | Uint8Array, string, CsvOptions?]>([
    ["text", "1,0\nabc,1\n", number('"abc"')],
    ["text under a header", "age,c\n1,0\nx,1\n", 'f: row 3, column 1 ("age"): expected a number'],
    ["an empty cell", "1,0\n,1\n", number('""')],
    ["a quoted empty cell", '1,0\n"",1\n', number('""')],
    ["NaN", "1,0\nNaN,1\n", number('"NaN"')],
    ["Infinity", "1,0\nInfinity,1\n", number('"Infinity"')],
    ["hexadecimal", "1,0\n0x10,1\n", number('"0x10"')],
    ["two numbers in a cell", "1,0\n1 2,1\n", number('"1 2"')],
    ["a lone point", "1,0\n.,1\n", number('"."')],
    ["an endless cell", `1,0\n${"z".repeat(1e6)},1`, number(`"${"z".repeat(60)}…"`)],
    [
      "a missing cell in its first row",
      "1,,0\n1,2,0\n",
      "f: row 1, column 2: expected a number, got",
    ],
    [
      "NaN in its first row",
      "nan,2,0\n1,2,0\n",
      'f: row 1, column 1: expected a number, got "nan"',
    ],
    ["text where no header is", "a,0\n1,1\n", "f: row 1, column 1: expected a", { header: false }],
    ["a number too large", "1,0\n1e39,1\n", `f: row 2, column 1: ${fits}, got "1e39"`],
    ["a short row", "1,2,0\n1,2\n", "f: row 2: expected 3 cells, got 2"],
    ["a long row", "1,2,0\n1,2,3,0\n", "f: row 2: expected 3 cells, got 4"],
    ["a separator at a row's end", "1,0\n1,0,\n", "f: row 2: expected 2 cells, got 3"],
    ["a blank line inside", "1,0\n\n1,0\n", "f: row 2: expected 2 cells, got a blank line"],
    ["a blank line first", "\n1,0\n", '2 or more cells with "," between them, got a blank line'],
    ["one column", "1\n2\n", 'expected 2 or more cells with "," between them, got the one cell "1"'],
    ["no text", "", "f: expected rows of numbers, got an empty file"],
    ["no bytes", new Uint8Array(), "f: expected rows of numbers, got an empty file"],
    ["blank lines alone", "\n \n", "f: expected rows of numbers, got an empty file"],
    ["a header alone", "a,b\n", "f: expected rows of numbers, got only a header"],
    ["a fraction as class", "1,0\n1,1.5\n", `f: row 2, column 2: ${klass}, got "1.5"`],
    ["a negative class", "1,0\n1,-1\n", `f: row 2, column 2: ${klass}, got "-1"`],
    ["a word as class", "1,0\n1,cat\n", `f: row 2, column 2: ${klass}, got "cat"`],
    ["a class beyond int32", "1,2147483647\n", `f: row 1, column 2: ${klass}, got "2147483647"`],
    ["an open quote", '1,0\n"1,0\n', "f: row 2, column 1: expected a cell in closed quotes, got"],
    [
      "text behind a quote",
      '1,0\n"1"2,0\n',
      "f: row 2, column 1: expected a cell in closed quotes",
    ],
    ["a lone quote", '1,0\n1,"', "f: row 2, column 2: expected a cell in closed quotes"],
    [
      "bytes that are no UTF-8",
      Uint8Array.of(0xff, 0xfe, 0x31),
      "f: expected UTF-8 text, got other",
    ],
    ["cut gzip", gzipSync("1,0").subarray(0, 15), "f: expected a whole gzip file, got a damaged"],
    ["no such name", "a,b\n1,0\n", 'f: expected one label column called "c", got', { label: "c" }],
    ["that name twice", "a,a\n1,0\n", 'f: expected one label column called "a"', { label: "a" }],
    ["no header", "1,0\n", 'called "a", got no header', { label: "a", header: false }],
    ["no such column", "1,0\n", "f: expected a label column from -2 to 1, got 2", { label: 2 }],
    ["no column so far back", "1,0\n", "label column from -2 to 1, got -3", { label: -3 }],
    ["half a column", "1,0\n", "f: expected label to be the index or the name of a column, got 0.5", { label: 0.5 }],
  ])("refuses %s", async (_, input, message, options = {}) => {
    const reading = readCsv(input, { name: "f", ...options });
    await expect(reading).rejects.toThrow(RangeError);
    await expect(reading).rejects.toThrow(message);
  });

  it.each([
    ["", ""],
    ["quote", '"'],
    ["line break", "\n"],
    ["two", ";;"],
  ])("refuses the separator %s", async (_, separator) => {
    const reading = readCsv("1,0", { separator });
    await expect(reading).rejects.toThrow(/^CSV: expected separator to be one character/);
  });

  it("refuses another target and another kind of input", async () => {
    const target = "words" as "class";
    await expect(readCsv("1,0", { target })).rejects.toThrow(
      new RangeError('CSV: expected target to be "class" or "number", got "words"'),
    );
    await expect(readCsv(7 as unknown as string)).rejects.toThrow(TypeError);
  });

  it("reads long cells and long runs of digits in linear time", async () => {
    const digits = "1".repeat(200_000);
    await expect(readCsv(`${digits}x,0\n1,0`, { header: false })).rejects.toThrow(
      "row 1, column 1",
    );
    const title = '""'.repeat(1_000_000);
    expect((await readCsv(`"${title}",c\n1,0`)).count).toBe(1);
  });
});
