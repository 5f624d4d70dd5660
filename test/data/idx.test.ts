import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { idxDataset, readIdx } from "../../src/data/idx.ts";
import { idxBytes, imageBytes, labelBytes } from "./idx-bytes.ts";

describe("readIdx", () => {
  it.each([
    ["uint8", 0x08, [0, 127, 255], new Uint8Array([0, 127, 255])],
    ["int8", 0x09, [0, 127, 255], new Int8Array([0, 127, -1])],
    ["int16", 0x0b, [1, 2, 0xff, 0xfe], new Int16Array([258, -2])],
    ["int32", 0x0c, [0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff], new Int32Array([65536, -1])],
    ["float32", 0x0d, [0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0], new Float32Array([1, -2.5])],
    ["float64", 0x0e, [0x3f, 0xf0, 0, 0, 0, 0, 0, 0], new Float64Array([1])],
  ])("reads %s", async (_, type, bytes, data) => {
    expect(await readIdx(idxBytes(type, [data.length], bytes))).toEqual({
      data,
      shape: [data.length],
    });
  });

  it("reads gzipped files, and plain ones at any offset of a buffer", async () => {
    const expected = { data: new Float32Array([1, 2]), shape: [1, 2, 1] };
    const plain = idxBytes(0x0d, [1, 2, 1], [0x3f, 0x80, 0, 0, 0x40, 0, 0, 0]);
    expect(await readIdx(new Uint8Array(gzipSync(plain)))).toEqual(expected);
    const larger = new Uint8Array(plain.length + 9);
    larger.set(plain, 3);
    expect(await readIdx(larger.subarray(3, 3 + plain.length))).toEqual(expected);
  });

  it("reads arrays of no and of zero dimensions", async () => {
    expect(await readIdx(idxBytes(0x08, [], [7]))).toEqual({ data: Uint8Array.of(7), shape: [] });
    const huge = [0xffffffff, 0xffffffff, 0];
    expect(await readIdx(idxBytes(0x08, huge, []))).toEqual({
      data: new Uint8Array(),
      shape: huge,
    });
  });

  const three = labelBytes([1, 2, 3]);
  it.each([
    ["empty", new Uint8Array(), "expected the 4 bytes of an IDX magic, got 0 bytes"],
    ["text", new TextEncoder().encode("1,2,3"), "expected an IDX file that starts with 00 00, got"],
    ["of unknown type", three.with(2, 0x0a), "expected a type code of 0x08, 0x09, 0x0b, 0x0c"],
    ["cut in its header", three.subarray(0, 6), "truncated, expected a header of 8 bytes, got 6"],
    ["cut", three.subarray(0, 10), "truncated, expected 11 bytes for shape [3], got 10"],
    [
      "too long",
      Uint8Array.of(...three, 0),
      "trailing bytes, expected 11 bytes for shape [3], got",
    ],
    ["of overflowing size", idxBytes(0x0e, Array<number>(40).fill(0xffffffff), []), "truncated, expected"],
  ])("refuses a file that is %s", async (_, bytes, message) => {
    const reading = readIdx(bytes, "f.idx");
    await expect(reading).rejects.toThrow(RangeError);
    await expect(reading).rejects.toThrow(`f.idx: ${message}`);
  });

  it("refuses a truncated gzip file", async () => {
    const cut = gzipSync(three).subarray(0, 20);
    await expect(readIdx(cut, "f.gz")).rejects.toThrow(/^f\.gz: expected a whole gzip file/);
  });
});

describe("idxDataset", () => {
  it("flattens images to rows and counts the classes", async () => {
    const data = await idxDataset(imageBytes(3, 2, 2), gzipSync(labelBytes([4, 0, 1])));
    expect(data).toEqual({
      x: Uint8Array.from({ length: 12 }, (_, i) => i),
      y: Uint8Array.of(4, 0, 1),
      count: 3,
      shape: [4],
      classes: 5,
    });
  });

  const images = imageBytes(2, 2, 2);
  const labels = labelBytes([0, 1]);
  const int8 = idxBytes(0x09, [2], [0, 1]);
  it.each([
    ["swapped", labels, images, "i: expected images (2 or more dimensions), got shape [2]"],
    ["both images", images, images, "l: expected labels (1 dimension), got shape [2, 2, 2]; are"],
    ["of different counts", images, labelBytes([1]), "l: expected 2 labels, one for each image of"],
    ["empty", imageBytes(0, 2, 2), labelBytes([]), "i: expected at least one pixel, got shape [0"],
    ["without pixels", imageBytes(2, 0, 2), labels, "i: expected at least one pixel, got shape [2"],
    ["of signed labels", images, int8, "l: expected data of type uint8, got int8"],
    ["of signed images", int8, labels, "i: expected data of type uint8, got int8"],
    ["truncated", images.subarray(0, 20), labels, "i: truncated, expected 24 bytes for shape [2"],
  ])("refuses files that are %s", async (_, x, y, message) => {
    const reading = idxDataset(x, y, { images: "i", labels: "l" });
    await expect(reading).rejects.toThrow(RangeError);
    await expect(reading).rejects.toThrow(message);
  });
});
