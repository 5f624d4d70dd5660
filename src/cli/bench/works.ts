import { kernelWorks } from "./kernel-works.ts";
import { startupWorks } from "./startup.ts";
import type { WorkGroup } from "./work.ts";

/** Everything that can be measured, in the order it is shown. */
export const workGroups: readonly WorkGroup[] = [...kernelWorks, startupWorks];

/** The works that have `part` in their name or in their group's, whatever the case; maybe none. */
export function worksNamed(part: string): WorkGroup[] {
  const has = (name: string): boolean => name.toLowerCase().includes(part.toLowerCase());
  return workGroups
    .map((group) =>
      has(group.name) ? group : { ...group, works: group.works.filter(({ name }) => has(name)) },
    )
    .filter(({ works }) => works.length > 0);
}
