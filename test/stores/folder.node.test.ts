import fs, { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { folderStore, indexedDbStore, opfsStore } from "../../src/index.ts";
import { wrong } from "../engine/fixtures.ts";
import { testStore } from "./contract.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradlane-"));
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

describe("the contract", () => {
  testStore("folderStore", async () => {
    const path = join(folder, "store");
    await mkdir(path);
    return folderStore(path);
  });
});

describe("folderStore", () => {
  it("has nothing in its folder but whole files, and lists no others", async () => {
    const store = folderStore(folder);
    await store.write("a.bin", Uint8Array.of(1));
    expect(await readdir(folder)).toEqual(["a.bin"]);
    await writeFile(join(folder, ".left.tmp"), "part");
    await mkdir(join(folder, "inner"));
    expect(await store.list()).toEqual(["a.bin"]);
  });

  it("names a folder that is missing", async () => {
    const path = join(folder, "none");
    const store = folderStore(path);
    const text = `${path}: expected a folder that can be read, got nothing at that path`;
    await expect(store.list()).rejects.toThrow(text);
    await expect(store.read("a")).rejects.toThrow(text);
    await expect(store.write("a", Uint8Array.of(1))).rejects.toThrow(
      `${join(path, "a")}: expected a file that can be written, got no such folder`,
    );
  });

  it("names the file when the disk is full, and keeps what was there", async () => {
    const store = folderStore(folder);
    await store.write("a", Uint8Array.of(1));
    const full = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    vi.spyOn(fs, "rename").mockRejectedValue(full);
    await expect(store.write("a", Uint8Array.of(2))).rejects.toThrow(
      `${join(folder, "a")}: expected a file that can be written, got a full disk`,
    );
    expect(await store.read("a")).toEqual(Uint8Array.of(1));
    expect(await readdir(folder)).toEqual(["a"]);
  });

  it("names what cannot be read or removed", async () => {
    const store = folderStore(folder);
    await mkdir(join(folder, "inner"));
    await expect(store.read("inner")).rejects.toThrow("inner: expected a file that can be read");
    await expect(store.remove("inner")).rejects.toThrow(RangeError);
  });

  it("refuses a path that is no text, and prints as the call that made it", () => {
    expect(() => folderStore(wrong(3))).toThrow(
      new TypeError("folderStore: expected path to be a text, got 3"),
    );
    expect(String(folderStore("runs"))).toBe('folderStore("runs")');
  });
});

describe("stores of browsers in Node", () => {
  it("say what to use instead", async () => {
    for (const store of [opfsStore("runs"), indexedDbStore("runs")]) {
      await expect(store.list()).rejects.toThrow(TypeError);
      await expect(store.read("a")).rejects.toThrow(/in Node, (use )?folderStore/);
      await expect(store.write("a", Uint8Array.of(1))).rejects.toThrow(TypeError);
    }
  });
});
