// Makes a release of what main has: `npm run release -- VERSION [--dry-run]`. It sets the version, dates
// the changelog, runs all checks, shows what the package contains, commits and tags. Pushing the tag
// starts .github/workflows/release.yml, which publishes. --dry-run changes nothing.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

const FILES = ["package.json", "package-lock.json", "CHANGELOG.md"];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { "dry-run": { type: "boolean", default: false } },
});
const isDry = values["dry-run"];
const [version = ""] = positionals;
const tag = `v${version}`;

/** Returns what a command prints. */
const read = (command, ...args) => execFileSync(command, args, { encoding: "utf8" }).trim();

/** Says a command and runs it, or just says it. */
function run(command, ...args) {
  console.log(`$ ${[command, ...args].join(" ")}`);
  if (!isDry) execFileSync(command, args, { stdio: "inherit" });
}

function expect(is, expected, got) {
  if (!is) throw new Error(`expected ${expected}, got ${got}`);
}

/** Returns the changelog with what is unreleased under a version and a date. */
function dated(changelog) {
  const [, head, changes, rest] =
    /^(.*?## \[Unreleased\]\n)(.*?)((?:\n## |\n\[).*)?$/s.exec(changelog) ?? [];
  expect(changes?.trim(), "changes under ## [Unreleased] in CHANGELOG.md", "none");
  const today = new Date().toISOString().slice(0, 10);
  return `${head}\n## [${version}] - ${today}\n${changes}${rest ?? ""}`;
}

function check() {
  expect(/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version), "a version such as 1.2.0", version || "none");
  const branch = read("git", "branch", "--show-current");
  expect(branch === "main", "the branch main", branch);
  const changed = read("git", "status", "--porcelain");
  expect(changed === "", "a clean tree", changed);
  expect(read("git", "tag", "--list", tag) === "", "a version without a tag", tag);
  const { repository } = JSON.parse(readFileSync("package.json", "utf8"));
  expect(repository, "repository in package.json, which provenance needs", "none");
}

function release() {
  check();
  const changelog = dated(readFileSync("CHANGELOG.md", "utf8"));
  try {
    run("npm", "version", version, "--no-git-tag-version", "--allow-same-version");
    if (!isDry) writeFileSync("CHANGELOG.md", changelog);
    run("npm", "test");
    execFileSync("npm", ["pack", "--dry-run", "--ignore-scripts"], { stdio: "inherit" });
    run("git", "commit", "--all", "--message", `Version ${version}`);
    run("git", "tag", "--annotate", tag, "--message", `Version ${version}`);
  } catch (error) {
    if (!isDry) execFileSync("git", ["checkout", "HEAD", "--", ...FILES]);
    throw error;
  }
  console.log(isDry ? "Nothing has been changed." : `To publish: git push --follow-tags`);
}

try {
  release();
} catch ({ message }) {
  console.error(`release: ${message}`);
  process.exitCode = 1;
}
