import { alignPairs } from "./format.ts";
import { optionalText, UsageError } from "./options.ts";

/** What a command works through: groups of things, all with names. */
export interface Catalogue<Group> {
  readonly groups: readonly Group[];
  /** The names of what is in a group. */
  readonly namesIn: (group: Group) => readonly string[];
  /** A group with nothing in it but what has a name that `has` takes. */
  readonly only: (group: Group, has: (name: string) => boolean) => Group;
}

/** The option --filter. @param examples goes on after "such as" */
export function filterOption(examples: string) {
  return optionalText("NAME", `only what has this in its name, such as ${examples}`);
}

/**
 * All groups, or what a filter leaves of them: what has it in its name or in its group's, whatever
 * the case.
 * @param columns of the terminal
 * @throws UsageError with all the names if that is nothing
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
