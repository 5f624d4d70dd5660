import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { unwrapped } from "./unwrapped.ts";

const command = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradlane-diverged-"));
});
afterAll(() => rm(folder, { recursive: true }));

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function train(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [command, "train", ...args], (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

it.each([[[]], [["--json"]]])(
  "train that diverges says so in a line, and saves nothing: %j",
  async (more) => {
    const weights = join(folder, "weights.safetensors");
    await writeFile(weights, "older weights");
    const options = ["--optimizer", "sgd", "--lr", "1e30", "--epochs", "3", "--save", weights];
    const { code, stdout, stderr } = await train(...options, ...more);
    expect(code).toBe(1);
    expect(unwrapped(stderr)).toMatch(
      /^gradlane: fit: expected (a finite loss|finite weights), .* in epoch 0, batch \d+ \(step \d+\); .*\n$/,
    );
    expect(unwrapped(stderr).split("\n").length).toBe(2);
    expect(stdout).not.toMatch(/accuracy \d/);
    expect(await readFile(weights, "utf8")).toBe("older weights");
  },
);
