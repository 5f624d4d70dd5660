import { afterAll, describe, expect, it } from "vitest";
import { type Block, blocksOf, fileName, isSignature, pages, programsOf } from "./blocks.ts";
import { script } from "./blocks.ts";
import { Project } from "./project.ts";

/**
 * All code of the documentation type-checks under the strictest flags that users have, against the
 * declarations that are published. Blocks of JavaScript are taken for TypeScript: readers paste them
 * into either.
 */

const own = new Project();
afterAll(() => {
  own.remove();
});

/** A page's code, on the lines on which it stands there, and under names that say where that is. */
function write(file: string): string[] {
  const blocks = blocksOf(file).filter((block) => !isSignature(block));
  const folder = file.replaceAll("/", "-");
  const isCode = ({ language }: Block): boolean => language === "js" || language === "ts";
  const files = blocks.filter((block) => isCode(block) && fileName(block) !== undefined);
  return [
    ...programsOf(blocks).map((one) =>
      own.write(`${folder}/${one.blocks[0]!.line}.mts`, script(one)),
    ),
    ...files.map((block) => {
      const name = fileName(block)!.replace(/js$/, "ts");
      return own.write(`${folder}/${name}`, "\n".repeat(block.line - 1) + block.code);
    }),
  ];
}

describe("code of the documentation", () => {
  it("type-checks under strict, noUncheckedIndexedAccess and exactOptionalPropertyTypes", () => {
    const files = pages().flatMap(write);
    expect(files.length).toBeGreaterThan(10);
    expect(own.faults(files)).toEqual([]);
  });

  it("would not if it were wrong", () => {
    const broken = [
      'import { dense, network } from "gradlane";',
      "network((g, { x }) => g.use(dense(2), x.shape));",
      "const [first] = [1].map(Number);",
      "export const next: number = first;",
    ];
    const found = own.faults([own.write("broken.mts", broken.join("\n"))]);
    const lines = found.filter((line) => line.startsWith("broken"));
    expect(lines.map((line) => line.slice(0, 13))).toEqual(["broken.mts(2,", "broken.mts(4,"]);
  });
});
