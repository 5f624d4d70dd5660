import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { steps } from "../../scripts/steps.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));

let copy = "";

/** A copy of this tree in which nothing but the kernels is built, as they take a minute. */
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "gradlane-start-"));
  const left = ["node_modules", ".git", "dist", "build", "test", "coverage"];
  cpSync(root, copy, { recursive: true, filter: (path) => !left.includes(basename(path)) });
  const kernels = steps.filter(({ name }) => /^(kernels|module)-/.test(name));
  const stamps = kernels.map(({ name }) => `build/stamps/${name}`);
  for (const path of [...kernels.flatMap(({ outputs }) => outputs), ...stamps]) {
    if (existsSync(join(root, path)))
      cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
});

afterAll(() => {
  rmSync(copy, { recursive: true });
});

async function start(): Promise<{ stdout: string[]; stderr: string[] }> {
  const env = { ...process.env, npm_config_update_notifier: "false", NO_COLOR: "1" };
  const options = { cwd: copy, env, shell: process.platform === "win32" };
  const { stdout, stderr } = await promisify(execFile)("npm", ["start", "--silent"], options);
  const linesOf = (text: string): string[] => text.split("\n").filter((line) => line !== "");
  return { stdout: linesOf(stdout), stderr: linesOf(stderr) };
}

describe("npm start", () => {
  it("says what it builds, then trains; builds nothing when called again", async () => {
    const first = await start();
    const built = first.stderr.slice(0, -1);
    expect(built.filter((line) => !line.startsWith("building "))).toEqual([]);
    const others = steps.filter(({ name }) => !/^(kernels|module)-/.test(name));
    expect(built).toEqual(expect.arrayContaining(others.map(({ about }) => `building ${about}`)));
    expect(first.stderr.at(-1)).toMatch(/^built in \d+ s$/);
    expect(first.stdout[0]).toBe("data      digits, 1,437 to train on, 360 to test on");
    const second = await start();
    expect(second.stderr).toEqual(["build: up to date"]);
    // But for the last line, which has the seconds.
    expect(second.stdout.slice(0, -1)).toEqual(first.stdout.slice(0, -1));
    expect(second.stdout.at(-2)).toBe("accuracy 0.8972  loss 0.3266  on 360 test examples");
  });
});

describe("the steps of the build", () => {
  it("have lines of at most 80 characters, names of their own, and outputs of their own", () => {
    expect(steps.filter(({ about }) => `building ${about}`.length > 80)).toEqual([]);
    for (const all of [steps.map(({ name }) => name), steps.flatMap(({ outputs }) => outputs)]) {
      expect(new Set(all).size).toBe(all.length);
    }
  });

  it("give the package all modules that the others make", () => {
    const { inputs } = steps.find(({ name }) => name === "package")!;
    const modules = steps
      .flatMap(({ outputs }) => outputs)
      .filter((path) => /^build\/[^/]+\.ts$/.test(path));
    expect(inputs).toEqual(expect.arrayContaining([...modules, "build/asc"]));
  });

  it("know each file that the ceilings import", () => {
    const waiting = ["assembly/ceiling.ts"];
    for (const path of waiting) {
      const imports = readFileSync(join(root, path), "utf8").matchAll(/from "\.\/(.+?)"/g);
      for (const [, file] of imports) waiting.push(`assembly/${file}.ts`);
    }
    for (const { name, inputs } of steps.filter(({ name }) => name.startsWith("kernels-ceiling"))) {
      expect(inputs, name).toEqual(expect.arrayContaining(waiting));
    }
  });

  it("know each script that their scripts import", () => {
    for (const { name, inputs, commands } of steps) {
      const known = [...inputs, ...commands.map(([script]) => script)];
      for (const path of known.filter((path) => path!.endsWith(".mjs"))) {
        const imports = readFileSync(join(root, path!), "utf8").matchAll(/from "\.\/(.+?)"/g);
        for (const [, file] of imports) expect(known, name).toContain(`scripts/${file}`);
      }
    }
  });
});
