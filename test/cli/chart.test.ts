import { stripVTControlCharacters } from "node:util";
import picocolors from "picocolors";
import { describe, expect, it } from "vitest";
import { lossChart, resample, scaleFor } from "../../src/cli/chart.ts";

const plain = picocolors.createColors(false);
const coloured = picocolors.createColors(true);
const falling = (length: number, from: number): number[] =>
  Array.from({ length }, (_, epoch) => from * Math.exp(-epoch / 5));

describe("lossChart", () => {
  it.each([200, 80, 40])("fits in %i columns", (columns) => {
    for (const epochs of [2, 3, 30, 1000]) {
      for (const scale of [1e-9, 0.003, 2.3, 700, 3e8]) {
        const curves = { training: falling(epochs, scale), validation: falling(epochs, scale * 2) };
        for (const line of lossChart(curves, columns, plain)) {
          expect(line.length).toBeLessThanOrEqual(columns);
        }
      }
    }
  });

  it("is left out where nothing could be seen", () => {
    expect(lossChart({ training: falling(9, 2), validation: [] }, 39, plain)).toEqual([]);
  });

  it("draws the same with colours as without", () => {
    const curves = { training: falling(30, 2), validation: falling(30, 2.5) };
    const lines = lossChart(curves, 80, coloured);
    expect(lines.join("")).toContain("\x1b[36m");
    expect(lines.map(stripVTControlCharacters).map((line) => line.trimEnd())).toEqual(
      lossChart(curves, 80, plain),
    );
  });

  it("starts at zero and ends with the epochs", () => {
    const lines = lossChart({ training: falling(30, 2), validation: [] }, 80, plain);
    expect(lines[0]).toMatch(/^loss +─── training$/);
    expect(lines.at(-2)).toMatch(/^0\.0 ┼/);
    expect(lines.at(-1)).toMatch(/^ +1 +epoch +30$/);
  });

  it("tells the curves apart without colours", () => {
    const flat = { training: [1, 1], validation: [2, 2] };
    const lines = lossChart(flat, 40, plain);
    expect(lines.find((line) => line.startsWith("1.0"))).toMatch(/┤─+$/);
    expect(lines.find((line) => line.startsWith("2.0"))).toMatch(/┤╌+$/);
  });

  it("has nothing to draw before the second epoch", () => {
    expect(lossChart({ training: [], validation: [] }, 80, plain)).toEqual([]);
    expect(lossChart({ training: [1], validation: [1] }, 80, plain)).toEqual([]);
  });

  it("ends where the loss runs away", () => {
    const curves = { training: [1, 2, NaN, 3], validation: [1, Infinity, NaN, 3] };
    const lines = lossChart(curves, 40, plain);
    expect(lines.join("\n")).not.toMatch(/NaN|Infinity/);
    const training = lines.slice(1, -1).map((line) => line.length);
    expect(Math.max(...training)).toBeLessThan(25);
  });
});

describe("scaleFor", () => {
  it.each([0, 1e-300, 1e-7, 0.0999, 0.1, 1, 1.2, 2.3, 12, 999, 1e300])("covers %d", (largest) => {
    const { step, rows } = scaleFor(largest);
    expect(step * rows).toBeGreaterThanOrEqual(largest * (1 - 1e-9));
    expect(rows).toBeGreaterThanOrEqual(1);
    expect(rows).toBeLessThanOrEqual(12);
  });
});

describe("resample", () => {
  it("stretches by straight lines and keeps both ends", () => {
    expect(resample([0, 2], 2, 5)).toEqual([0, 0.5, 1, 1.5, 2]);
  });

  it("thins and keeps both ends", () => {
    const long = Array.from({ length: 1001 }, (_, index) => index);
    expect(resample(long, 1001, 5)).toEqual([0, 250, 500, 750, 1000]);
  });
});
