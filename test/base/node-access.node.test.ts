import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { buildBytes } from "../../src/wasm/build.ts";

const dist = fileURLToPath(new URL("../../dist", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "gradlane-beside-"));
cpSync(dist, folder, { recursive: true });
writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Starts an engine of the copied package in a process of its own. */
function start(before = ""): { status: number | null; stdout: string; stderr: string } {
  const library = pathToFileURL(join(folder, "index.js")).href;
  const script = `
    ${before}
    const { createEngine } = await import("${library}");
    const { info } = await createEngine({ tile: "4x8" });
    console.log(info.build);`;
  const args = ["--input-type=module", "--eval", script];
  return spawnSync(process.execPath, args, { encoding: "utf8" });
}

describe("the kernels' file beside the package's code", () => {
  it.each(["strict", "relaxed", "threads"] as const)("%s is what is embedded", async (build) => {
    const embedded = await buildBytes(build);
    expect(new Uint8Array(readFileSync(join(dist, `${build}.wasm`)))).toEqual(
      new Uint8Array(embedded),
    );
  });

  it("is what Node reads", () => {
    expect(start()).toMatchObject({ status: 0, stdout: "strict\n" });
    writeFileSync(join(folder, "strict.wasm"), "no WebAssembly");
    const { status, stderr } = start();
    expect(status).toBe(1);
    expect(stderr).toContain("CompileError");
  });

  it("is left alone in Deno", () => {
    expect(start("globalThis.Deno = {};")).toMatchObject({ status: 0, stdout: "strict\n" });
  });

  it("is not missed where there is none", () => {
    rmSync(join(folder, "strict.wasm"));
    expect(start()).toMatchObject({ status: 0, stdout: "strict\n" });
  });
});
