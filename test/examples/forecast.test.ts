import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);

/** Returns the module of a part of the example, which is JavaScript without types. */
function part(file: string): Promise<unknown> {
  return import(/* @vite-ignore */ join(root, "examples/sequences", file));
}

const { axis, chart } = (await part("chart.mjs")) as {
  axis: (names: readonly string[], width: number) => string;
  chart: (truth: readonly number[], forecast: readonly number[]) => string;
};
const { energySeries } = (await part("series.mjs")) as { energySeries: () => Float32Array };

/** Returns the output of the example. */
async function forecast(...args: string[]): Promise<string> {
  const path = "examples/sequences/forecast.mjs";
  return (await run(process.execPath, [path, ...args], { cwd: root })).stdout;
}

/** Returns the errors that the example prints, by the name of the forecast. */
function errorsOf(text: string): Record<string, number> {
  const rows = text.matchAll(/^(the [a-z ]+|LSTM) +(\d+\.\d{3})$/gm);
  return Object.fromEntries(Array.from(rows, ([, name, error]) => [name!.trim(), Number(error)]));
}

function expectNarrow(text: string): void {
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
}

describe("examples/sequences/forecast.mjs", () => {
  it("forecasts the made-up series better than its past does", async () => {
    const text = await forecast("--epochs", "3");
    const losses = Array.from(text.matchAll(/loss (\d+\.\d+)/g), ([, loss]) => Number(loss));
    expect(losses).toHaveLength(3);
    expect(losses[2]).toBeLessThan(losses[0]! / 3);
    const { LSTM, ...others } = errorsOf(text);
    expect(Object.keys(others)).toEqual([
      "the last value",
      "the same hour yesterday",
      "the same hour last week",
    ]);
    expect(LSTM).toBeLessThan(0.8 * Math.min(...Object.values(others)));
    expect(text).toMatch(/5,656 parameters, \d+\.\d MB to train/);
    expect(text).toMatch(/trained in \d+\.\d s/);
    expectNarrow(text);
  });
});

describe("examples/sequences/forecast.mjs, on a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "gradlane-forecast-"));

  /** Writes a file of hours, and returns its path. */
  function csv(name: string, hours: number, load: (hour: number) => number | string): string {
    const path = join(folder, name);
    const rows = Array.from({ length: hours }, (_, t) => `2026-01-01 ${t}:00,${load(t)},7`);
    writeFileSync(path, ["time,load,constant", ...rows, ""].join("\r\n"));
    return path;
  }

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it("knows a series that repeats each week by last week", async () => {
    const file = csv("weekly.csv", 1100, (t) => t % 168);
    const text = await forecast(file, "--column", "load", "--epochs", "1");
    expect(text).toContain("weekly.csv, load: 1100 hours");
    // 1100 hours less 935, which are 85 %, have 94 windows of 48 hours and 24 to forecast.
    expect(text).toContain("RMSE of 94 forecasts");
    const errors = errorsOf(text);
    expect(errors["the same hour last week"]).toBe(0);
    // An hour differs by 24 from the day before, or by 144 on the first day of a week.
    const starts = Array.from({ length: 94 }, (_, i) => 935 + 48 + i);
    const hours = starts.flatMap((start) => Array.from({ length: 24 }, (_, t) => start + t));
    const squares = hours.map((hour) => (hour % 168 < 24 ? 144 : 24) ** 2);
    const mean = squares.reduce((sum, square) => sum + square) / squares.length;
    expect(errors["the same hour yesterday"]).toBeCloseTo(Math.sqrt(mean), 2);
    expectNarrow(text.replace(folder, ""));
  });

  it("takes the last column unless told, and one that does not change", async () => {
    const text = await forecast(csv("constant.csv", 1008, String), "--epochs", "1");
    expect(text).toContain("constant.csv, constant: 1008 hours");
    expect(errorsOf(text)["the last value"]).toBe(0);
  });

  it("says what is wrong with a file", async () => {
    const short = csv("short.csv", 1007, (t) => t);
    await expect(forecast(short)).rejects.toThrow(/expected 1008 hours or more, got 1007/);
    const hole = csv("hole.csv", 1100, (t) => (t === 5 ? "" : t));
    await expect(forecast(hole, "--column", "load")).rejects.toThrow(/hole\.csv: row 7, column 2/);
    await expect(forecast(hole, "--column", "heat")).rejects.toThrow(
      /expected a column heat, got time, load, constant/,
    );
  });
});

describe("examples/sequences/series.mjs", () => {
  it("makes the same series each time, with days, weeks and a trend", () => {
    const series = energySeries();
    expect(energySeries()).toEqual(series);
    const mean = (hours: (t: number) => boolean) => {
      const chosen = series.filter((_, t) => hours(t));
      return chosen.reduce((sum, value) => sum + value, 0) / chosen.length;
    };
    expect(mean((t) => t % 24 === 19)).toBeGreaterThan(mean((t) => t % 24 === 3) + 10);
    const isWeekend = (t: number) => Math.floor(t / 24) % 7 >= 5;
    expect(mean((t) => !isWeekend(t))).toBeGreaterThan(mean(isWeekend) + 2);
    expect(mean((t) => t >= 3600)).toBeGreaterThan(mean((t) => t < 3600) + 1);
  });
});

describe("examples/sequences/chart.mjs", () => {
  it("draws truth and forecast at their heights", () => {
    const lines = chart([0, 13, 6], [0, 0, 7]).split("\n");
    expect(lines).toHaveLength(14);
    expect(lines[0]).toBe("   13.0│ ·");
    expect(lines[6]).toBe("    7.0│  *");
    expect(lines[7]).toBe("       │  ·");
    expect(lines[13]).toBe("       │#*");
  });

  it("draws a line that does not change", () => {
    expect(chart([5, 5], [5, 5]).split("\n")[0]).toBe("    5.0│##");
  });

  it("names columns below", () => {
    expect(axis(["a", "b"], 4)).toBe("        └a  └b");
  });
});
