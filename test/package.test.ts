import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  dependencies?: Record<string, string>;
};

/** A project that has the package installed, and nothing else. */
const folder = mkdtempSync(join(tmpdir(), "gradlane-package-"));
mkdirSync(join(folder, "node_modules"));
symlinkSync(root, join(folder, "node_modules", "gradlane"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("the package", () => {
  it("depends on nothing", () => {
    expect(manifest.dependencies ?? {}).toEqual({});
  });

  it.each([
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ])("has types that compile without those of Node: module %s", (module, moduleResolution) => {
    const compilerOptions = {
      ...{ module, moduleResolution, target: "es2022", lib: ["es2022", "dom"] },
      ...{ types: [], strict: true, noEmit: true, skipLibCheck: false },
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    writeFileSync(
      join(folder, "main.mts"),
      `import { createEngine, crossEntropy, dense, adam, sequential } from "gradlane";
       import { loadDigits } from "gradlane/digits";
       import { loadKernels } from "gradlane/kernels";
       import module from "gradlane/kernels.wasm";
       import { decodeSafetensors } from "gradlane/safetensors";
       const engine = await createEngine();
       const options = { inputShape: [64], loss: crossEntropy(), optimizer: adam() };
       const model = engine.compile(sequential([dense(10)]), options);
       const { train } = await loadDigits();
       decodeSafetensors(await model.toSafetensors(), "weights").tensors.get("dense1.weight");
       export const loss: number = (await model.fit(train)).epochs[0]!.loss;
       const kernels = await loadKernels({ memory: engine.memory });
       kernels.relu(0, 0, 0);
       await loadKernels({ memory: engine.memory, module });`,
    );
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    expect(() => execFileSync(process.execPath, [tsc, "-p", "."], { cwd: folder })).not.toThrow();
  });
});
