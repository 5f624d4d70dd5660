import { listFolder, readFile } from "../io/files.ts";
import type { LabelledData } from "./dataset.ts";
import { idxImages, type IdxImages } from "./idx.ts";

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
  const { train, test } = await loadIdxImages(folder);
  return { train, test };
}

/** Loads what loadIdxFolder does, and the shape of an image: [28, 28]. */
export async function loadIdxImages(folder: string): Promise<{
  readonly train: LabelledData;
  readonly test: LabelledData;
  readonly image: readonly number[];
}> {
  const present = new Set(await listFolder(folder));
  const found = {
    trainImages: find(present, FILES.trainImages, folder),
    trainLabels: find(present, FILES.trainLabels, folder),
    testImages: find(present, FILES.testImages, folder),
    testLabels: find(present, FILES.testLabels, folder),
  };
  const train = await loadPart(folder, found.trainImages, found.trainLabels);
  const test = await loadPart(folder, found.testImages, found.testLabels);
  const [wanted, got] = [train, test].map(({ image }) => image.join("x"));
  if (got !== wanted) {
    throw new RangeError(
      `${folder}/${found.testImages}: expected images of ${wanted} pixels as in ` +
        `${found.trainImages}, got ${got}`,
    );
  }
  const classes = Math.max(train.data.classes, test.data.classes);
  return {
    train: { ...train.data, classes },
    test: { ...test.data, classes },
    image: train.image,
  };
}

function find(present: Set<string>, file: string, folder: string): string {
  const names = [file, file.replace("-idx", ".idx")].flatMap((name) => [name, `${name}.gz`]);
  const found = names.find((name) => present.has(name));
  if (found === undefined) {
    throw new RangeError(`${folder}: expected a file ${file} or ${file}.gz, got none`);
  }
  return found;
}

async function loadPart(folder: string, images: string, labels: string): Promise<IdxImages> {
  const names = { images: `${folder}/${images}`, labels: `${folder}/${labels}` };
  return idxImages(await readFile(names.images), await readFile(names.labels), names);
}
