import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Runs `npm run test:quick` on a file, without what Vitest tells its workers. */
async function quick(file: string): Promise<string> {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|TEST$|NODE_ENV$)/.test(name),
  );
  const env = { ...Object.fromEntries(own), NO_COLOR: "1" };
  const args = ["scripts/quick.mjs", file];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env });
  return stdout;
}

it("test:quick runs the file that is named, in the strict project alone", async () => {
  const printed = await quick("test/kernels/labels.test.ts");
  expect(printed).toMatch(/✓ \|strict\| test\/kernels\/labels\.test\.ts/);
  expect(printed).toMatch(/Test Files +1 passed \(1\)/);
});

it("test:quick runs slow files by name, and fails where there is none", async () => {
  await expect(quick("test/nowhere.test.ts")).rejects.toMatchObject({ code: 1 });
  expect(await quick("test/memory/heap.test.ts")).toMatch(/Test Files +1 passed \(1\)/);
});
