import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");

/** The JavaScript blocks of the README, in order. */
const [tenLines, ...others] = [...readme.matchAll(/^```js\n(.*?)^```$/gms)].map(
  ([, code]) => code!,
);

/** A folder in which the package is installed. */
const folder = mkdtempSync(join(tmpdir(), "gradlane-readme-"));
mkdirSync(join(folder, "node_modules"));
symlinkSync(root, join(folder, "node_modules", "gradlane"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What a script prints. */
function run(script: string): string {
  writeFileSync(join(folder, "script.mjs"), script);
  return execFileSync(process.execPath, ["script.mjs"], { cwd: folder, encoding: "utf8" });
}

describe("README", () => {
  it("has an example of ten lines that prints what it says", () => {
    expect(tenLines!.trim().split("\n")).toHaveLength(10);
    const printed = run(tenLines!);
    const [, loss, accuracy] = /\{ loss: ([\d.]+), accuracy: ([\d.]+) \}/.exec(printed)!;
    const digits = (text: string | undefined): string => text!.slice(0, "0.1234".length);
    expect(readme).toContain(`\`{ loss: ${digits(loss)}…, accuracy: ${digits(accuracy)}… }\``);
    expect(readme).toContain(`accuracy ${digits(accuracy)}  loss ${digits(loss)}  on 360`);
  });

  it("has blocks that run after it, on a batch of the same data", () => {
    const more = 'import { gelu, l2, network } from "gradlane";';
    const batch = "const xBatch = train.x.slice(0, 32 * 64), yBatch = train.y.slice(0, 32);";
    const options = "{ inputShape: [64], loss: crossEntropy(), optimizer: adam() }";
    const trained = `console.log(engine.compile(block, ${options}).trainStep(xBatch, yBatch) > 0);`;
    const printed = run([more, tenLines, batch, ...others, trained].join("\n"));
    expect(printed).toContain("dense1  dense(64)  [batch, 64]");
    expect(printed).toContain("33 3 6 9");
    expect(printed).toMatch(/true\n$/);
  });
});
