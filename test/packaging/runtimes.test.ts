import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type Trained, onOneThread, onTwoThreads } from "./golden.ts";
import { type Output, createProject } from "./project.ts";
import { command, row } from "./tools.ts";

/** The version of Node at hand, and those that are listed in the environment. */
const nodes = [process.execPath, ...(process.env.GRADLANE_NODES ?? "").split(":")];

const esbuild = fileURLToPath(new URL("../../node_modules/.bin/esbuild", import.meta.url));

const both = [onOneThread, onTwoThreads];

/** Returns the options of main.mjs, as JSON. */
function options({ threads }: Trained): string {
  return JSON.stringify({ threads });
}

function expectTrained({ stdout, stderr }: Output, expected: Trained): void {
  expect(JSON.parse(stdout)).toEqual(expected);
  expect(stderr).toBe("");
}

describe.each(nodes.filter((path) => path !== ""))("in Node: %s", (node) => {
  const project = createProject();

  it.each(both)("trains on $threads", async (expected) => {
    expectTrained(await project.run(node, "main.mjs", options(expected)), expected);
  });
});

describe("in CommonJS", () => {
  const project = createProject();

  // From Node 20.19 and 22.12 on, for modules that do not await anything while they are loaded.
  const canRequire = (process.features as { require_module?: boolean }).require_module;

  it.runIf(canRequire)("is required", async () => {
    const program = `require("./train.mjs").train({}).then(JSON.stringify).then(console.log)`;
    const args = ["--no-warnings", "--eval", program];
    expectTrained(await project.run(process.execPath, ...args), onOneThread);
  });

  it.each(both)("trains on $threads in a bundle", async (expected) => {
    const flags = ["--bundle", "--platform=node", "--format=cjs", "--outfile=bundle.cjs"];
    await project.run(esbuild, "train.mjs", ...flags);
    const program = `require("./bundle.cjs").train(${options(expected)})`;
    const print = ".then(JSON.stringify).then(console.log)";
    expectTrained(await project.run(process.execPath, "--eval", program + print), expected);
  });
});

describe("in other runtimes", () => {
  const project = createProject();

  for (const expected of both) {
    row(`Deno trains on ${expected.threads}, with no permission`, ["deno"], async () => {
      const args = ["run", "--no-prompt", "main.mjs", options(expected)];
      expectTrained(await project.run(command("deno"), ...args), expected);
    });

    row(`Bun trains on ${expected.threads}`, ["bun"], async () => {
      expectTrained(await project.run(command("bun"), "main.mjs", options(expected)), expected);
    });
  }
});

describe("where WebAssembly is not compiled from bytes", () => {
  row("workerd trains with the kernels as a module", ["workerd"], async () => {
    const project = createProject();
    const flags = ["--bundle", "--format=esm", "--loader:.wasm=copy", "--asset-names=[name]"];
    await project.run(esbuild, "main=workerd.mjs", ...flags, "--outdir=out");
    const args = ["serve", "workerd.capnp", "--control-fd=1"];
    const { address, stop } = await project.start(/"port":(\d+)/, command("workerd"), ...args);
    try {
      for (const threads of [1, 2]) {
        const response = await fetch(`${address}?threads=${threads}`);
        const notes = threads === 1 ? [] : ["threads: 1, there are no workers here"];
        expect(await response.json()).toEqual({ ...onOneThread, build: "given", notes });
      }
    } finally {
      stop();
    }
  });
});
