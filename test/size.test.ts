import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

interface Check {
  readonly name: string;
  readonly size: number;
  readonly sizeLimit: number;
}

const root = fileURLToPath(new URL("..", import.meta.url));
const command = ["node_modules/size-limit/bin.js", "--json"];
const { stdout } = spawnSync(process.execPath, command, { cwd: root, encoding: "utf8" });

describe("what programs download, as `npm run size` measures the build in dist/", () => {
  const checks = JSON.parse(stdout) as Check[];

  it.each(checks)("$name: $size of at most $sizeLimit bytes gzipped", ({ size, sizeLimit }) => {
    expect(size).toBeLessThanOrEqual(sizeLimit);
  });

  it("is measured for programs that train and for the kernels alone", () => {
    expect(checks.map(({ name }) => name)).toEqual([
      "the strict kernels",
      "training, kernels embedded",
      "the kernels alone",
    ]);
    // A bundle without the kernels would be smaller than they are.
    const [kernels, ...programs] = checks;
    for (const { size } of programs) expect(size).toBeGreaterThan(0.9 * kernels!.size);
  });
});
