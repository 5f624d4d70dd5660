import { check, checkOptions, text } from "../base/arguments.ts";
import { countClasses, type LabelledData } from "./dataset.ts";
import { maybeGunzip } from "./gzip.ts";
import { printableData } from "./printable.ts";

/** Array of an IDX file, row-major, in this machine's byte order. */
export interface IdxArray {
  /** Elements, in the file's own type of number. */
  data: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
  /** Lengths of its axes: [60000, 28, 28] for MNIST's images. */
  shape: number[];
}

interface ElementType {
  size: number;
  read(bytes: Uint8Array, offset: number, length: number): IdxArray["data"];
}

// The type codes of http://yann.lecun.com/exdb/mnist/; numbers are big-endian.
const TYPES = new Map<number, ElementType>([
  [0x08, { size: 1, read: (b, at, n) => b.subarray(at, at + n) }],
  [0x09, { size: 1, read: (b, at, n) => new Int8Array(b.buffer, b.byteOffset + at, n) }],
  [0x0b, numbers(2, (n) => new Int16Array(n), "getInt16")],
  [0x0c, numbers(4, (n) => new Int32Array(n), "getInt32")],
  [0x0d, numbers(4, (n) => new Float32Array(n), "getFloat32")],
  [0x0e, numbers(8, (n) => new Float64Array(n), "getFloat64")],
]);

function numbers(
  size: number,
  allocate: (length: number) => Exclude<IdxArray["data"], Uint8Array | Int8Array>,
  getter: "getInt16" | "getInt32" | "getFloat32" | "getFloat64",
): ElementType {
  const read: ElementType["read"] = (bytes, offset, length) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset);
    const data = allocate(length);
    for (let i = 0; i < length; i++) data[i] = view[getter](i * size);
    return data;
  };
  return { size, read };
}

/**
 * Reads an IDX file (the format of MNIST), plain or gzipped. Data of one-byte types is a view of
 * the (unpacked) bytes, not a copy.
 *
 * @param name name of the file in error messages
 * @throws TypeError if `bytes` is not a Uint8Array
 * @throws RangeError if the file is not an IDX file, is truncated, has bytes after its data, or
 *   has a type code that the format does not know
 * @example
 * const { readFile } = await import("node:fs/promises");
 * const { shape } = await readIdx(await readFile("train-images-idx3-ubyte"));
 * shape; // [4, 2, 2]
 */
export async function readIdx(bytes: Uint8Array, name = "IDX file"): Promise<IdxArray> {
  check("readIdx", "name", name, text());
  const file = await maybeGunzip(bytes, name);
  if (file.length < 4) {
    throw new RangeError(`${name}: expected the 4 bytes of an IDX magic, got ${file.length} bytes`);
  }
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const magic = view.getUint32(0);
  if (magic > 0xffff) {
    throw new RangeError(`${name}: expected an IDX file that starts with 00 00, got ${hex(magic)}`);
  }
  const type = TYPES.get(magic >> 8);
  if (type === undefined) {
    const known = [...TYPES.keys()].map((code) => hex(code, 2)).join(", ");
    throw new RangeError(`${name}: expected a type code of ${known}, got ${hex(magic >> 8, 2)}`);
  }
  const rank = magic & 0xff;
  const offset = 4 + 4 * rank;
  if (file.length < offset) {
    throw new RangeError(
      `${name}: truncated, expected a header of ${offset} bytes, got ${file.length}`,
    );
  }
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const length = product(shape);
  checkSize(name, shape, offset + length * type.size, file.length);
  return printableData({ data: type.read(file, offset, length), shape });
}

function checkSize(name: string, shape: number[], expected: number, got: number): void {
  if (got === expected) return;
  const fault = got < expected ? "truncated" : "trailing bytes";
  throw new RangeError(
    `${name}: ${fault}, expected ${expected} bytes for shape [${shape.join(", ")}], got ${got}`,
  );
}

/**
 * Pairs an IDX file of images with one of labels, each plain or gzipped. Images become rows of
 * bytes: 28×28 pixels give shape [784].
 *
 * @param images [count, ...] of uint8, such as [60000, 28, 28]
 * @param labels [count] of uint8 class indices
 * @param names names of the files in error messages
 * @throws TypeError if either is not a Uint8Array
 * @throws RangeError as `readIdx` does, or if either is not such an array (the files may be
 *   swapped), the counts differ, or there are no examples
 * @example
 * const { readFile } = await import("node:fs/promises");
 * const images = await readFile("train-images-idx3-ubyte");
 * const labels = await readFile("train-labels-idx1-ubyte");
 * const data = await idxDataset(images, labels);
 * data.shape; // [4]
 */
export async function idxDataset(
  images: Uint8Array,
  labels: Uint8Array,
  names: { images?: string; labels?: string } = {},
): Promise<LabelledData> {
  return (await idxImages(images, labels, names)).data;
}

/** Data set of an IDX file of images, and the shape of one of them: [28, 28]. */
export interface IdxImages {
  readonly data: LabelledData;
  readonly image: readonly number[];
}

/** Does what idxDataset does, and returns the shape of an image, which the rows of bytes lose. */
export async function idxImages(
  images: Uint8Array,
  labels: Uint8Array,
  names: { images?: string; labels?: string },
): Promise<IdxImages> {
  const chosen = checkOptions("idxDataset", names, { images: text(), labels: text() });
  const { images: imagesName = "images", labels: labelsName = "labels" } = chosen;
  const pixels = await readIdx(images, imagesName);
  const x = bytesOf(pixels, imagesName);
  if (pixels.shape.length < 2) {
    throw mislabelled(imagesName, "images (2 or more dimensions)", pixels.shape);
  }
  const classes = await readIdx(labels, labelsName);
  const y = bytesOf(classes, labelsName);
  if (classes.shape.length !== 1) {
    throw mislabelled(labelsName, "labels (1 dimension)", classes.shape);
  }
  const [count, ...image] = pixels.shape;
  if (count !== y.length) {
    throw new RangeError(
      `${labelsName}: expected ${count} labels, one for each image of ${imagesName}, ` +
        `got ${y.length}`,
    );
  }
  if (x.length === 0) {
    throw new RangeError(
      `${imagesName}: expected at least one pixel, got shape [${pixels.shape.join(", ")}]`,
    );
  }
  const shape = [product(image)];
  return { data: printableData({ x, y, count, shape, classes: countClasses(y) }), image };
}

function bytesOf({ data }: IdxArray, name: string): Uint8Array {
  if (data instanceof Uint8Array) return data;
  const got = data.constructor.name.replace("Array", "").toLowerCase();
  throw new RangeError(`${name}: expected data of type uint8, got ${got}`);
}

function mislabelled(name: string, expected: string, shape: number[]): RangeError {
  return new RangeError(
    `${name}: expected ${expected}, got shape [${shape.join(", ")}]; are the images and the ` +
      "labels swapped?",
  );
}

/**
 * Returns the product. Products too large to be exact are far beyond any file. A zero has to win over
 * an overflow.
 */
function product(shape: number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((size, dimension) => size * dimension, 1);
}

function hex(value: number, digits = 8): string {
  return `0x${value.toString(16).padStart(digits, "0")}`;
}
