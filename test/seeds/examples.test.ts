import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type SeedCase, type Value, seedCases } from "./cases.ts";

const root = new URL("../../", import.meta.url);
const scripts = readdirSync(new URL("examples/notes/", root)).filter((name) => /^\d-/.test(name));

/** Lines of each script that say that gradlane agrees, at least. */
const AGREEING = 35;

describe("examples/notes", () => {
  it("has a script for each of the five notes", () => {
    expect(scripts.map((name) => name[0])).toEqual(["1", "2", "3", "4", "5"]);
  });

  // They import the package by its name, as a user does: npm run build makes what they run on.
  it.each(scripts)("%s prints numbers by hand that gradlane agrees with", (name) => {
    const path = fileURLToPath(new URL(`examples/notes/${name}`, root));
    const { status, stdout, stderr } = spawnSync(process.execPath, [path], { encoding: "utf8" });
    const lines = stdout.split("\n");
    expect(lines.filter((line) => line.includes("✗"))).toEqual([]);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const agreeing = lines.filter((line) => line.endsWith("✓")).length;
    expect(agreeing).toBeGreaterThanOrEqual(AGREEING);
  });
});

/** Every number below a value. */
function numbers(value: Value | undefined): number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbers) : [];
}

/** Every number that a case knows of. */
function numbersOf({ inputs, hyper, expected, mustNotEqual }: SeedCase): number[] {
  return [inputs, hyper, expected, mustNotEqual].flatMap(numbers);
}

describe("docs/notes.md", () => {
  const text = readFileSync(new URL("docs/notes.md", root), "utf8");
  const rows = text.split("\n").filter((line) => line.startsWith("| "));

  it("lists every case once, and no other", () => {
    const listed = Array.from(text.matchAll(/^\| `([sx]\w+)`/gm), ([, name]) => name!);
    expect(listed.toSorted()).toEqual(seedCases.map(({ name }) => name).toSorted());
  });

  it("gives check values that are those of the cases, rounded", () => {
    for (const row of rows) {
      const name = /^\| `(\w+)`/.exec(row)?.[1];
      const known = seedCases
        .filter((example) => !name || example.name === name)
        .flatMap(numbersOf);
      for (const [written, decimals] of row.matchAll(/-?\d+\.(\d{2,})/g)) {
        const half = 0.5000001 * 10 ** -decimals!.length;
        const found = known.some((x) => Math.abs(x - Number(written)) <= half);
        expect(found, `${written} in ${row}`).toBe(true);
      }
    }
  });

  it("names the script of each note", () => {
    for (const name of scripts) expect(text).toContain(`\`examples/notes/${name}\``);
  });
});
