import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));

function run(program: string, ...args: string[]) {
  const options = { cwd: root, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], options);
  return { status, stdout, stderr };
}

describe.each(["bench/compare.mjs", "bench/peers/run.mjs"])("%s", (program) => {
  const usage = run(program, "--help").stdout;

  it.each([["--help"], ["-h"], ["--rounds", "many", "--help"]])(
    "says how it is used: %s",
    (...args) => {
      const { status, stdout, stderr } = run(program, ...args);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout).toMatch(new RegExp(`^usage: node ${program} .*\\n`));
      expect(stdout).toMatch(/^ +--rounds N /m);
    },
  );

  it.each([
    [["--fast"], "Unknown option '--fast'"],
    [["--rounds"], "Option '--rounds <value>' argument missing"],
    [["--rounds", "--json"], "Option '--rounds' argument is ambiguous"],
  ])("takes %j for wrong use, in one line before the usage", (args, line) => {
    const { status, stdout, stderr } = run(program, ...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toBe(`${line}\n${usage}`);
  });
});

describe("bench/peers/run.mjs", () => {
  it.each([
    [["extra"], "Unexpected argument 'extra'"],
    [["--rounds", "1.5"], "--rounds: expected a whole number of at least 1, got 1.5"],
    [["--engine", "{"], "--engine: expected JSON, got {"],
    [["--peer", "abacus"], /^--peer: expected one of gradlane, .*, got abacus$/],
    [["--filter", "fft"], /^--filter: expected one of .*, got fft$/],
  ])("takes %j for wrong use", (args, message) => {
    const { status, stdout, stderr } = run("bench/peers/run.mjs", ...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr.split("\n")[0]).toMatch(message);
  });
});
