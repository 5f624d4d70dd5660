import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type Build, buildBytes } from "../../src/wasm/build.ts";
import { createProject, packed, tarball } from "./project.ts";
import { command, row } from "./tools.ts";

const project = createProject();
const own = fileURLToPath(new URL("../../node_modules/.bin/", import.meta.url));

/** Program in TypeScript that uses each entry. */
const typed = `
import { adam, createEngine, crossEntropy, dense, sequential } from "gradlane";
import { loadDigits } from "gradlane/digits";
import { loadKernels } from "gradlane/kernels";
import module from "gradlane/kernels.wasm";
import relaxed from "gradlane/kernels.relaxed.wasm";
import threads from "gradlane/kernels.threads.wasm";
import { decodeSafetensors } from "gradlane/safetensors";
import { createEngine as createWhole } from "gradlane/static";
import type {} from "gradlane/worker";

const engine = await createEngine({ module: threads, threads: "auto" });
const options = { inputShape: [64], loss: crossEntropy(), optimizer: adam() };
const model = engine.compile(sequential([dense(10)]), options);
const { train } = await loadDigits();
export const loss: number = (await model.fit(train)).epochs[0]!.loss;
export const weight = decodeSafetensors(await model.toSafetensors(), "weights").tensors.get("w");

(await createWhole()).compile(sequential([dense(10)]), options);

const kernels = await loadKernels({ memory: engine.memory, module });
kernels.relu(0, 0, 0);
await loadKernels({ memory: engine.memory, math: "relaxed", module: relaxed });
`;

describe("the package", () => {
  it("brings no other package", () => {
    const modules = readdirSync(join(project.folder, "node_modules"));
    expect(modules.filter((name) => !name.startsWith("."))).toEqual(["gradlane"]);
  });

  it("is what is built, its licences and its README", () => {
    const others = packed.files.map(({ path }) => path).filter((path) => !path.startsWith("dist/"));
    expect(others.sort()).toEqual(["LICENSE", "NOTICE", "README.md", "package.json"]);
  });

  it.each([
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ])("has types that compile without those of Node: module %s", async (module, resolution) => {
    const compilerOptions = {
      ...{ module, moduleResolution: resolution, target: "es2022", lib: ["es2022", "dom"] },
      ...{ types: [], strict: true, noEmit: true, skipLibCheck: false },
    };
    project.write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["typed.mts"] }));
    project.write("typed.mts", typed);
    expect((await project.run(join(own, "tsc"), "-p", ".")).stdout).toBe("");
  });

  it.each([
    ["gradlane/kernels.wasm", "strict"],
    ["gradlane/kernels.relaxed.wasm", "relaxed"],
    ["gradlane/kernels.threads.wasm", "threads"],
  ] as const)("has the bytes of %s, the %s build", async (name, build: Build) => {
    const program = `console.log(import.meta.resolve("${name}"))`;
    const args = ["--input-type=module", "--eval", program];
    const { stdout } = await project.run(process.execPath, ...args);
    expect(readFileSync(new URL(stdout.trim())).equals(await buildBytes(build))).toBe(true);
  });

  it("keeps its worker in a bundle that imports it for nothing", async () => {
    project.write("thread.mjs", 'import "gradlane/worker";');
    const { stdout, stderr } = await project.run(join(own, "esbuild"), "thread.mjs", "--bundle");
    expect(stdout).toContain("helpProgram");
    expect(stderr).toBe("");
  });

  it("has a command", async () => {
    const { stdout } = await project.run("npx", "--no-install", "gradlane", "train", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ epochs: 30 });
  });

  row("the package is what publint asks for", ["publint"], async () => {
    await project.run(command("publint"), "run", tarball, "--strict");
  });

  row(
    "the package is what Are The Types Wrong asks of ES modules",
    ["@arethetypeswrong/cli"],
    async () => {
      const args = [tarball, "--profile=esm-only", "--format=ascii"];
      await project.run(command("attw"), ...args);
    },
  );
});
