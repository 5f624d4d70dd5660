import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { maybeGunzip } from "../../src/data/gzip.ts";

const plain = new TextEncoder().encode("0 1 2 3 4 5 6 7 8 9 ".repeat(100));
const packed = new Uint8Array(gzipSync(plain));

describe("maybeGunzip", () => {
  it("returns other bytes as they are, not even copied", async () => {
    expect(await maybeGunzip(plain, "f")).toBe(plain);
    const empty = new Uint8Array(0);
    expect(await maybeGunzip(empty, "f")).toBe(empty);
  });

  it("unpacks gzip, also from a view into a larger or shared buffer", async () => {
    expect(await maybeGunzip(packed, "f")).toEqual(plain);
    const shared = new Uint8Array(new SharedArrayBuffer(packed.length + 10), 5, packed.length);
    shared.set(packed);
    expect(await maybeGunzip(shared, "f")).toEqual(plain);
  });

  it.each([
    ["truncated in its data", packed.subarray(0, packed.length - 12)],
    ["truncated in its checksum", packed.subarray(0, packed.length - 2)],
    ["truncated in its header", packed.subarray(0, 2)],
    ["corrupt in its checksum", packed.with(packed.length - 6, packed[packed.length - 6]! ^ 1)],
    ["of an unknown method", packed.with(2, 99)],
  ])("names a file that is %s", async (_, bytes) => {
    const reading = maybeGunzip(bytes, "a.csv.gz");
    await expect(reading).rejects.toThrow(RangeError);
    await expect(reading).rejects.toThrow(/^a\.csv\.gz: expected a whole gzip file, got a damaged/);
  });

  it("refuses what is not bytes", async () => {
    const reading = maybeGunzip(new ArrayBuffer(4) as unknown as Uint8Array, "f");
    await expect(reading).rejects.toThrow(
      new TypeError("f: expected the file's bytes as a Uint8Array, got ArrayBuffer"),
    );
  });
});
