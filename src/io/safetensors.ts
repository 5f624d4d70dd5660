// The format: https://github.com/huggingface/safetensors#format. Its numbers are little-endian, as
// is the memory of WebAssembly and of every machine that JavaScript engines run it on.

import { check, describeValue, list, text } from "../base/arguments.ts";

/** Tensor to write. */
export interface NamedTensor {
  /** Unique key in the file: any text but "__metadata__". */
  name: string;
  /** Lengths of the axes, whole numbers ≥ 0; [] is a scalar. */
  shape: readonly number[];
  /** Row-major, as many numbers as the shape has. */
  data: Float32Array;
}

/** Tensor that was read. */
export interface ReadTensor {
  /** Lengths of the axes; [] is a scalar. */
  shape: number[];
  /** Row-major, in memory of its own. */
  data: Float32Array<ArrayBuffer>;
}

/** Contents of a file. */
export interface SafetensorsFile {
  /** Tensors by their keys, in the order of their data. */
  tensors: Map<string, ReadTensor>;
  /** Texts by name that describe the file; {} if it has none. */
  metadata: Record<string, string>;
}

interface Entry {
  name: string;
  shape: number[];
  begin: number;
  end: number;
}

const LENGTH_BYTES = 8;
const METADATA = "__metadata__";
// The limit of the reference implementation.
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Packs tensors into a safetensors file (dtype F32). The same arguments give the same bytes: data
 * stands in the order given and starts at a multiple of 8.
 * @throws TypeError if an argument has the wrong type, such as metadata that is not text
 * @throws RangeError if a name is used twice or reserved, a shape does not match its data, or the
 *   header would be larger than the 100 MB that readers accept
 * @example
 * const weight = { name: "weight", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) };
 * const bytes = encodeSafetensors([weight], { author: "me" });
 */
export function encodeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Record<string, string> = {},
): Uint8Array<ArrayBuffer> {
  check("encodeSafetensors", "tensors", tensors, list("a list of tensors"));
  checkTensors(tensors);
  const fault = metadataFault(metadata);
  if (fault !== undefined) throw new TypeError(`encodeSafetensors: ${fault}`);
  // Written by hand because an object would move names like "0" to the front.
  const members = Object.keys(metadata).length > 0 ? [member(METADATA, metadata)] : [];
  let end = 0;
  for (const { name, shape, data } of tensors) {
    const begin = end;
    end += data.byteLength;
    members.push(member(name, { dtype: "F32", shape, data_offsets: [begin, end] }));
  }
  const header = new TextEncoder().encode(`{${members.join(",")}}`);
  const headerBytes = Math.ceil(header.length / 8) * 8;
  if (headerBytes > MAX_HEADER_BYTES) {
    throw new RangeError(
      `encodeSafetensors: expected a header of at most ${MAX_HEADER_BYTES} bytes, ` +
        `got ${headerBytes}`,
    );
  }
  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  bytes.set(header, LENGTH_BYTES);
  let offset = LENGTH_BYTES + headerBytes;
  for (const { data } of tensors) {
    // As bytes: copying floats may change the bits of a NaN.
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

function member(key: string, value: object): string {
  return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
}

function checkTensors(tensors: readonly NamedTensor[]): void {
  const names = new Set([METADATA]);
  for (const tensor of tensors) {
    if (!isObject(tensor)) {
      throw new TypeError(`encodeSafetensors: expected a tensor, got ${describeValue(tensor)}`);
    }
    const { name, shape, data } = tensor;
    check("encodeSafetensors", "the name of a tensor", name, text());
    const where = `encodeSafetensors: tensor ${describeValue(name)}`;
    check(where, "shape", shape, list("a list of lengths"));
    if (names.has(name)) {
      throw new RangeError(`${where}: expected a name of its own, got one that is taken`);
    }
    names.add(name);
    if (!(data instanceof Float32Array)) {
      throw new TypeError(`${where}: expected data as a Float32Array, got ${describeValue(data)}`);
    }
    if (sizeOf(shape) !== data.length) {
      throw new RangeError(
        `${where}: expected data for shape ${describeValue(shape)}, got ${data.length} numbers`,
      );
    }
  }
}

/**
 * Unpacks a safetensors file of dtype F32. The file may come from anywhere: everything in it is
 * checked.
 * @param source name of the file in error messages
 * @throws TypeError if `bytes` is not a Uint8Array or `source` is not text
 * @throws RangeError if the file is not valid safetensors to the letter, or has another dtype
 * @example
 * const { tensors } = decodeSafetensors(await model.toSafetensors(), "weights");
 * tensors.get("dense2.bias")?.shape; // [10]
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): SafetensorsFile {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`${source}: expected a Uint8Array, got ${describeValue(bytes)}`);
  }
  check("decodeSafetensors", "source", source, text());
  const dataStart = LENGTH_BYTES + headerLength(bytes, source);
  const header = parseHeader(bytes.slice(LENGTH_BYTES, dataStart), source);
  const metadata = Object.hasOwn(header, METADATA) ? header[METADATA] : {};
  const fault = metadataFault(metadata);
  if (fault !== undefined) throw new RangeError(`${source}: ${fault}`);
  const entries = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, value]) => readEntry(name, value, source))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(entries, bytes.length - dataStart, source);
  const tensors: SafetensorsFile["tensors"] = new Map();
  for (const { name, shape, begin, end } of entries) {
    const data = new Float32Array((end - begin) / 4);
    new Uint8Array(data.buffer).set(bytes.subarray(dataStart + begin, dataStart + end));
    tensors.set(name, { shape, data });
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

function headerLength(bytes: Uint8Array, source: string): number {
  if (bytes.length < LENGTH_BYTES) {
    throw new RangeError(
      `${source}: expected the 8 bytes of a header length, got ${bytes.length} bytes`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  const most = Math.min(bytes.length - LENGTH_BYTES, MAX_HEADER_BYTES);
  if (length > most) {
    throw new RangeError(`${source}: expected a header of at most ${most} bytes, got ${length}`);
  }
  return Number(length);
}

function parseHeader(bytes: Uint8Array, source: string): Record<string, unknown> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (cause) {
    throw new RangeError(`${source}: expected a header of UTF-8 JSON, got other bytes`, { cause });
  }
  if (!isObject(header) || !text.startsWith("{")) {
    throw new RangeError(
      `${source}: expected a header that is a JSON object from its first byte on, ` +
        `got ${describeValue(header)} after ${describeValue(text.slice(0, 1))}`,
    );
  }
  checkKeys(text, source);
  return header;
}

/** Refuses equal keys: JSON.parse takes the last one, and another reader may take the first. */
function checkKeys(json: string, source: string): void {
  const open: Set<string>[] = [];
  let string = "";
  for (let at = 0; at < json.length; at++) {
    if (json[at] === "{") open.push(new Set());
    else if (json[at] === "}") open.pop();
    else if (json[at] === '"') {
      const end = endOfString(json, at);
      string = json.slice(at, end);
      at = end - 1;
    } else if (json[at] === ":") {
      const key = String(JSON.parse(string));
      const keys = open.at(-1);
      if (keys?.has(key)) {
        throw new RangeError(
          `${source}: expected each key of the header once, got ${describeValue(key)} twice`,
        );
      }
      keys?.add(key);
    }
  }
}

/** Returns the index after a string. A regular expression would overflow the stack on megabytes. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at + 1;
}

function metadataFault(value: unknown): string | undefined {
  if (!isObject(value)) return `expected ${METADATA} to be an object, got ${describeValue(value)}`;
  const wrong = Object.entries(value).find(([, text]) => typeof text !== "string");
  return (
    wrong &&
    `expected the metadata ${describeValue(wrong[0])} to be text, got ${describeValue(wrong[1])}`
  );
}

function readEntry(name: string, value: unknown, source: string): Entry {
  const where = `${source}: tensor ${describeValue(name)}`;
  if (!isObject(value))
    throw new RangeError(`${where}: expected an object, got ${describeValue(value)}`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (dtype !== "F32") {
    throw new RangeError(`${where}: expected dtype "F32", got ${describeValue(dtype)}`);
  }
  if (!areCounts(shape)) {
    throw new RangeError(`${where}: expected a shape of integers ≥ 0, got ${describeValue(shape)}`);
  }
  const [begin, end] = areCounts(offsets) && offsets.length === 2 ? offsets : [];
  if (begin === undefined || end === undefined || begin > end) {
    throw new RangeError(
      `${where}: expected data_offsets [begin, end], got ${describeValue(offsets)}`,
    );
  }
  if (sizeOf(shape) * 4 !== end - begin) {
    throw new RangeError(
      `${where}: expected the bytes of F32 ${describeValue(shape)}, got ${end - begin} bytes`,
    );
  }
  return { name, shape, begin, end };
}

/**
 * Checks that the tensors cover the data side by side: no hole, no overlap, nothing before or
 * after.
 */
function checkCoverage(sorted: readonly Entry[], dataBytes: number, source: string): void {
  let covered = 0;
  for (const { name, begin, end } of sorted) {
    const where = `${source}: tensor ${describeValue(name)}`;
    if (begin !== covered) {
      const fault = begin < covered ? "overlap" : "hole";
      throw new RangeError(`${where}: ${fault}, expected to begin at ${covered}, got ${begin}`);
    }
    if (end > dataBytes) {
      throw new RangeError(`${where}: expected to end within ${dataBytes} bytes, got ${end}`);
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw new RangeError(`${source}: expected ${covered} bytes of tensors, got ${dataBytes}`);
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function areCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}

/** Returns the number of elements; NaN if a length is not a count or the product is not exact. */
function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const dimension of shape) {
    size *= dimension;
    if (!isCount(dimension) || !isCount(size)) return NaN;
  }
  return size;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
