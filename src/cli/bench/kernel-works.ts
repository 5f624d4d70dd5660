import { elementwiseWorks } from "./elementwise.ts";
import { gatherWorks } from "./gather.ts";
import { optimizerWorks } from "./optimizers.ts";
import { sgemmWorks } from "./sgemm.ts";
import { softmaxWorks } from "./softmax.ts";
import { stepWorks } from "./step.ts";
import type { WorkGroup } from "./work.ts";

/** What is measured on one engine, also in browsers: all but what starts processes. */
export const kernelWorks: readonly WorkGroup[] = [
  sgemmWorks,
  elementwiseWorks,
  softmaxWorks,
  optimizerWorks,
  gatherWorks,
  stepWorks,
];
