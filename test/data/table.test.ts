import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { table } from "../../src/data/table.ts";
import type { TableOptions } from "../../src/data/table-options.ts";

const FLOWERS = "width,colour,kind\n1.5,red,iris\n?,blue,rose\n2,,iris\n";

describe("table", () => {
  it("has numbers, indices of categories, NaN for missing cells, and classes", async () => {
    const data = await table(FLOWERS, { target: "kind" });
    expect(data).toEqual({
      x: Float32Array.of(1.5, 1, NaN, 0, 2, NaN),
      y: Int32Array.of(0, 1, 0),
      count: 3,
      shape: [2],
      classes: 2,
      columns: [
        { name: "width", kind: "number" },
        { name: "colour", kind: "category", categories: ["blue", "red"] },
      ],
      target: "kind",
      classNames: ["iris", "rose"],
    });
    expect(String(data)).toMatch(/^\{ x: Float32Array\(6\) \[1.5, 1, NaN, /);
  });

  it("gives each category a column with oneHot, and zeros to a missing one", async () => {
    const { x, shape, columns } = await table(FLOWERS, { target: "kind", oneHot: true });
    expect(x).toEqual(Float32Array.of(1.5, 0, 1, NaN, 1, 0, 2, 0, 0));
    expect(shape).toEqual([3]);
    expect(columns[1]).toEqual({ name: "colour", kind: "category", categories: ["blue", "red"], oneHot: true });
  });

  it.each<[string, TableOptions, number[], readonly unknown[]]>([
    ["a target of numbers", { target: "b" }, [1, 3], [Float32Array.of(2, 4), []]],
    ["numbers as classes", { target: "b", targetKind: "class" }, [1, 3], [Int32Array.of(0, 1), ["2", "4"]]],
    ["no target", {}, [1, 2, 3, 4], [new Float32Array(), []]],
    ["a column left out", { omit: ["a"] }, [2, 4], [new Float32Array(), []]],
    ["numbers as categories", { categories: ["a"] }, [0, 2, 1, 4], [new Float32Array(), []]],
    ["some rows", { rows: 1 }, [1, 2], [new Float32Array(), []]],
  ])("reads %s", async (_, options, x, [y, classNames]) => {
    const data = await table("a,b\n1,2\n3,4\n", options);
    expect(data.x).toEqual(Float32Array.from(x));
    expect(data.y).toEqual(y);
    expect(data.classNames).toEqual(classNames);
    expect(data.classes).toBe(data.classNames.length);
  });

  it("sorts categories: numbers by size, texts by their characters", async () => {
    const text = "a,b\n10,x\n9,Z\n10,é\n-1.5,a\n";
    const { columns, x } = await table(text, { categories: ["a"] });
    expect(columns.map(({ categories }) => categories)).toEqual([["-1.5", "9", "10"], ["Z", "a", "x", "é"]]);
    expect(x).toEqual(Float32Array.of(2, 2, 1, 0, 2, 3, 0, 1));
  });

  it.each<[string, string, TableOptions]>([
    ["decimal commas", "a;b\n1,5;-2e3\n;,5\n", { decimal: "," }],
    ["another separator", "a\tb\n1.5\t-2000\nNA\t.5\n", { separator: "\t" }],
    ["\\r\\n and spaces", " a , b \r\n 1.5 ,-2000\r\n ?, 0.5 ", {}],
    ["\\r alone", "a,b\r1.5,-2000\r,5e-1\r\r", {}],
    ["quotes", '"a","b"\r\n"1.5","-2000"\r\n"",  0.5\r\n', {}],
    ["blank lines at the end", "a,b\n1.5,-2000\nNaN,0.5\n\n  \n", {}],
    ["a byte order mark", "\uFEFFa,b\n1.5,-2000\nnull,0.5", {}],
    ["missing cells of one's own", "a,b\n1.5,-2000\n-,0.5", { missing: ["-"] }],
    ["no header", "1.5,-2000\nN/A,0.5", { header: false }],
  ])("reads %s", async (_, text, options) => {
    const bytes = new TextEncoder().encode(text);
    for (const input of [text, bytes, gzipSync(bytes)]) {
      const data = await table(input, options);
      expect(data.x).toEqual(Float32Array.of(1.5, -2000, NaN, 0.5));
      const names = options.header === false ? ["column1", "column2"] : ["a", "b"];
      expect(data.columns.map(({ name }) => name)).toEqual(names);
    }
  });

  it("reads texts in quotes, with separators, quotes and line breaks in them", async () => {
    const { columns } = await table('a,b\n"x, ""y""",1\n"z\nz",2\n');
    expect(columns[0]?.categories).toEqual(['x, "y"', "z\nz"]);
  });

  it("takes numbers as names of columns if it is told to", async () => {
    const { columns, x } = await table("town,2019,2020\nRome,1,2\n", { header: true });
    expect(columns.map(({ name }) => name)).toEqual(["town", "2019", "2020"]);
    expect(x).toEqual(Float32Array.of(0, 1, 2));
  });

  it("takes a blank line between rows of one column for a missing cell", async () => {
    expect((await table("a\n1\n\n3\n\n")).x).toEqual(Float32Array.of(1, NaN, 3));
  });

  it("takes a column without any number for one of numbers, of classes for one without", async () => {
    const { columns, x } = await table("a,b\n,?\n,\n", { categories: ["b"] });
    expect(columns).toEqual([
      { name: "a", kind: "number" },
      { name: "b", kind: "category", categories: [] },
    ]);
    expect(x).toEqual(new Float32Array(4).fill(NaN));
  });

  it("takes undefined options for their defaults", async () => {
    const options = { target: undefined, like: undefined, rows: undefined, missing: undefined };
    expect((await table("a\n1\n", options)).x).toEqual(Float32Array.of(1));
  });
});

describe("a table that is like another", () => {
  it("has the columns, categories and classes of that one, whatever their order", async () => {
    const train = await table(FLOWERS, { target: "kind" });
    const text = "id,kind,colour,width\n7,rose,red,3\n8,iris,blue,\n";
    const schema = JSON.parse(JSON.stringify({ ...train, x: 0, y: 0 })) as typeof train;
    for (const like of [train, schema]) {
      const test = await table(text, { like });
      expect(test.x).toEqual(Float32Array.of(3, 1, NaN, 0));
      expect(test.y).toEqual(Int32Array.of(1, 0));
      const { columns, target, classNames, classes } = train;
      expect(test).toMatchObject({ columns, target, classNames, classes, count: 2, shape: [2] });
    }
  });

  it("keeps one-hot columns and targets of numbers", async () => {
    const like = await table(FLOWERS.replace("?", "9"), { target: "width", oneHot: true, omit: ["kind"] });
    const test = await table("colour,width\nred,3\n,4\n", { like });
    expect(test.x).toEqual(Float32Array.of(0, 1, 0, 0));
    expect(test.y).toEqual(Float32Array.of(3, 4));
  });

  it("has no targets if the file has none, as that of a test may not", async () => {
    const like = await table(FLOWERS, { target: "kind" });
    const { y, x, classes } = await table("width,colour\n1,red", { like });
    expect([y.length, x.length, classes]).toEqual([0, 2, 2]);
  });

  it("may take a category that training never saw for a missing one, but no class", async () => {
    const like = await table(FLOWERS, { target: "kind" });
    const text = "width,colour,kind\n1,green,iris\n";
    const read = table(text, { like, unknownCategory: "missing" });
    expect((await read).x).toEqual(Float32Array.of(1, NaN));
    const other = table("width,colour,kind\n1,red,tulip\n", { like, unknownCategory: "missing" });
    await expect(other).rejects.toThrow('row 2, column 3 ("kind"): expected a category of the table');
  });
});
