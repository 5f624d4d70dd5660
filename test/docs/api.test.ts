import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, LogLevel, Logger, TSConfigReader, TypeDocReader } from "typedoc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "gradlane-api-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Keeps the messages. */
class Listener extends Logger {
  readonly warnings: string[] = [];
  override log(message: string, level: LogLevel): void {
    if (level >= LogLevel.Warn) this.warnings.push(message);
  }
}

const logger = new Listener();
beforeAll(async () => {
  const options = { options: root, out: folder };
  const readers = [new TypeDocReader(), new TSConfigReader()];
  const app = await Application.bootstrapWithPlugins(options, readers);
  app.logger = logger;
  const project = await app.convert();
  app.validate(project!);
  await app.generateOutputs(project!);
});

/** The pages of a folder by their names. */
function pages(path: string): Map<string, string> {
  const names = readdirSync(path, { recursive: true, encoding: "utf8" }).toSorted();
  return new Map(names.map((name) => [name, readFileSync(join(path, name), "utf8")]));
}

describe("docs/api", () => {
  it("has a docstring for every public name, each property and method", () => {
    expect(logger.warnings).toEqual([]);
  });

  it("is what npm run docs:api writes", () => {
    expect(pages(join(root, "docs/api"))).toEqual(pages(folder));
  });

  it("has a page for each topic, and every export of the package on one", async () => {
    const all = [...pages(join(root, "docs/api")).values()].join("\n");
    const modules = await Promise.all([
      import("../../src/index.ts"),
      import("../../src/kernels.ts"),
      import("../../src/io/safetensors.ts"),
      import("../../src/data/digits.ts"),
    ]);
    const names = modules.flatMap((module) => Object.keys(module));
    expect(names.length).toBeGreaterThan(80);
    const missing = names.filter((name) => !new RegExp(`^### ${name}(\\(\\))?$`, "m").test(all));
    expect(missing).toEqual([]);
  });
});
