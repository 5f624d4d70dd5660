import { alignPairs } from "./format.ts";
import { optionalText, UsageError } from "./options.ts";

/** What a command works through: groups of things, all with names. */
export interface Catalogue<Group> {
  readonly groups: readonly Group[];
  /** The groups, with what has `part` in its name or in its group's; maybe none. */
  readonly search: (part: string) => readonly Group[];
  /** The names of what is in a group. */
  readonly namesIn: (group: Group) => readonly string[];
}

/** The option --filter. @param examples goes on after "such as" */
export function filterOption(examples: string) {
  return optionalText("NAME", `only what has this in its name, such as ${examples}`);
}

/**
 * All groups, or what a filter leaves of them.
 * @param columns of the terminal
 * @throws UsageError with all the names if that is nothing
 */
export function select<Group extends { readonly name: string }>(
  { groups, search, namesIn }: Catalogue<Group>,
  filter: string | undefined,
  columns: number,
): readonly Group[] {
  if (filter === undefined) return groups;
  const found = search(filter);
  if (found.length > 0) return found;
  const known = groups.map((group) => [group.name, namesIn(group).join(", ")] as const);
  const list = alignPairs(known, columns, "  ", /(?<=,) /).join("\n");
  throw new UsageError(`--filter: expected a part of one of these names, got "${filter}"\n${list}`);
}
