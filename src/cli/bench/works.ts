import { kernelWorks } from "./kernel-works.ts";
import { startupWorks } from "./startup.ts";
import type { WorkGroup } from "./work.ts";

/** Everything that can be measured, in the order it is shown. */
export const workGroups: readonly WorkGroup[] = [...kernelWorks, startupWorks];
