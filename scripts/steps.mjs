// The steps of the build, each with all that it reads and makes: scripts/up-to-date.mjs runs those
// whose inputs have changed.
import { readFileSync } from "node:fs";

const root = new URL("../", import.meta.url);

/** Inputs of every bundle, besides its configuration. */
const SOURCES = ["src", "package.json", "tsconfig.json"];

/** The ops and what they import. */
const OPS = ["base", "graph", "memory", "wasm"].map((room) => `src/${room}`);

/** The targets of a configuration of asc, with the names of the files that they make. */
function targetsOf(config) {
  const { targets } = JSON.parse(readFileSync(new URL(config, root), "utf8"));
  return Object.entries(targets).map(([target, { outFile, textFile, bindings }]) => {
    const [, path, name] = /(.*\/(.*))\.wasm$/.exec(outFile);
    const others = bindings ? [`${path}.js`, `${path}.d.ts`] : [];
    const outputs = [outFile, ...(textFile ? [textFile] : []), ...others];
    return { config, target, name, outFile, textFile, outputs };
  });
}

/** The step that compiles a target; the kernels' builds are made anew from their text. */
function compile({ config, target, name, outFile, textFile, outputs }, sources) {
  const asc = ["node_modules/assemblyscript/bin/asc.js", "--config", config, "--target", target];
  const transform = ["--transform", "./scripts/no-inline.mjs"];
  const pool = ["scripts/pool.mjs", textFile, outFile];
  return {
    name: `kernels-${name}`,
    about: `${name}.wasm`,
    inputs: [
      config,
      ...sources,
      ...(textFile ? ["scripts/order.mjs", "scripts/no-inline.mjs"] : []),
    ],
    outputs,
    commands: textFile ? [[...asc, ...transform], pool] : [asc],
  };
}

/** The step that makes a module of what a target compiles to. */
function embed({ name, outFile }) {
  return {
    name: `module-${name}`,
    about: `${name}.wasm as a module, compressed`,
    inputs: [outFile],
    outputs: [`build/${name}.ts`],
    commands: [["scripts/embed.mjs", "deflated", outFile]],
  };
}

const kernelTargets = targetsOf("asconfig.json");
const ceilingTargets = targetsOf("asconfig.ceiling.json");
const targets = [...kernelTargets, ...ceilingTargets];
const kernelModules = targets.map(({ name }) => `build/${name}.ts`);
/** Declarations of assembly/ for TypeScript. */
const declarations = ["instructions", "constants", "kernel-functions"].map(
  (name) => `build/${name}.ts`,
);
const scriptModules = ["build/page.ts", "build/worker.ts"];

/** Sources of the ceilings, which are not built anew when kernels change. */
const CEILING = ["assembly/ceiling.ts", "assembly/simd.ts"];

export const steps = [
  {
    name: "declarations",
    about: "what docstrings in assembly/ declare",
    inputs: ["assembly", "scripts/abi", "scripts/load.mjs"],
    outputs: ["build/assembly", ...declarations],
    commands: [["scripts/declarations.mjs"]],
  },
  ...kernelTargets.map((target) => compile(target, ["assembly", "build/assembly"])),
  ...ceilingTargets.map((target) => compile(target, CEILING)),
  ...targets.map((target) => embed(target)),
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
    about: "the types of a graph's methods, and layers of activations",
    inputs: [...OPS, "tsconfig.json", ...declarations],
    outputs: ["build/op-methods.ts", "build/activation-layers.ts"],
    commands: [["scripts/op-methods.mjs"]],
  },
  {
    name: "package",
    about: "the package, dist/",
    inputs: [
      ...[...SOURCES, "tsdown.config.ts"],
      ...["facades", "lines", "papaparse", "words"].map((name) => `scripts/${name}.ts`),
      ...["build/asc", "build/scripts"],
      ...[...kernelModules, ...scriptModules, "build/digits.ts"],
      ...["build/op-methods.ts", "build/activation-layers.ts", ...declarations],
    ],
    outputs: ["dist"],
    commands: [["scripts/bundle.mjs", "tsdown.config.ts"]],
  },
];
