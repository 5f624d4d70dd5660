import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { EngineInfo, EngineOptions } from "../../src/index.ts";

const run = promisify(execFile);
const script = fileURLToPath(new URL("train-threads.mjs", import.meta.url));

/** This version of Node, and those that the environment lists. */
const listed = (process.env.GRADLANE_NODES ?? "").split(":").filter((path) => existsSync(path));
const nodes = [process.execPath, ...listed];

/** Long enough for any machine: a process that hangs is ended then, and the test fails. */
const timeout = 110_000;

interface Trained {
  readonly hash: string;
  readonly info: EngineInfo;
}

async function train(node: string, threads: number, steps: number, options: EngineOptions = {}) {
  const args = [script, String(threads), String(steps), JSON.stringify(options)];
  const { stdout } = await run(node, args, { timeout });
  return JSON.parse(stdout) as { one: Trained; several: Trained };
}

describe.each(nodes)("thousands of steps with %s", (node) => {
  it.each([
    [2, 3000],
    [8, 2000],
  ])("on %d threads: no hang, equal bits, and the process exits", async (threads, steps) => {
    const { one, several } = await train(node, threads, steps);
    expect(several.info.threads).toBe(threads);
    expect(several.hash).toBe(one.hash);
  });

  it("on threads whose kernels are revectorized, from Node 24 on", async () => {
    const { one, several } = await train(node, 3, 500, { revectorize: true });
    expect(several.info).toMatchObject({ build: "threads", threads: 3 });
    expect(several.info.revectorize).toBe(one.info.revectorize);
    expect(several.hash).toBe(one.hash);
  });
});

const exits = fileURLToPath(new URL("leave-engine.mjs", import.meta.url));

describe.each(nodes)("a process with threads exits by itself with %s", (node) => {
  it.each(["dispose", "leave"])("when its engine is at rest: %s", async (what) => {
    const { stdout } = await run(node, [exits, what], { timeout });
    expect(stdout).toBe("4 threads\n");
  });
});
