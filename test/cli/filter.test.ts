import { describe, expect, it } from "vitest";
import { type Catalogue, select } from "../../src/cli/filter.ts";
import { UsageError } from "../../src/cli/options.ts";

interface Group {
  readonly name: string;
  readonly items: readonly string[];
}

const groups: Group[] = [
  { name: "sgemm", items: ["sgemm 48x48x48", "sgemm 48x48x48 NT", "sgemm 96x96x96"] },
  { name: "optimizers", items: ["sgd", "adam"] },
  { name: "Gather", items: ["rows", "rows of bytes, for Adam"] },
];
const catalogue: Catalogue<Group> = {
  groups,
  namesIn: ({ items }) => items,
  only: ({ name, items }, has) => ({ name, items: items.filter(has) }),
};

describe("--filter", () => {
  it("is everything where it is left out", () => {
    expect(select(catalogue, undefined, 80)).toBe(groups);
  });

  it.each([
    ["48x48", [["sgemm 48x48x48", "sgemm 48x48x48 NT"]]],
    ["ADAM", [["adam"], ["rows of bytes, for Adam"]]],
    ["gather", [["rows", "rows of bytes, for Adam"]]],
    ["optimizers", [["sgd", "adam"]]],
  ])("finds by a part of a name or a group's, whatever the case: %s", (filter, expected) => {
    expect(select(catalogue, filter, 80).map(({ items }) => items)).toEqual(expected);
  });

  it("lists all names where it finds nothing", () => {
    const search = () => select(catalogue, "fft", 80);
    expect(search).toThrow(UsageError);
    expect(search).toThrow(/got "fft"\n.*sgemm 48x48x48, .*\n +optimizers +sgd, adam\n/s);
  });
});
