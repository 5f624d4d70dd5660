import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("../../scripts/release.mjs", import.meta.url));

const CHANGELOG = `# Changelog

## [Unreleased]

### Added

- A feature.

## [0.0.1] - 2020-01-01

- The first one.
`;

let root = "";

const git = (...args: string[]): string =>
  execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();

const read = (path: string): string => readFileSync(join(root, path), "utf8");

function write(path: string, text: string): void {
  writeFileSync(join(root, path), text);
}

/** Describes a package whose tests take no time. */
function writePackage(test: string, more: object = { repository: "github:none/none" }): void {
  const fields = { name: "tried", version: "0.0.1", files: [], scripts: { test }, ...more };
  write("package.json", `${JSON.stringify(fields, null, 2)}\n`);
  write("package-lock.json", `{ "lockfileVersion": 3, "packages": { "": {} } }\n`);
  git("add", "--all");
  git("commit", "--quiet", "--message", "A package");
}

function release(...args: string[]): { status: number | null; text: string } {
  const options = { cwd: root, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], options);
  return { status, text: stdout + stderr };
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "gradlane-release-"));
  git("init", "--quiet", "--initial-branch", "main");
  git("config", "user.name", "Nobody");
  git("config", "user.email", "nobody@example.com");
  write("CHANGELOG.md", CHANGELOG);
  writePackage("node --version");
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

describe("a release", () => {
  it("sets the version, dates the changes, and tags the commit", () => {
    const { status, text } = release("0.1.0");
    expect(text).toContain("To publish: git push --follow-tags");
    expect(status).toBe(0);
    const today = new Date().toISOString().slice(0, 10);
    const heading = `## [Unreleased]\n\n## [0.1.0] - ${today}\n`;
    expect(read("CHANGELOG.md")).toBe(CHANGELOG.replace("## [Unreleased]\n", heading));
    expect(JSON.parse(read("package.json"))).toMatchObject({ version: "0.1.0" });
    expect(git("describe", "--exact-match")).toBe("v0.1.0");
    expect(git("status", "--porcelain")).toBe("");
  });

  it("says all of it and changes nothing in a dry run", () => {
    const before = git("rev-parse", "HEAD");
    const { status, text } = release("0.1.0", "--dry-run");
    expect(text).toContain("$ npm test\n");
    expect(text).toContain("$ git tag --annotate v0.1.0");
    expect(text).toContain("package.json");
    expect(text).toContain("Nothing has been changed.");
    expect(status).toBe(0);
    expect([git("rev-parse", "HEAD"), git("status", "--porcelain"), git("tag")]).toEqual([
      ...[before, "", ""],
    ]);
  });

  it("leaves nothing behind where a check fails", () => {
    writePackage("node missing.mjs");
    const before = git("rev-parse", "HEAD");
    const { status, text } = release("0.1.0");
    expect(text).toContain("release: Command failed: npm test");
    expect(status).toBe(1);
    expect([git("rev-parse", "HEAD"), git("status", "--porcelain"), git("tag")]).toEqual([
      ...[before, "", ""],
    ]);
  });

  it.each<[string, () => void, string]>([
    ["on another branch", () => git("switch", "--quiet", "--create", "other"), "main, got other"],
    ["of a changed tree", () => write("new", ""), "a clean tree, got ?? new"],
    ["that has been made", () => git("tag", "v0.1.0"), "a version without a tag, got v0.1.0"],
    [
      "without a repository",
      () => writePackage("node --version", {}),
      "repository in package.json, which provenance needs, got none",
    ],
    [
      "without changes",
      () => {
        write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n## [0.0.1] - 2020-01-01\n");
        writePackage("node --version ");
      },
      "changes under ## [Unreleased] in CHANGELOG.md, got none",
    ],
  ])("is refused %s", (_, change, message) => {
    change();
    const { status, text } = release("0.1.0");
    expect(text).toContain(message);
    expect(status).toBe(1);
    expect(JSON.parse(read("package.json"))).toMatchObject({ version: "0.0.1" });
  });

  it.each(["", "1.2", "v1.2.0", "next"])("is refused under the version '%s'", (version) => {
    const { text } = release(version);
    expect(text).toBe(`release: expected a version such as 1.2.0, got ${version || "none"}\n`);
  });
});
