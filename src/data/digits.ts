import { embedded as packed } from "../../build/digits.ts";
import { fromBase64 } from "../base/embedded-bytes.ts";
import { readCsv } from "./csv.ts";
import { type LabelledData, splitAt } from "./dataset.ts";

export type { LabelledData };

const TRAIN_ROWS = 1437;
const DARKEST = 16;

const ATTRIBUTION =
  '"Optical Recognition of Handwritten Digits" by E. Alpaydin and C. Kaynak, 1998, ' +
  "UCI Machine Learning Repository, CC BY 4.0";

/** Data set of handwritten digits. */
export interface Digits {
  /** 1,437 examples to train on. */
  train: LabelledData;
  /** 360 examples by other writers, to test with. */
  test: LabelledData;
  /** Authors and licence of the data, to be shown with it. */
  attribution: string;
}

/**
 * Loads the handwritten digits that the package contains: 1,797 images of 8×8 pixels, scaled to
 * 0..1 (the file has 0 to 16). The first 1,437 are to train on. The last 360 are by other writers,
 * and are to test with.
 *
 * @returns `x` as Float32Array, `shape` [64], 10 `classes`; `attribution` is the text that the
 *   licence asks to show with the data
 * @example
 * const { train, test } = await loadDigits();
 * train.count; // 1437
 * test.shape; // [64]
 */
export async function loadDigits(): Promise<Digits> {
  const data = await readCsv(fromBase64(packed), { header: false, name: "digits.csv.gz" });
  const x = Float32Array.from(data.x, (pixel) => pixel / DARKEST);
  const [train, test] = splitAt({ ...data, x }, TRAIN_ROWS);
  return { train, test, attribution: ATTRIBUTION };
}
