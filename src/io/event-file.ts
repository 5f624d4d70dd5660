/**
 * Event files of TensorBoard: records (tensorflow/core/lib/io/record_writer.h) of protocol buffers of the
 * type Event (tensorflow/core/util/event.proto), of which only scalars are written.
 */

/** Castagnoli's polynomial with its bits reversed (RFC 3720, section 12.1). */
const POLYNOMIAL = 0x82f63b78;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc;
});

/** Returns the CRC32C of bytes. */
export function crc32c(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) crc = (crc >>> 8) ^ table[(crc ^ byte) & 0xff]!;
  return ~crc >>> 0;
}

/** Returns the CRC as records keep it: turned and moved, as they may have other CRCs in them. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Returns the record of some data: length, its CRC, data, and their CRC. */
export function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length, true);
  view.setUint32(8, maskedCrc(bytes.subarray(0, 8)), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc(data), true);
  return bytes;
}

/** A whole number from 0 on, seven bits a byte, the lowest first. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

/* A field of a protocol buffer starts with 8 · number + type: 0 varint, 1 eight bytes, 2 length and bytes,
   5 four bytes. */

function bytesField(number: number, data: ArrayLike<number>): number[] {
  return [8 * number + 2, ...varint(data.length), ...Array.from(data)];
}

function textField(number: number, text: string): number[] {
  return bytesField(number, new TextEncoder().encode(text));
}

function doubleField(number: number, value: number): number[] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value, true);
  return [8 * number + 1, ...new Uint8Array(view.buffer)];
}

function floatField(number: number, value: number): number[] {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value, true);
  return [8 * number + 5, ...new Uint8Array(view.buffer)];
}

/** Returns the first record of a file. @param seconds time since 1970 */
export function versionRecord(seconds: number): Uint8Array {
  return record(Uint8Array.from([...doubleField(1, seconds), ...textField(3, "brain.Event:2")]));
}

/** Returns the record of some scalars by their tags. @param seconds time since 1970 */
export function scalarsRecord(
  seconds: number,
  step: number,
  scalars: readonly (readonly [tag: string, value: number])[],
): Uint8Array {
  const summary = scalars.flatMap(([tag, value]) =>
    bytesField(1, [...textField(1, tag), ...floatField(2, value)]),
  );
  const event = [...doubleField(1, seconds), 8 * 2, ...varint(step), ...bytesField(5, summary)];
  return record(Uint8Array.from(event));
}
