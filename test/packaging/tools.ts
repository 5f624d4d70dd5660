import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { it } from "vitest";
import { browsers } from "../browsers/browsers.ts";

const modules = fileURLToPath(new URL("node_modules/", import.meta.url));

/** The path of a command of test/packaging/package.json. */
export function command(name: string): string {
  return join(modules, ".bin", name);
}

/** The path of a package of test/packaging/package.json. */
export function modulePath(name: string): string {
  return join(modules, name);
}

export const chromiumPath = browsers.chromium.command[0];

/** What rows need that open pages. */
export const browser = ["chromium", "playwright-core"];

/** Whether a module, or "chromium", can be used. */
function isInstalled(name: string): boolean {
  return name === "chromium" ? chromiumPath !== undefined : existsSync(modulePath(name));
}

/**
 * A test that needs modules of test/packaging/package.json, or "chromium": without them it is skipped,
 * which is said, or fails if GRADLANE_PACKAGING is "required".
 */
export function row(name: string, tools: readonly string[], test: () => Promise<void>): void {
  const missing = tools.filter((tool) => !isInstalled(tool)).join(", ");
  if (missing === "") {
    it(name, test);
    return;
  }
  const reason = `${missing} not installed here (npm install --prefix test/packaging)`;
  if (process.env.GRADLANE_PACKAGING === "required") {
    it(name, () => {
      throw new Error(`GRADLANE_PACKAGING=required: ${reason}`);
    });
    return;
  }
  console.warn(`NOT TESTED: ${name}; ${reason}`);
  it.skip(name);
}
