import type { Kind } from "../arguments/refusals.ts";

/** Returns the options that a function takes, as it lists them when it refuses another. */
export function optionsOf(call: (options: never) => unknown): string[] {
  try {
    call({ unheardOf: 1 } as never);
  } catch (error) {
    const [, names] = /: expected options (.*), got "unheardOf"$/.exec((error as Error).message)!;
    return names!.split(", ");
  }
  throw new Error(`optionsOf: expected ${call.name} to refuse an option that it does not have`);
}

const KINDS: Readonly<Record<string, Kind>> = { number: "number", boolean: "flag", string: "name" };

function kindOf(value: unknown): Kind {
  return Array.isArray(value) ? "list" : KINDS[typeof value]!;
}

/** Returns the options that some objects have, each by what its values are: numbers, lists, flags, names. */
export function kindsOf(tried: readonly object[]): Record<string, Kind> {
  const options = tried.flatMap((some) => Object.entries(some) as [string, unknown][]);
  return Object.fromEntries(options.map(([option, value]) => [option, kindOf(value)]));
}
