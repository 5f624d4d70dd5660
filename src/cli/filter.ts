import { alignPairs } from "./format.ts";
import { optionalText, UsageError } from "./options.ts";

/** Named groups of named items that a command processes. */
export interface Catalogue<Group> {
  readonly groups: readonly Group[];
  /** Returns the names of the items in a group. */
  readonly namesIn: (group: Group) => readonly string[];
  /** Returns a group with the items for whose names `has` is true. */
  readonly only: (group: Group, has: (name: string) => boolean) => Group;
}

/** Returns the option --filter. @param examples text that follows "such as" in its summary */
export function filterOption(examples: string) {
  return optionalText("NAME", `only what has this in its name, such as ${examples}`);
}

/**
 * Returns the groups and items that have the filter in their name, in upper or lower case; all
 * items of a group that has it in its name; and everything without a filter.
 * @param columns width of the terminal
 * @throws UsageError with all names if nothing is left
 */
export function select<Group extends { readonly name: string }>(
  { groups, namesIn, only }: Catalogue<Group>,
  filter: string | undefined,
  columns: number,
): readonly Group[] {
  if (filter === undefined) return groups;
  const has = (name: string): boolean => name.toLowerCase().includes(filter.toLowerCase());
  const found = groups
    .map((group) => (has(group.name) ? group : only(group, has)))
    .filter((group) => namesIn(group).length > 0);
  if (found.length > 0) return found;
  const known = groups.map((group) => [group.name, namesIn(group).join(", ")] as const);
  const list = alignPairs(known, columns, "  ", /(?<=,) /).join("\n");
  throw new UsageError(`--filter: expected a part of one of these names, got "${filter}"\n${list}`);
}
