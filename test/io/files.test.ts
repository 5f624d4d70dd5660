import fs from "node:fs";
import { mkdir, mkdtemp, readdir, readFile as read, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { listFolder, readFile, writeFileAtomic } from "../../src/io/files.ts";

const bytes = Uint8Array.of(1, 2, 3);
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradlane-"));
  path = join(folder, "weights");
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

describe("readFile", () => {
  it("gives the bytes as a plain Uint8Array", async () => {
    await writeFile(path, bytes);
    const got = await readFile(path);
    expect(got).toEqual(bytes);
    expect(Object.getPrototypeOf(got)).toBe(Uint8Array.prototype);
  });

  it("names a missing file and a folder", async () => {
    await expect(readFile(path)).rejects.toThrow(
      new RangeError(`${path}: expected a file that can be read, got nothing at that path`),
    );
    await expect(readFile(folder)).rejects.toThrow(
      new RangeError(`${folder}: expected a file that can be read, got a folder`),
    );
  });
});

describe("listFolder", () => {
  it("names what is there, or that the path is none", async () => {
    await writeFile(path, bytes);
    expect(await listFolder(folder)).toEqual(["weights"]);
    await expect(listFolder(path)).rejects.toThrow(
      new RangeError(
        `${path}: expected a folder that can be read, got a path that leads through a file`,
      ),
    );
  });
});

describe("writeFileAtomic", () => {
  it("writes a new file and replaces an old one, leaving nothing else", async () => {
    await writeFileAtomic(path, bytes);
    expect([...(await read(path))]).toEqual([1, 2, 3]);
    await writeFileAtomic(path, Uint8Array.of(9));
    expect([...(await read(path))]).toEqual([9]);
    expect(await readdir(folder)).toEqual(["weights"]);
  });

  it("leaves a folder at the path as it is", async () => {
    await mkdir(path);
    await writeFile(join(path, "inside"), bytes);
    await expect(writeFileAtomic(path, bytes)).rejects.toThrow(RangeError);
    await expect(writeFileAtomic(path, bytes)).rejects.toThrow(
      `${path}: expected a file that can be written, got a folder`,
    );
    expect(await readdir(folder)).toEqual(["weights"]);
    expect(await readdir(path)).toEqual(["inside"]);
  });

  it("keeps the old file when the rename fails", async () => {
    await writeFile(path, "old");
    vi.spyOn(fs.promises, "rename").mockRejectedValue(new Error("out of luck"));
    await expect(writeFileAtomic(path, bytes)).rejects.toThrow(
      new RangeError(`${path}: expected a file that can be written, got out of luck`),
    );
    expect(await read(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["weights"]);
  });

  it("keeps the old file when the disk is full", async () => {
    await writeFile(path, "old");
    const { open } = fs.promises;
    vi.spyOn(fs.promises, "open").mockImplementation(async (...args) => {
      const file = await open(...args);
      vi.spyOn(file, "sync").mockRejectedValue(
        Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" }),
      );
      return file;
    });
    await expect(writeFileAtomic(path, bytes)).rejects.toThrow(
      new RangeError(`${path}: expected a file that can be written, got a full disk`),
    );
    expect(await read(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["weights"]);
  });

  it("names a path whose folder does not exist or is a file", async () => {
    const lost = join(folder, "missing", "weights");
    await expect(writeFileAtomic(lost, bytes)).rejects.toThrow(
      new RangeError(`${lost}: expected a file that can be written, got no such folder`),
    );
    await writeFile(path, "old");
    await expect(writeFileAtomic(join(path, "x"), bytes)).rejects.toThrow(
      "expected a file that can be written, got a path that leads through a file",
    );
    expect(await readdir(folder)).toEqual(["weights"]);
  });

  it("refuses what is not bytes, before touching the disk", async () => {
    await expect(writeFileAtomic(path, "text" as unknown as Uint8Array)).rejects.toThrow(
      new TypeError(`${path}: expected a Uint8Array to write, got "text"`),
    );
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("outside Node", () => {
  it.each([
    ["a browser", undefined],
    ["a bundle with a stand-in for process", { env: {} }],
  ])("says to use bytes instead: %s", async (_, process) => {
    vi.stubGlobal("process", process);
    const outcomes = await Promise.allSettled([
      readFile(path),
      listFolder(path),
      writeFileAtomic(path, bytes),
    ]);
    vi.unstubAllGlobals();
    const reason = new TypeError(
      "expected Node 20.16 or later to read and write files by path; " +
        "elsewhere, use their bytes, such as those of toSafetensors and fromSafetensors",
    );
    expect(outcomes).toEqual(Array(3).fill({ status: "rejected", reason }));
  });
});
