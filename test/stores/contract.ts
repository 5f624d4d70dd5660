import { beforeEach, expect, it } from "vitest";
import type { CheckpointStore } from "../../src/index.ts";
import { wrong } from "../engine/fixtures.ts";

const bytes = Uint8Array.of(1, 2, 3);

/** Tests what every store does. @param make returns a store with nothing in it */
export function testStore(who: string, make: () => Promise<CheckpointStore>): void {
  let store: CheckpointStore;
  beforeEach(async () => {
    store = await make();
  });

  it("gives back what was written last, and nothing of what was not", async () => {
    expect(await store.read("last.bin")).toBeUndefined();
    await store.write("last.bin", bytes);
    expect(await store.read("last.bin")).toEqual(bytes);
    await store.write("last.bin", Uint8Array.of(9));
    expect(await store.read("last.bin")).toEqual(Uint8Array.of(9));
    expect(await store.read("other.bin")).toBeUndefined();
  });

  it("keeps the numbers of a view, and not the rest of its buffer", async () => {
    const buffer = Uint8Array.from({ length: 100 }, (_, i) => i);
    await store.write("view", buffer.subarray(10, 13));
    const got = (await store.read("view"))!;
    expect(got).toEqual(Uint8Array.of(10, 11, 12));
    expect(got.buffer.byteLength).toBe(3);
  });

  it("keeps a view of shared memory", async () => {
    const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const view = new Uint8Array(buffer, 8, 4).fill(7);
    await store.write("shared", view);
    expect(await store.read("shared")).toEqual(Uint8Array.of(7, 7, 7, 7));
  });

  it("keeps megabytes", async () => {
    const large = Uint8Array.from({ length: 3_000_001 }, (_, i) => i % 251);
    await store.write("large", large);
    const got = (await store.read("large"))!;
    expect(got.length).toBe(large.length);
    expect(got.every((value, i) => value === i % 251)).toBe(true);
  });

  it("lists names in their order, and removes them", async () => {
    expect(await store.list()).toEqual([]);
    for (const name of ["epoch-10", "epoch-2", "_a", "B.c_d-e"]) await store.write(name, bytes);
    expect(await store.list()).toEqual(["B.c_d-e", "_a", "epoch-10", "epoch-2"]);
    await store.remove("epoch-2");
    await store.remove("never");
    expect(await store.list()).toEqual(["B.c_d-e", "_a", "epoch-10"]);
    expect(await store.read("epoch-2")).toBeUndefined();
  });

  it("keeps several at once", async () => {
    const names = Array.from({ length: 8 }, (_, i) => `n${i}`);
    await Promise.all(names.map((name, i) => store.write(name, Uint8Array.of(i))));
    const got = await Promise.all(names.map((name) => store.read(name)));
    expect(got).toEqual(names.map((_, i) => Uint8Array.of(i)));
  });

  it.each(["", ".hidden", "a/b", "..", "a b", "a\\b", "x".repeat(201)])(
    "refuses the name %j",
    async (name) => {
      const text = `${who}: expected name to be a file name of 1 to 200 letters, digits, _, - and .`;
      await expect(store.read(name)).rejects.toThrow(text);
      await expect(store.write(name, bytes)).rejects.toThrow(RangeError);
      await expect(store.remove(name)).rejects.toThrow(text);
      expect(await store.list()).toEqual([]);
    },
  );

  it("refuses what is no text and no bytes, and keeps what it had", async () => {
    await store.write("kept", bytes);
    await expect(store.read(wrong(3))).rejects.toThrow(TypeError);
    await expect(store.write("kept", wrong("text"))).rejects.toThrow(
      new TypeError(`${who}: expected bytes to be a Uint8Array of at least 1 byte, got "text"`),
    );
    await expect(store.write("kept", new Uint8Array())).rejects.toThrow(
      new RangeError(
        `${who}: expected bytes to be a Uint8Array of at least 1 byte, got Uint8Array`,
      ),
    );
    expect(await store.read("kept")).toEqual(bytes);
  });
}
