import { afterEach, describe, expect, it, vi } from "vitest";
import { createEngine, dense, indexedDbStore, opfsStore, sequential } from "../../src/index.ts";
import { bits } from "../engine/fixtures.ts";
import { testStore } from "./contract.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

let runs = 0;
const freshName = () => `test-${Date.now()}-${runs++}`;
/** True if pages can write to this browser's file system: WebKit's cannot before version 26. */
const canWrite = "createWritable" in (globalThis.FileSystemFileHandle?.prototype ?? {});

describe.each([
  ...(canWrite ? [["opfsStore", opfsStore] as const] : []),
  ["indexedDbStore", indexedDbStore] as const,
])("%s", (who, make) => {
  testStore(who, () => Promise.resolve(make(freshName())));

  it("is the same place for the same name, and another for another", async () => {
    const name = freshName();
    await make(name).write("a", Uint8Array.of(1));
    expect(await make(name).read("a")).toEqual(Uint8Array.of(1));
    expect(await make(freshName()).list()).toEqual([]);
  });

  it("gives a model its weights back", async () => {
    const engine = await createEngine();
    const [model, other] = [1, 2].map((seed) =>
      engine.compile(sequential([dense(4)]), { inputShape: [3], seed }),
    );
    const store = make(freshName());
    await store.write("model.safetensors", await model!.toSafetensors());
    await other!.fromSafetensors((await store.read("model.safetensors"))!);
    expect(bits(other!.parameters[0]!.data)).toEqual(bits(model!.parameters[0]!.data));
    engine.dispose();
  });
});

it("indexedDbStore opens a database anew that another page has deleted", async () => {
  const name = freshName();
  const store = indexedDbStore(name);
  await store.write("a", Uint8Array.of(1));
  await new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = resolve;
    request.onerror = reject;
  });
  expect(await store.list()).toEqual([]);
  await store.write("b", Uint8Array.of(2));
  expect(await store.list()).toEqual(["b"]);
});

it("indexedDbStore names the entry when there is no more room", async () => {
  const name = freshName();
  const store = indexedDbStore(name);
  await store.write("a", Uint8Array.of(1));
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
    throw new DOMException("no room", "QuotaExceededError");
  });
  await expect(store.write("a", Uint8Array.of(2))).rejects.toThrow(
    `indexedDbStore "${name}": a: expected an entry that can be written, got a full disk`,
  );
  vi.restoreAllMocks();
  expect(await store.read("a")).toEqual(Uint8Array.of(1));
});

describe.runIf(canWrite)("opfsStore", () => {
  it("names the file when there is no more room, and leaves nothing of it", async () => {
    const name = freshName();
    const store = opfsStore(name);
    await store.write("old", Uint8Array.of(1));
    vi.spyOn(FileSystemWritableFileStream.prototype, "write").mockRejectedValue(
      new DOMException("no room", "QuotaExceededError"),
    );
    const text = "expected an entry that can be written, got a full disk";
    await expect(store.write("new", Uint8Array.of(2))).rejects.toThrow(
      `opfsStore "${name}": new: ${text}`,
    );
    await expect(store.write("old", Uint8Array.of(2))).rejects.toThrow(text);
    vi.restoreAllMocks();
    expect(await store.list()).toEqual(["old"]);
    expect(await store.read("old")).toEqual(Uint8Array.of(1));
    const root = await navigator.storage.getDirectory();
    const directory = await root.getDirectoryHandle(name);
    await expect(directory.getFileHandle("new")).rejects.toThrow();
  });

  it("takes a file whose first write did not end for none", async () => {
    const name = freshName();
    const store = opfsStore(name);
    await store.write("whole", Uint8Array.of(1));
    const root = await navigator.storage.getDirectory();
    const directory = await root.getDirectoryHandle(name);
    await directory.getFileHandle("begun", { create: true });
    expect(await store.read("begun")).toBeUndefined();
    expect(await store.list()).toEqual(["whole"]);
  });
});

it.skipIf(canWrite)("opfsStore says what to use where pages cannot write", async () => {
  const write = opfsStore(freshName()).write("a", Uint8Array.of(1));
  await expect(write).rejects.toThrow("use indexedDbStore");
});

it("opfsStore refuses a folder that no store can have", () => {
  expect(() => opfsStore("a/b")).toThrow("opfsStore: folder: expected name to be a file name of 1");
});
