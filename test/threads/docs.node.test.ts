import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const text = readFileSync(join(root, "docs/threads.md"), "utf8");

/** A folder in which the package is installed. */
const folder = mkdtempSync(join(tmpdir(), "gradlane-threads-"));
mkdirSync(join(folder, "node_modules"));
symlinkSync(root, join(folder, "node_modules", "gradlane"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("docs/threads.md", () => {
  it("has a page and a trainer that train, in Node too", async () => {
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    for (const [, name, code] of text.matchAll(/^```js\n\/\/ (\w+\.js)\n(.*?)^```$/gms)) {
      writeFileSync(join(folder, name!), code!);
    }
    const { stdout } = await promisify(execFile)(process.execPath, ["page.js"], {
      cwd: folder,
      timeout: 60_000,
    });
    const losses = [...stdout.matchAll(/^(\d+) (\d\.\d+)$/gm)].map(([, , loss]) => Number(loss));
    expect(losses).toHaveLength(10);
    expect(losses[9]).toBeLessThan(losses[0]!);
    expect(stdout).toMatch(/^\{/m);
  });
});
