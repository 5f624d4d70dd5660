import { describe, expect, it } from "vitest";
import { crc32c, record, scalarsRecord, versionRecord } from "../../src/io/event-file.ts";

const bytesOf = (length: number, value: (i: number) => number) =>
  Uint8Array.from({ length }, (_, i) => value(i));

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

describe("crc32c", () => {
  // RFC 3720, section B.4, and the check value of the algorithm's catalogue.
  it.each([
    [bytesOf(32, () => 0), 0x8a9136aa],
    [bytesOf(32, () => 0xff), 0x62a8ab43],
    [bytesOf(32, (i) => i), 0x46dd794e],
    [bytesOf(32, (i) => 31 - i), 0x113fdb5c],
    [new TextEncoder().encode("123456789"), 0xe3069283],
    [new Uint8Array(), 0],
  ])("of %s", (bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });
});

describe("records", () => {
  it("start with their length and its masked CRC, as the first of TensorFlow's files do", () => {
    const first = versionRecord(0);
    expect(hex(first.subarray(0, 12))).toBe("18 00 00 00 00 00 00 00 a3 7f 4b 22");
    expect(hex(first.subarray(12, 21))).toBe("09 00 00 00 00 00 00 00 00");
    expect(hex(first.subarray(21, 23))).toBe("1a 0d");
    expect(new TextDecoder().decode(first.subarray(23, 36))).toBe("brain.Event:2");
    expect(first.length).toBe(12 + 24 + 4);
  });

  it("end with the masked CRC of their data", () => {
    const data = bytesOf(32, () => 0);
    const whole = record(data);
    const masked = new DataView(whole.buffer).getUint32(12 + 32, true);
    // Unmasked as record_writer.h says: rotate (masked - delta) left by 15.
    const moved = (masked - 0xa282ead8) >>> 0;
    expect(((moved << 15) | (moved >>> 17)) >>> 0).toBe(0x8a9136aa);
    expect(whole.subarray(12, 44)).toEqual(data);
  });

  it("have scalars as event.proto and summary.proto number them", () => {
    const data = scalarsRecord(1.5, 300, [
      ["loss", 0.5],
      ["é", -1],
    ]).subarray(12, -4);
    expect(hex(data)).toBe(
      [
        "09 00 00 00 00 00 00 f8 3f", // 1: wall_time
        "10 ac 02", // 2: step
        "2a 18", // 5: summary
        "0a 0b 0a 04 6c 6f 73 73 15 00 00 00 3f", // 1: value, with 1: tag and 2: simple_value
        "0a 09 0a 02 c3 a9 15 00 00 80 bf",
      ].join(" "),
    );
    const later = scalarsRecord(0, 2 ** 40, []).subarray(12, -4);
    expect(hex(later.subarray(9, 16))).toBe("10 80 80 80 80 80 20");
  });
});
