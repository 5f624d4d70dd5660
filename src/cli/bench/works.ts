import { elementwiseWorks } from "./elementwise.ts";
import { gatherWorks } from "./gather.ts";
import { optimizerWorks } from "./optimizers.ts";
import { sgemmWorks } from "./sgemm.ts";
import { softmaxWorks } from "./softmax.ts";
import { startupWorks } from "./startup.ts";
import { stepWorks } from "./step.ts";
import type { WorkGroup } from "./work.ts";

/** Everything that can be measured, in the order it is shown. */
export const workGroups: readonly WorkGroup[] = [
  sgemmWorks,
  elementwiseWorks,
  softmaxWorks,
  optimizerWorks,
  gatherWorks,
  stepWorks,
  startupWorks,
];

/** The works that have `part` in their name or in their group's, whatever the case; maybe none. */
export function worksNamed(part: string): WorkGroup[] {
  const has = (name: string): boolean => name.toLowerCase().includes(part.toLowerCase());
  return workGroups
    .map((group) =>
      has(group.name) ? group : { ...group, works: group.works.filter(({ name }) => has(name)) },
    )
    .filter(({ works }) => works.length > 0);
}
