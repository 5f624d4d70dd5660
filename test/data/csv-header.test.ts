import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type CsvOptions, readCsv } from "../../src/data/csv.ts";

/** The numbers of a table, row by row, the label last. */
async function rowsOf(input: string | Uint8Array, options: CsvOptions = {}): Promise<number[][]> {
  const { x, y, count } = await readCsv(input, options);
  const width = x.length / count;
  return Array.from({ length: count }, (_, i) => [
    ...x.subarray(i * width, (i + 1) * width),
    y[i]!,
  ]);
}

describe("the first row of a CSV file", () => {
  it.each<[string, string, string]>([
    [
      "a text cell in a row of numbers",
      "5.1,?,0\n4.9,3,1",
      'row 1, column 2: expected a number as in column 1, or the option header to say what the row is, got "?"',
    ],
    [
      "a label that is a text",
      "5.1,3.5,setosa\n4.9,3,1",
      "row 1, column 3: expected a number as in column 1",
    ],
    ["names, some of digits", "0,a,b\n1,2,0", "row 1, column 2: expected a number as in column 1"],
    ["a text first", "id,1,2\n1,2,0", "row 1, column 1: expected a number as in column 2"],
    [
      "a text beside a quoted number",
      '"1",x\n2,1',
      "row 1, column 2: expected a number as in column 1",
    ],
    ["a text beside NaN", "?,NaN,0\n1,2,0", "row 1, column 1: expected a number as in column 2"],
    [
      "a text behind an empty cell",
      ",?,0\n1,2,0",
      "row 1, column 2: expected a number as in column 3",
    ],
    ["a long text", `${"x".repeat(99)},0\n1,0`, `got "${"x".repeat(60)}…"`],
    ["numbers with an empty cell", "1,,0\n1,2,0", 'row 1, column 2: expected a number, got ""'],
    ["empty cells alone", ",,\n1,2,0", 'row 1, column 1: expected a number, got ""'],
    ["one column of text", "a\n1\n", 'row 1: expected 2 or more cells with "," between them'],
    ["names alone", "a,b", "expected rows of numbers, got only a header"],
    ["fewer names than columns", "a,b\n1,2,0", "row 2: expected 2 cells, got 3"],
  ])("%s is refused", async (_, input, text) => {
    for (const bytes of [input, new TextEncoder().encode(input), gzipSync(input)]) {
      await expect(readCsv(bytes, { name: "f" })).rejects.toThrow(RangeError);
      await expect(readCsv(bytes, { name: "f" })).rejects.toThrow(
        `f: ${text}`.replace("f: got", "got"),
      );
    }
  });

  it.each<[string, string, CsvOptions, number[][]]>([
    [
      "numbers alone are data",
      "1,2,3\n4,5,6",
      {},
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    ["names alone are a header", "a,b,c\n4,5,6", {}, [[4, 5, 6]]],
    ["a header may lack names", ",b,\n4,5,6", {}, [[4, 5, 6]]],
    [
      "quoted numbers are data",
      '"1","2"\n4,5',
      {},
      [
        [1, 2],
        [4, 5],
      ],
    ],
    ["quoted names are a header", '"a","b"\n4,5', {}, [[4, 5]]],
    [
      "a mark and a quoted number are data",
      '\uFEFF"1",0\n2,1',
      {},
      [
        [1, 0],
        [2, 1],
      ],
    ],
    ["a mark and a quoted name are a header", '\uFEFF"a",b\n2,1', {}, [[2, 1]]],
    ["header: true takes names of digits", "0,a,b\n1,2,0", { header: true }, [[1, 2, 0]]],
    ["header: true takes numbers", "1,2,3\n1,2,0", { header: true }, [[1, 2, 0]]],
    [
      "header: false takes numbers",
      "1,2,3\n1,2,0",
      { header: false },
      [
        [1, 2, 3],
        [1, 2, 0],
      ],
    ],
    ["a label by name means a header", "0,a,b\n1,2,0", { label: "b" }, [[1, 2, 0]]],
    ["header: undefined is the default", "a,b\n2,1", { header: undefined }, [[2, 1]]],
  ])("%s", async (_, input, options, rows) => {
    expect(await rowsOf(input, options)).toEqual(rows);
    expect(await rowsOf(gzipSync(input), options)).toEqual(rows);
  });

  it("with header: false says what is no number", async () => {
    await expect(readCsv("5.1,?,0\n4.9,3,1", { header: false })).rejects.toThrow(
      new RangeError('CSV: row 1, column 2: expected a number, got "?"'),
    );
  });

  it("of more columns than fit the first block is read whole", async () => {
    const row = Array.from({ length: 5000 }, (_, i) => i % 7);
    const [first] = await rowsOf(`${row.join(",")}\n${row.join(",")}`);
    expect(first).toEqual(row);
  });
});
