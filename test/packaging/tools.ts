import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, it } from "vitest";
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

/** Tools of the rows that open pages. */
export const browser = ["chromium", "playwright-core"];

/** Returns true if a module, or "chromium", is installed. */
function isInstalled(name: string): boolean {
  return name === "chromium" ? chromiumPath !== undefined : existsSync(modulePath(name));
}

/** The variable that forbids to leave out what needs these tools; undefined if there is none. */
function demand(tools: readonly string[]): string | undefined {
  const demands = { GRADLANE_PACKAGING: true, GRADLANE_BROWSERS: tools.includes("chromium") };
  return Object.entries(demands).find(
    ([name, applies]) => applies && process.env[name] === "required",
  )?.[0];
}

/** Returns a function that adds a test or a group of tests if its tools are installed. */
function whereInstalled<Body>(add: (name: string, body: Body) => void) {
  return (name: string, tools: readonly string[], body: Body): void => {
    const missing = tools.filter((tool) => !isInstalled(tool)).join(", ");
    if (missing === "") {
      add(name, body);
      return;
    }
    const reason = `${missing} not installed here (npm install --prefix test/packaging)`;
    const demanded = demand(tools);
    if (demanded !== undefined) {
      it(name, () => {
        throw new Error(`${demanded}=required: ${reason}`);
      });
      return;
    }
    console.warn(`NOT TESTED: ${name}; ${reason}`);
    it.skip(name);
  };
}

/**
 * Adds a test that needs modules of test/packaging/package.json, or "chromium". Without them the
 * test is skipped with a warning. It fails instead if GRADLANE_PACKAGING is "required", or if
 * GRADLANE_BROWSERS is and the test needs a browser.
 */
export const row = whereInstalled<() => Promise<void>>(it);

/** Same as row, for a group of tests. */
export const rows = whereInstalled<() => void>(describe);
