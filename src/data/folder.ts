import { listFolder, readFile } from "../io/files.ts";
import type { LabelledData } from "./dataset.ts";
import { idxDataset } from "./idx.ts";

const FILES = {
  trainImages: "train-images-idx3-ubyte",
  trainLabels: "train-labels-idx1-ubyte",
  testImages: "t10k-images-idx3-ubyte",
  testLabels: "t10k-labels-idx1-ubyte",
};

/**
 * Loads a data set in the form of MNIST from a folder (Node only): train-images-idx3-ubyte,
 * train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each with or without
 * ".gz", and with "-" or "." before "idx". Both parts have the `classes` of the whole.
 *
 * @throws TypeError outside Node
 * @throws RangeError if the folder or one of the files is missing, a file is not what
 *   `idxDataset` expects, or the images of the two parts differ in size
 */
export async function loadIdxFolder(
  folder: string,
): Promise<{ train: LabelledData; test: LabelledData }> {
  const present = new Set(await listFolder(folder));
  const found = {
    trainImages: find(present, FILES.trainImages, folder),
    trainLabels: find(present, FILES.trainLabels, folder),
    testImages: find(present, FILES.testImages, folder),
    testLabels: find(present, FILES.testLabels, folder),
  };
  const train = await loadPart(folder, found.trainImages, found.trainLabels);
  const test = await loadPart(folder, found.testImages, found.testLabels);
  if (test.shape[0] !== train.shape[0]) {
    throw new RangeError(
      `${folder}/${found.testImages}: expected images of ${train.shape[0]} pixels as in ` +
        `${found.trainImages}, got ${test.shape[0]}`,
    );
  }
  const classes = Math.max(train.classes, test.classes);
  return { train: { ...train, classes }, test: { ...test, classes } };
}

function find(present: Set<string>, file: string, folder: string): string {
  const names = [file, file.replace("-idx", ".idx")].flatMap((name) => [name, `${name}.gz`]);
  const found = names.find((name) => present.has(name));
  if (found === undefined) {
    throw new RangeError(`${folder}: expected a file ${file} or ${file}.gz, got none`);
  }
  return found;
}

async function loadPart(folder: string, images: string, labels: string): Promise<LabelledData> {
  const names = { images: `${folder}/${images}`, labels: `${folder}/${labels}` };
  return idxDataset(await readFile(names.images), await readFile(names.labels), names);
}
