import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";

const root = new URL("../../", import.meta.url);

// Fresh clones have no build yet; a build that is there may be in use by other tests.
beforeAll(() => {
  if (existsSync(new URL("build/digits.ts", root))) return;
  execFileSync(process.execPath, ["scripts/build.mjs", "digits"], { cwd: root });
});

describe("loadDigits", () => {
  it("gives all rows, the first to train on", async () => {
    const { train, test } = await loadDigits();
    expect(train).toMatchObject({ count: 1437, shape: [64], classes: 10 });
    expect(test).toMatchObject({ count: 360, shape: [64], classes: 10 });
    expect([train.x.length, test.x.length]).toEqual([1437 * 64, 360 * 64]);
    expect([...train.y.subarray(0, 10)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...test.y.subarray(-5)]).toEqual([9, 0, 8, 9, 8]);
  });

  it("scales pixels to 0..1", async () => {
    const { train, test } = await loadDigits();
    expect(train.x).toBeInstanceOf(Float32Array);
    expect([...train.x.subarray(0, 8)]).toEqual([0, 0, 5, 13, 9, 1, 0, 0].map((p) => p / 16));
    expect(Math.max(...test.x)).toBe(1);
    expect(Math.min(...test.x)).toBe(0);
  });

  it("has the class counts that the source states", async () => {
    const { train, test } = await loadDigits();
    const counts = new Array<number>(10).fill(0);
    for (const label of [...train.y, ...test.y]) counts[label]!++;
    expect(counts).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
  });

  it("attributes the data as its licence asks", async () => {
    const { attribution } = await loadDigits();
    expect(attribution).toMatch(/Optical Recognition of Handwritten Digits.*Alpaydin.*CC BY 4\.0/);
    const notice = readFileSync(new URL("NOTICE", root), "utf8");
    expect(notice).toMatch(/Optical Recognition of Handwritten Digits[^]*Alpaydin[^]*CC BY 4\.0/);
  });
});
