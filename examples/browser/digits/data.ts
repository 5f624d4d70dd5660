import { type LabelledData, loadDigits } from "gradlane/digits";
import { withVariants } from "./variants.ts";

/** Variants of each example of the data set. */
const COPIES = 12;

const SEED = 1;

/** What the network is trained on, and what it is tested with: digits by other people, as they are. */
export async function trainingData(): Promise<{ data: LabelledData; validation: LabelledData }> {
  const { train, test } = await loadDigits();
  return { data: withVariants(train, COPIES, SEED), validation: test };
}
