import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { imageBytes, labelBytes } from "../data/idx-bytes.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);

/** Returns the output of an example. */
async function example(script: string, ...args: string[]): Promise<string> {
  const path = join("examples/images", script);
  return (await run(process.execPath, [path, ...args], { cwd: root })).stdout;
}

/** Returns the numbers behind each occurrence of a word. */
function numbers(text: string, word: string): number[] {
  return Array.from(text.matchAll(new RegExp(`${word} (\\d+\\.\\d+)`, "g")), ([, n]) => Number(n));
}

function expectNarrow(text: string): void {
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
}

describe("examples/images, on the digits", () => {
  it.each(["classifier.mjs", "residual.mjs"])("%s reads digits that it never saw", async (name) => {
    const text = await example(name, "--epochs", "4");
    const losses = numbers(text, "loss");
    expect(losses).toHaveLength(4);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 5);
    expect(numbers(text, "accuracy").at(-1)).toBeGreaterThan(0.9);
    expectNarrow(text);
  });

  it("classifier.mjs counts every image of the test once", async () => {
    const text = await example("classifier.mjs", "--epochs", "1");
    const rows = Array.from(
      text.matchAll(/^\d((?: +(?:\d+|·)){10}) +[\d.]+%$/gm),
      ([, row]) => row!,
    );
    expect(rows).toHaveLength(10);
    const counts = rows.flatMap((row) =>
      row
        .trim()
        .split(/ +/)
        .map((cell) => Number(cell) || 0),
    );
    expect(counts.reduce((sum, count) => sum + count)).toBe(360);
    const right = counts.filter((_, i) => i % 11 === 0).reduce((sum, count) => sum + count);
    expect(right / 360).toBeCloseTo(numbers(text, "accuracy").at(-1)!, 4);
  });

  it("denoise.mjs takes most of the noise off images that it never saw", async () => {
    const text = await example("denoise.mjs", "--epochs", "12");
    const losses = numbers(text, "loss");
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    const [[noisy], [cleaned]] = [numbers(text, "noisy"), numbers(text, "cleaned")];
    expect(noisy).toBeGreaterThan(0.05);
    expect(cleaned).toBeLessThan(noisy! / 2);
    expectNarrow(text);
  });
});

describe("examples/images, on a folder", () => {
  const folder = mkdtempSync(join(tmpdir(), "gradlane-fashion-"));

  beforeAll(() => {
    for (const part of ["train", "t10k"]) {
      writeFileSync(join(folder, `${part}-images-idx3-ubyte`), imageBytes(70, 28, 28));
      const labels = Array.from({ length: 70 }, (_, i) => i % 10);
      writeFileSync(join(folder, `${part}-labels-idx1-ubyte`), labelBytes(labels));
    }
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it.each(["classifier.mjs", "residual.mjs", "denoise.mjs"])("%s runs", async (name) => {
    const text = await example(name, folder, "--epochs", "1");
    expect(text).toContain("28x28 pixels: 70 images");
    expectNarrow(text.replace(folder, ""));
  });

  it("says which file is missing", async () => {
    await expect(example("classifier.mjs", join(root, "docs"))).rejects.toThrow(
      /docs: expected a file train-images-…-ubyte/,
    );
  });
});
