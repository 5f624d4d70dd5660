// The steps of the build, each with all that it reads and makes: scripts/up-to-date.mjs runs those
// whose inputs have changed.
import { readFileSync } from "node:fs";

const root = new URL("../", import.meta.url);

/** What bundles are made of beside their own configuration. */
const SOURCES = ["src", "package.json", "tsconfig.json"];

/** The builds of the configurations of asc: names of build/asc/NAME.wasm. */
const builds = ["asconfig.json", "asconfig.ceiling.json"].flatMap((config) => {
  const { targets } = JSON.parse(readFileSync(new URL(config, root), "utf8"));
  return Object.values(targets).map(({ outFile }) => /(\S+)\/(\S+)\.wasm$/.exec(outFile)[2]);
});

const kernelModules = builds.map((name) => `build/${name}.ts`);
/** What TypeScript knows of assembly/. */
const declarations = ["instructions", "constants", "kernel-functions"].map(
  (name) => `build/${name}.ts`,
);

const scriptModules = ["build/page.ts", "build/worker.ts"];

export const steps = [
  {
    name: "declarations",
    about: "what docstrings in assembly/ declare",
    inputs: ["assembly", "scripts/abi", "scripts/load.mjs"],
    outputs: ["build/assembly", ...declarations],
    commands: [["scripts/declarations.mjs"]],
  },
  {
    name: "kernels",
    about: `the kernels, ${builds.length} WebAssembly modules: the longest step, some 15 s`,
    inputs: [
      ...["assembly", "build/assembly", "asconfig.json", "asconfig.ceiling.json"],
      ...["pool", "order", "embed"].map((name) => `scripts/${name}.mjs`),
    ],
    outputs: ["build/asc", ...kernelModules],
    commands: [["scripts/kernels.mjs"]],
  },
  {
    name: "digits",
    about: "the module of the digits",
    inputs: ["data/digits.csv.gz"],
    outputs: ["build/digits.ts"],
    commands: [["scripts/embed.mjs", "bytes", "data/digits.csv.gz"]],
  },
  {
    name: "scripts",
    about: "the scripts of workers and of the benchmark's page",
    inputs: [
      ...[...SOURCES, ...declarations],
      ...["tsdown.embedded.config.ts", "scripts/embed.mjs", "scripts/lines.ts"],
    ],
    outputs: ["build/scripts", ...scriptModules],
    commands: [
      ["scripts/bundle.mjs", "tsdown.embedded.config.ts"],
      ["scripts/embed.mjs", "deflated", "build/scripts/page.js"],
      ["scripts/embed.mjs", "text", "build/scripts/worker.js"],
    ],
  },
  {
    name: "methods",
    about: "the types of a graph's methods",
    inputs: ["src", "tsconfig.json", ...declarations],
    outputs: ["build/op-methods.ts"],
    commands: [["scripts/op-methods.mjs"]],
  },
  {
    name: "package",
    about: "the package, dist/",
    inputs: [
      ...[...SOURCES, "tsdown.config.ts"],
      ...["facades", "lines", "words"].map((name) => `scripts/${name}.ts`),
      ...["build/asc", "build/scripts"],
      ...[...kernelModules, ...scriptModules, "build/digits.ts"],
      ...["build/op-methods.ts", ...declarations],
    ],
    outputs: ["dist"],
    commands: [["scripts/bundle.mjs", "tsdown.config.ts"]],
  },
];
