import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadIdxFolder } from "../../src/data/folder.ts";
import { imageBytes, labelBytes } from "./idx-bytes.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradlane-"));
  await writeFile(join(folder, "train-images-idx3-ubyte"), imageBytes(3, 2, 2));
  await writeFile(join(folder, "train-labels-idx1-ubyte.gz"), gzipSync(labelBytes([0, 1, 2])));
  await writeFile(join(folder, "t10k-images.idx3-ubyte.gz"), gzipSync(imageBytes(2, 2, 2)));
  await writeFile(join(folder, "t10k-labels.idx1-ubyte"), labelBytes([4, 0]));
});

afterEach(() => rm(folder, { recursive: true }));

describe("loadIdxFolder", () => {
  it("finds the four files by any of their names", async () => {
    const { train, test } = await loadIdxFolder(folder);
    expect(train).toMatchObject({ count: 3, shape: [4], classes: 5 });
    expect(test).toMatchObject({ count: 2, shape: [4], classes: 5 });
    expect([...train.y, ...test.y]).toEqual([0, 1, 2, 4, 0]);
    expect([...test.x]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("names a missing file and the folder", async () => {
    await rm(join(folder, "t10k-labels.idx1-ubyte"));
    await expect(loadIdxFolder(folder)).rejects.toThrow(
      new RangeError(
        `${folder}: expected a file t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte.gz, got none`,
      ),
    );
  });

  it("names a missing folder", async () => {
    const missing = join(folder, "missing");
    await expect(loadIdxFolder(missing)).rejects.toThrow(
      new RangeError(`${missing}: expected a folder that can be read, got nothing at that path`),
    );
  });

  it("names the file at fault", async () => {
    await rename(join(folder, "train-images-idx3-ubyte"), join(folder, "t10k-labels-idx1-ubyte"));
    await writeFile(join(folder, "train-images-idx3-ubyte"), imageBytes(3, 2, 2));
    await expect(loadIdxFolder(folder)).rejects.toThrow(
      `${folder}/t10k-labels-idx1-ubyte: expected labels (1 dimension), got shape [3, 2, 2]`,
    );
  });

  it("refuses parts whose images differ in size", async () => {
    await writeFile(join(folder, "train-images-idx3-ubyte"), imageBytes(3, 2, 3));
    await expect(loadIdxFolder(folder)).rejects.toThrow(
      `${folder}/t10k-images.idx3-ubyte.gz: expected images of 2x3 pixels as in ` +
        "train-images-idx3-ubyte, got 2x2",
    );
  });
});
