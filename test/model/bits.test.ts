import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const run = promisify(execFile);
const script = fileURLToPath(new URL("train-and-hash.mjs", import.meta.url));

/**
 * What seed 5 comes to, on every machine and in every engine. A change of the kernels that changes
 * the order of a sum, or of what is drawn from a seed, changes these: then they are pinned anew.
 */
const golden = {
  toolbox: "d8f235ab2886e9d35c361b6fa2d56274d73a314254a8ceb75f2d3c6092319ce8",
  relu: "210467bdd7daa709816233b20e86bacdc22c5e5b8c2cee0ddec376b72cedeecd",
  smooth: "577b92751fcc6e77dad3a6fa52bc8a43886ec39cf79806ced28353d09f449eff",
};

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

describe("the same seed gives the same weights, bit for bit", () => {
  it.each(nodes)("with %s", async (node) => {
    const { stdout } = await run(node, [script]);
    expect(JSON.parse(stdout)).toEqual(golden);
  });

  it("in a second run of the same process as in the first", async () => {
    const runs = await Promise.all([run(nodes[0]!, [script]), run(nodes[0]!, [script])]);
    expect(runs[0].stdout).toBe(runs[1].stdout);
  });
});
