import { spawnSync } from "node:child_process";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));

function compare(...args: string[]) {
  return compareIn(root, args);
}

function compareIn(cwd: string, args: string[]) {
  const options = { cwd, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["bench/compare.mjs", ...args],
    options,
  );
  return { status, stdout, stderr };
}

describe("bench/compare.mjs", () => {
  it("counts the rounds that each tile wins", () => {
    const args = ["--tile", "4x8,3x8", "--work", "sgemm 48x48x48", "--rounds", "1"];
    const { status, stdout, stderr } = compare(...args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^sgemm 48x48x48, 1 rounds$/m);
    expect(stdout).toMatch(/^1\. 4x8 [\d.]+ [µm]s, 3x8 [\d.]+ [µm]s: (4x8|3x8).* fastest$/m);
    const wins = [...stdout.matchAll(/median .*, fastest in (\d) of 1 rounds/g)].map(
      ([, count]) => +count!,
    );
    const draws = stdout.includes("no single fastest in 1 of 1 rounds") ? 1 : 0;
    expect(wins).toHaveLength(2);
    expect(wins[0]! + wins[1]! + draws).toBe(1);
  });

  it.each([
    [[], "compare: expected two builds, or one build and two tiles or more"],
    [["--tile", "4x8,9x9"], /^--tile: expected some of 4x8, .*, got 9x9$/m],
    [["a", "b", "--work", "lu"], "--work: expected a name that gradlane bench shows, got lu"],
    [["a", "b", "--rounds", "0"], "--rounds: expected a whole number of at least 1, got 0"],
    [
      ["none.wasm", "b"],
      /^compare: expected a build of the kernels, got "none\.wasm" \(ENOENT.*\)$/m,
    ],
    [["LICENSE", "b"], /^compare: expected a build of the kernels, got "LICENSE" \(.*magic.*\)$/m],
  ])("takes %j for wrong use", (args, message) => {
    const { status, stdout, stderr } = compare(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    const [line, ...usage] = stderr.split("\n");
    expect(line).toMatch(message);
    expect(usage[0]).toMatch(/^usage: node bench\/compare\.mjs OLD\.wasm NEW\.wasm/);
  });

  it("says in a line that the tree is not built", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gradlane-"));
    try {
      const names = ["bench/compare", "bench/shuffled", "bench/usage", "scripts/load"];
      for (const file of names.map((name) => `${name}.mjs`)) {
        await cp(join(root, file), join(folder, file));
      }
      await symlink(join(root, "node_modules"), join(folder, "node_modules"), "junction");
      const stderr = "compare: expected a tree that is built, this one is not: npm run build\n";
      const ended = compareIn(folder, ["--tile", "4x8,3x8"]);
      expect(ended).toEqual({ status: 1, stdout: "", stderr });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
