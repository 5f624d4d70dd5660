import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadTask } from "../../src/cli/task.ts";
import { idxBytes, imageBytes, labelBytes } from "../data/idx-bytes.ts";

const table = Array.from({ length: 11 }, (_, row) => `${row},${row / 2},${row % 3}\n`).join("");

describe("loadTask", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "gradlane-"));
    await writeFile(join(folder, "train-images-idx3-ubyte"), imageBytes(4, 2, 3));
    await writeFile(join(folder, "train-labels-idx1-ubyte"), labelBytes([0, 1, 2, 0]));
    await writeFile(join(folder, "t10k-images-idx3-ubyte"), imageBytes(2, 2, 3));
    await writeFile(join(folder, "t10k-labels-idx1-ubyte"), labelBytes([1, 3]));
    await writeFile(join(folder, "table.csv"), table);
    await writeFile(join(folder, "table.csv.gz"), gzipSync(table));
    await writeFile(join(folder, "one.csv"), "1,2,0\n");
    await writeFile(join(folder, "notes.txt"), "no data\n");
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("knows the digits that come along", async () => {
    const { train, test, ...rest } = await loadTask("digits");
    const expected = { name: "digits", features: 64, classes: 10, image: [8, 8, 1] };
    expect(rest).toEqual(expected);
    expect([train.count, test.count]).toEqual([1437, 360]);
  });

  it("reads a folder of IDX files", async () => {
    const { train, test, features, classes, image } = await loadTask(folder);
    expect([train.count, test.count, features, classes]).toEqual([4, 2, 6, 4]);
    expect(image).toEqual([2, 3, 1]);
  });

  it.each([
    [
      [2, 3, 4, 3],
      [3, 4, 3],
    ],
    [[2, 6], undefined],
  ])("takes examples of IDX files of shape %j for images of shape %j", async (shape, image) => {
    const colored = await mkdtemp(join(tmpdir(), "gradlane-"));
    const pixels = new Uint8Array(shape.reduce((size, axis) => size * axis, 1));
    for (const part of ["train", "t10k"]) {
      await writeFile(join(colored, `${part}-images-idx3-ubyte`), idxBytes(8, shape, pixels));
      await writeFile(join(colored, `${part}-labels-idx1-ubyte`), labelBytes([0, 1]));
    }
    expect((await loadTask(colored)).image).toEqual(image);
    await rm(colored, { recursive: true });
  });

  it.each(["table.csv", "table.csv.gz"])("keeps every fifth row of %s to test on", async (file) => {
    const { name, train, test, features, classes, image } = await loadTask(join(folder, file));
    expect({ name, image }).toEqual({ name: file, image: undefined });
    expect([train.count, test.count, features, classes]).toEqual([9, 2, 2, 3]);
    expect([...test.y]).toEqual([1, 0]);
  });

  it.each([
    ["nowhere", /^--data: expected digits, a folder or a \.csv file, got a path where nothing is/],
    ["notes.txt", /^--data: expected digits, a folder or a \.csv file, got another file/],
    ["one.csv", /expected at least 2 rows, to train on and to test on, got 1$/],
  ])("refuses %s", async (file, message) => {
    await expect(loadTask(join(folder, file))).rejects.toThrow(message);
  });

  it("refuses a first row that could be either, unless it is said what it is", async () => {
    const path = join(folder, "mixed.csv");
    await writeFile(path, "0,a\n1,0\n2,1\n");
    await expect(loadTask(path)).rejects.toThrow(/row 1, column 2: expected a number .* got "a"$/);
    expect((await loadTask(path, true)).train.count).toBe(1);
    await expect(loadTask(path, false)).rejects.toThrow(/row 1, column 2: expected a class index/);
  });
});
