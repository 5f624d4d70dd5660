import { type LabelledData, loadDigits } from "gradlane/digits";
import { withVariants } from "./variants.ts";

/** Variants of each example of the data set. */
const COPIES = 12;

const SEED = 1;

/** Returns the training data, and the validation data: digits of other people, unchanged. */
export async function trainingData(): Promise<{ data: LabelledData; validation: LabelledData }> {
  const { train, test } = await loadDigits();
  return { data: withVariants(train, COPIES, SEED), validation: test };
}
