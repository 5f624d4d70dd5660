import { attentionWorks } from "./attention.ts";
import { convolutionWorks } from "./convolution.ts";
import { elementwiseWorks } from "./elementwise.ts";
import { gatherWorks } from "./gather.ts";
import { optimizerWorks } from "./optimizers.ts";
import { recurrentWorks } from "./recurrent.ts";
import { sgemmWorks } from "./sgemm.ts";
import { softmaxWorks } from "./softmax.ts";
import { stepWorks } from "./step.ts";
import type { WorkGroup } from "./work.ts";

/** Works that need an engine alone and run in browsers too; start-up is not among them. */
export const kernelWorks: readonly WorkGroup[] = [
  sgemmWorks,
  convolutionWorks,
  recurrentWorks,
  attentionWorks,
  elementwiseWorks,
  softmaxWorks,
  optimizerWorks,
  gatherWorks,
  stepWorks,
];
