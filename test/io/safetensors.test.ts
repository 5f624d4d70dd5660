import { describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors } from "../../src/io/safetensors.ts";

/** A file by the book: 8 bytes of header length, the header, the data. */
function fileOf(header: string | Uint8Array, dataBytes = 0, length?: bigint): Uint8Array {
  const json = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const entry = (shape: unknown, offsets: unknown, dtype: unknown = "F32") =>
  JSON.stringify({ dtype, shape, data_offsets: offsets });

const floats = (...values: number[]) => new Float32Array(values);

describe("encodeSafetensors", () => {
  it("writes the bytes that the format states", () => {
    const json =
      '{"__metadata__":{"format":"pt"},' +
      '"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},' +
      '"0":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}';
    const padded = json.padEnd(Math.ceil(json.length / 8) * 8, " ");
    const expected = fileOf(padded, 12);
    // 1 is 3f800000, -2.5 is c0200000, 3 is 40400000; little-endian.
    expected.set([0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0, 0, 0, 0x40, 0x40], 8 + padded.length);
    const tensors = [
      { name: "w", shape: [2, 1], data: floats(1, -2.5) },
      { name: "0", shape: [], data: floats(3) },
    ];
    expect(encodeSafetensors(tensors, { format: "pt" })).toEqual(expected);
  });

  it("pads the header by 0 to 7 spaces, so that the data is aligned", () => {
    for (let length = 1; length <= 8; length++) {
      const bytes = encodeSafetensors([{ name: "n".repeat(length), shape: [1], data: floats(1) }]);
      const headerBytes = new DataView(bytes.buffer).getUint32(0, true);
      expect(headerBytes % 8).toBe(0);
      expect(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes))).toMatch(
        /^\{.*\} {0,7}$/,
      );
    }
  });

  const one = floats(1);
  it.each([
    ["a name twice", ["a", "a"], [1], one, RangeError, 'tensor "a": expected a name of its own'],
    [
      "the reserved name",
      ["__metadata__"],
      [1],
      one,
      RangeError,
      'tensor "__metadata__": expected',
    ],
    ["a shape too large", ["a"], [2], one, RangeError, 'tensor "a": expected data for shape [2]'],
    ["a negative shape", ["a"], [-1, -1], one, RangeError, 'tensor "a": expected data for shape'],
    ["a fraction", ["a"], [0.5, 2], one, RangeError, 'tensor "a": expected data for shape [0.5, 2'],
    ["an array", ["a"], [1], [1], TypeError, "expected data as a Float32Array, got [1]"],
    ["doubles", ["a"], [1], Float64Array.of(1), TypeError, "got Float64Array"],
  ])("refuses %s", (_, names, shape, data, type, message) => {
    const tensors = names.map((name) => ({ name, shape, data: data as Float32Array }));
    expect(() => encodeSafetensors(tensors)).toThrow(type);
    expect(() => encodeSafetensors(tensors)).toThrow(message);
  });

  it("refuses metadata that is not text", () => {
    const metadata = { epoch: 3 } as unknown as Record<string, string>;
    expect(() => encodeSafetensors([], metadata)).toThrow(
      new TypeError('encodeSafetensors: expected the metadata "epoch" to be text, got 3'),
    );
  });

  it("refuses a header that no reader would take", () => {
    const metadata = { long: "x".repeat(100_000_000) };
    expect(() => encodeSafetensors([], metadata)).toThrow(
      /^encodeSafetensors: expected a header of at most 100000000 bytes, got 1000000/,
    );
  });
});

describe("decodeSafetensors", () => {
  it("gives back what was encoded, with every bit", () => {
    const bits = Uint32Array.of(0x7fa00001, 0xffc12345, 0x80000000, 0x7f800000, 1, 0x3f800000);
    const data = new Float32Array(bits.buffer);
    const tensors = [
      { name: 'layer/0 "é😀"\n', shape: [2, 3], data },
      { name: "1", shape: [], data: floats(0.1) },
      { name: "empty", shape: [0, 5], data: floats() },
      { name: "0", shape: [1, 1, 1], data: data.subarray(5) },
      { name: "__proto__", shape: [2], data: floats(1, 2) },
      { name: "", shape: [1], data: floats(-1) },
    ];
    const metadata = { step: "7", "": "", ["__proto__"]: "mine", 'q"{}:\\': '"{"a":1,\\"' };
    const { tensors: got, metadata: gotMetadata } = decodeSafetensors(
      encodeSafetensors(tensors, metadata),
      "f",
    );
    expect([...got.keys()]).toEqual(tensors.map(({ name }) => name));
    for (const { name, shape, data } of tensors) {
      expect(got.get(name)?.shape).toEqual(shape);
      const gotData = got.get(name)!.data;
      expect(new Uint32Array(gotData.buffer)).toEqual(new Uint32Array(data.slice().buffer));
    }
    expect(Object.entries(gotMetadata)).toEqual(Object.entries(metadata));
    expect(Object.hasOwn(Object.prototype, "dtype")).toBe(false);
  });

  it("reads a file by the book: any order, spaces, no padding, at any offset", () => {
    const file = fileOf(` {"b":${entry([1], [4, 8])},\n"a":${entry([1], [0, 4])} }`.trim(), 8);
    file.set([0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0], file.length - 8);
    const larger = new Uint8Array(file.length + 3);
    larger.set(file, 3);
    const { tensors, metadata } = decodeSafetensors(larger.subarray(3), "f");
    expect([...tensors]).toEqual([
      ["a", { shape: [1], data: floats(1) }],
      ["b", { shape: [1], data: floats(-2.5) }],
    ]);
    expect(metadata).toEqual({});
  });

  it("reads a file of no tensors", () => {
    expect(decodeSafetensors(encodeSafetensors([]), "f")).toEqual({
      tensors: new Map(),
      metadata: {},
    });
  });

  it("copies, so that neither side can change the other", () => {
    const file = encodeSafetensors([{ name: "a", shape: [1], data: floats(1) }]);
    const { tensors } = decodeSafetensors(file, "f");
    file.fill(0);
    expect(tensors.get("a")?.data).toEqual(floats(1));
  });

  const json = (...members: string[]) => `{${members.join(",")}}`;
  const w = (shape: unknown, offsets: unknown, dtype?: unknown) =>
    json(`"w":${entry(shape, offsets, dtype)}`);
  const bytesOf = "expected the bytes of F32";
  it.each<[string, Uint8Array, string]>([
    ["no bytes", new Uint8Array(), "expected the 8 bytes of a header length, got 0 bytes"],
    ["7 bytes", new Uint8Array(7), "expected the 8 bytes of a header length, got 7 bytes"],
    ["no header", new Uint8Array(8), "expected a header of UTF-8 JSON, got other bytes"],
    ["a header beyond the file", fileOf("{}", 0, 3n), "a header of at most 2 bytes, got 3"],
    ["a header of 2⁶⁴-1", fileOf("{}", 0, 2n ** 64n - 1n), "got 18446744073709551615"],
    ["a cut header", fileOf(w([1], [0, 4])).subarray(0, 20), "a header of at most 12 bytes"],
    ["no UTF-8", fileOf(Uint8Array.of(0x7b, 0xff, 0x7d)), "expected a header of UTF-8 JSON"],
    ["no JSON", fileOf("{w}"), "expected a header of UTF-8 JSON, got other bytes"],
    ["an array", fileOf("[]"), 'JSON object from its first byte on, got [] after "["'],
    ["null", fileOf("null"), "JSON object from its first byte on, got null"],
    ["a space first", fileOf(" {}"), 'from its first byte on, got an empty object after " "'],
    ["a byte order mark", fileOf("\uFEFF{}"), "expected a header of UTF-8 JSON"],
    ["deep nesting", fileOf("[".repeat(1e6)), "expected a header of UTF-8 JSON"],
    ["a number as tensor", fileOf('{"w":1}'), 'tensor "w": expected an object, got 1'],
    ["null as tensor", fileOf('{"w":null}'), 'tensor "w": expected an object, got null'],
    ["no dtype", fileOf('{"w":{}}'), 'tensor "w": expected dtype "F32", got undefined'],
    [
      "another dtype",
      fileOf(w([1], [0, 2], "F16"), 2),
      'tensor "w": expected dtype "F32", got "F16',
    ],
    [
      "no shape",
      fileOf(w(null, [0, 4]), 4),
      'tensor "w": expected a shape of integers ≥ 0, got null',
    ],
    [
      "a negative shape",
      fileOf(w([-1, -1], [0, 4]), 4),
      "expected a shape of integers ≥ 0, got [-1",
    ],
    [
      "a fraction",
      fileOf(w([0.5, 2], [0, 4]), 4),
      "expected a shape of integers ≥ 0, got [0.5, 2]",
    ],
    ["text in a shape", fileOf(w(["1"], [0, 4]), 4), 'expected a shape of integers ≥ 0, got ["1"]'],
    ["a nested shape", fileOf(w([[[1]]], [0, 4]), 4), "expected a shape of integers ≥ 0, got [["],
    [
      "a vast shape",
      fileOf(w([2 ** 53], [0, 4]), 4),
      "expected a shape of integers ≥ 0, got [9007",
    ],
    ["an overflow to 0", fileOf(w([2 ** 32, 2 ** 32], [0, 0])), `${bytesOf} [4294967296, 429`],
    [
      "an overflow to ∞",
      fileOf(w(Array(80).fill(1e15), [0, 4]), 4),
      `${bytesOf} an array of 80, got 4 bytes`,
    ],
    ["too few bytes", fileOf(w([2], [0, 4]), 4), `tensor "w": ${bytesOf} [2], got 4 bytes`],
    ["too many bytes", fileOf(w([1], [0, 8]), 8), `tensor "w": ${bytesOf} [1], got 8 bytes`],
    ["no offsets", fileOf(w([1], undefined), 4), "data_offsets [begin, end], got undefined"],
    ["one offset", fileOf(w([1], [0]), 4), "expected data_offsets [begin, end], got [0]"],
    ["three offsets", fileOf(w([1], [0, 4, 8]), 4), "data_offsets [begin, end], got [0, 4, 8]"],
    ["offsets swapped", fileOf(w([1], [4, 0]), 4), "data_offsets [begin, end], got [4, 0]"],
    ["a negative offset", fileOf(w([1], [-4, 0]), 4), "data_offsets [begin, end], got [-4, 0]"],
    ["half an offset", fileOf(w([1], [0.5, 4.5]), 5), "data_offsets [begin, end], got [0.5, 4.5]"],
    ["an end beyond the file", fileOf(w([2], [0, 8]), 4), "expected to end within 4 bytes, got 8"],
    [
      "a hole in front",
      fileOf(w([1], [4, 8]), 8),
      'tensor "w": hole, expected to begin at 0, got 4',
    ],
    ["bytes behind", fileOf(w([1], [0, 4]), 5), "f: expected 4 bytes of tensors, got 5"],
    ["bytes of no tensor", fileOf("{}", 1), "f: expected 0 bytes of tensors, got 1"],
    [
      "an overlap",
      fileOf(json(`"a":${entry([2], [0, 8])}`, `"b":${entry([2], [4, 12])}`), 12),
      'tensor "b": overlap, expected to begin at 8, got 4',
    ],
    [
      "one range for two",
      fileOf(json(`"a":${entry([1], [0, 4])}`, `"b":${entry([1], [0, 4])}`), 4),
      'tensor "b": overlap, expected to begin at 4, got 0',
    ],
    [
      "a hole inside",
      fileOf(json(`"a":${entry([1], [0, 4])}`, `"b":${entry([1], [8, 12])}`), 12),
      'tensor "b": hole, expected to begin at 4, got 8',
    ],
    [
      "a tensor twice",
      fileOf(json(`"a":${entry([1], [0, 4])}`, `"a":${entry([1], [0, 4])}`), 4),
      'expected each key of the header once, got "a" twice',
    ],
    ["a tensor twice, once escaped", fileOf('{"a":{},"\\u0061":{}}'), 'got "a" twice'],
    [
      "a key twice in a tensor",
      fileOf('{"w":{"dtype":"F32","shape":[],"dtype":"F32"}}'),
      'expected each key of the header once, got "dtype" twice',
    ],
    ["metadata as text", fileOf('{"__metadata__":"x"}'), '__metadata__ to be an object, got "'],
    ["a number in metadata", fileOf('{"__metadata__":{"k":1}}'), 'metadata "k" to be text, got 1'],
    ["a long name", fileOf(`{"${"n".repeat(1e6)}":1}`), `f: tensor "${"n".repeat(60)}…": expected`],
  ])("refuses %s", (_, file, message) => {
    expect(() => decodeSafetensors(file, "f")).toThrow(RangeError);
    expect(() => decodeSafetensors(file, "f")).toThrow(message);
  });

  it("refuses a header of more than 100 MB that is there", () => {
    const file = fileOf(new Uint8Array(100_000_001));
    expect(() => decodeSafetensors(file, "f")).toThrow(
      new RangeError("f: expected a header of at most 100000000 bytes, got 100000001"),
    );
  });

  it("takes the same key in different objects, and a tensor called __proto__", () => {
    const file = fileOf(
      `{"__metadata__":{"a":"1"},"a":${entry([0], [0, 0])},` + `"__proto__":${entry([1], [0, 4])}}`,
      4,
    );
    const { tensors } = decodeSafetensors(file, "f");
    expect([...tensors.keys()]).toEqual(["a", "__proto__"]);
    expect(Object.keys({})).toEqual([]);
  });

  it("reads long texts of any kind", () => {
    const metadata = { plain: "x".repeat(2e7), quotes: '"\\'.repeat(5e6) };
    const decoded = decodeSafetensors(encodeSafetensors([], metadata), "f");
    expect(decoded.metadata.plain === metadata.plain).toBe(true);
    expect(decoded.metadata.quotes === metadata.quotes).toBe(true);
  });

  it("refuses what is not bytes", () => {
    expect(() => decodeSafetensors(new ArrayBuffer(8) as unknown as Uint8Array, "f")).toThrow(
      new TypeError("f: expected a Uint8Array, got ArrayBuffer"),
    );
  });
});
