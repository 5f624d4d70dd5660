// The images that the examples learn: four IDX files in a folder of yours, or the package's digits.
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { idxDataset, readIdx } from "gradlane";
import { loadDigits } from "gradlane/digits";
import { readOptions, refuse, wholeNumber } from "../command-line.mjs";

const FASHION = [
  ...["T-shirt", "trouser", "pullover", "dress", "coat"],
  ...["sandal", "shirt", "sneaker", "bag", "boot"],
];

/** Returns what was asked for on the command line: [FOLDER] [--epochs N]. */
export function readArguments() {
  const { values, positionals } = readOptions({ epochs: { type: "string" } });
  return { folder: positionals[0], epochs: wholeNumber("epochs", values.epochs) };
}

/**
 * Images to train and to test with: x in rows of pixels, y with their classes.
 * @param folder path of the four IDX files, gzipped or not; the digits if it is undefined
 * @returns shape is [rows, columns, 1] of an image, names has a name for each class
 */
export async function loadImages(folder) {
  if (folder === undefined) {
    const { train, test } = await loadDigits();
    return { train, test, shape: [8, 8, 1], names: [..."0123456789"], title: "digits, 8x8 pixels" };
  }
  const files = await readdir(folder).catch(({ message }) => refuse(message));
  /** Returns the bytes of the file that begins with a name, such as train-images. */
  const read = async (start) => {
    const name = files.find((file) => file.startsWith(start));
    if (name === undefined) refuse(`${folder}: expected a file ${start}-…-ubyte, got none`);
    return readFile(join(folder, name));
  };
  // Pixels stay bytes, which a model reads as numbers from 0 to 1.
  const trainImages = await read("train-images");
  const train = await idxDataset(trainImages, await read("train-labels"));
  const test = await idxDataset(await read("t10k-images"), await read("t10k-labels"));
  const [, rows, columns] = (await readIdx(trainImages)).shape;
  const isFashion = /fashion/i.test(folder);
  const names = isFashion ? FASHION : Array.from({ length: train.classes }, (_, i) => String(i));
  const title = `${folder}, ${rows}x${columns} pixels`;
  return { train, test, shape: [rows, columns, 1], names, title };
}

/** The pixels of some images as numbers from 0 to 1. */
export function asFloats(x) {
  return x instanceof Uint8Array
    ? Float32Array.from(x, (byte) => byte / 255)
    : Float32Array.from(x);
}
