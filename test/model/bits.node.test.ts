import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { EngineInfo, EngineOptions } from "../../src/index.ts";
import { type Hashes, golden, goldenLong } from "./golden.mjs";

const run = promisify(execFile);
const script = fileURLToPath(new URL("train-and-hash.mjs", import.meta.url));

/** Versions of Node besides the one at hand, from the environment: paths with colons between. */
const listed = (process.env.GRADLANE_NODES ?? "").split(":").filter((path) => path !== "");
const missing = listed.filter((path) => !existsSync(path));
if (listed.length === 0 || missing.length > 0) {
  const skipped = missing.length > 0 ? missing.join(", ") : "22, 24 and 26, none is listed";
  console.warn(
    `GRADLANE_NODES: equal bits are NOT checked on other versions of Node (${skipped}),` +
      ` only on ${process.version}`,
  );
}

const nodes = [process.execPath, ...listed.filter((path) => existsSync(path))];

/** Trains with an engine of these options; returns its build and the hashes of the weights. */
async function train(node: string, options: EngineOptions = {}) {
  const { stdout } = await run(node, [script, JSON.stringify(options)]);
  return JSON.parse(stdout) as { info: EngineInfo; hashes: Hashes };
}

describe("the same seed gives the same weights, bit for bit", () => {
  it.each(nodes)("with %s", async (node) => {
    expect((await train(node)).hashes).toEqual(golden);
  });

  it.each(nodes)("cold and after ten thousand steps, with %s", async (node) => {
    const { stdout } = await run(node, [script, "{}", "warm"]);
    const { hashes } = JSON.parse(stdout) as { hashes: unknown };
    expect(hashes).toEqual({ cold: golden, long: goldenLong, warm: golden });
  });

  it.each(nodes)("revectorized, from Node 24 on, with %s", async (node) => {
    const { stdout } = await run(node, ["--version"]);
    const { info, hashes } = await train(node, { revectorize: true });
    expect(info.revectorize).toBe(parseInt(stdout.slice(1)) >= 24);
    expect(info.notes).toHaveLength(info.revectorize ? 0 : 1);
    expect(hashes).toEqual(golden);
  });

  it("in a second run of the same process as in the first", async () => {
    const runs = await Promise.all([train(nodes[0]!), train(nodes[0]!)]);
    expect(runs[0].hashes).toEqual(runs[1].hashes);
  });
});

describe("relaxed", () => {
  it.each(nodes)("trains to other bits where there is relaxed SIMD, with %s", async (node) => {
    const { info, hashes } = await train(node, { math: "relaxed" });
    if (info.math === "relaxed") {
      expect(info.build).toBe("relaxed");
      expect(hashes).not.toEqual(golden);
    } else {
      expect(info.notes).toEqual(["math: strict, WebAssembly has no relaxed SIMD here"]);
      expect(hashes).toEqual(golden);
    }
  });
});
