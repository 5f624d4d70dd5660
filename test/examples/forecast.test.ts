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

type Chart = (truth: readonly number[], forecast: readonly number[], names?: string[]) => string;
const { chart } = (await part("chart.mjs")) as { chart: Chart };
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

  it("takes files with a byte order mark, cells in quotes and large numbers", async () => {
    const rows = Array.from({ length: 1008 }, (_, t) => `${1e5 * (t % 7)},"a, ""b""",x`);
    const path = join(folder, "quoted.csv");
    writeFileSync(path, ['\uFEFFload,"note, long",other', ...rows].join("\n"));
    const text = await forecast(path, "--column", "load", "--epochs", "1");
    expect(text).toContain("quoted.csv, load: 1008 hours");
    const errors = /^the last value +\d+\.\d{3}$[^]*^LSTM +\d+\.\d{3}$/m.exec(text)![0].split("\n");
    expect(new Set(errors.map((line) => line.length)).size).toBe(1);
    expectNarrow(text.replace(folder, ""));
  });

  it.each<[string, string, string[], string]>([
    ["empty.csv", "", [], "expected names of columns in the first row, got none"],
    [
      "numbers.csv",
      "1,2\n3,4",
      ["--column", "1"],
      "expected names of columns in the first row, got the number 1",
    ],
    [
      "headless.csv",
      "a day,2\na day,4",
      [],
      "expected names of columns in the first row, got the number 2",
    ],
    ["ragged.csv", "a,b\n1,2\n3,4,5", [], "row 3: expected 2 cells, got 3"],
    [
      "hole.csv",
      "a,b,c\n1,,2",
      ["--column=b"],
      "row 2, column b: expected a number, got an empty cell",
    ],
    ["text.csv", 'a,"b"\n1,2\n1,two\n', [], "row 3, column b: expected a number, got two"],
    ["named.csv", "time,load\n1,2", ["--column=heat"], "expected a column heat, got time, load"],
  ])("says in a line what is wrong with %s", async (name, text, args, expected) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    const failure = await forecast(path, ...args).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 1, stderr: `${path}: ${expected}\n` });
  });

  it("says what is missing", async () => {
    const short = csv("short.csv", 1007, (t) => t);
    await expect(forecast(short)).rejects.toThrow(/expected 1008 hours or more, got 1007/);
    await expect(forecast("--column", "load")).rejects.toThrow(
      /^--column: expected a file with a column load, got none$/m,
    );
    await expect(forecast(join(folder, "none.csv"))).rejects.toThrow(/^ENOENT.*none\.csv'$/m);
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
    expect(chart([1, 2, 3, 4, 5, 6, 7, 8], [], ["a", "b"]).split("\n").at(-1)).toBe(
      "        └a  └b",
    );
  });

  it("has room for large numbers, and decimals for small ones", () => {
    const ends = (low: number, high: number) => {
      const lines = chart([low, high], [low, high], ["a"]).split("\n");
      const [below] = lines.slice(-1).map((line) => line.indexOf("└") - 1);
      for (const line of lines.slice(0, -1)) expect(line.indexOf("│")).toBe(below);
      return [lines[0], lines[12]].map((line) => line!.split("│")[0]!.trim());
    };
    expect(ends(0, 260_000)).toEqual(["260000", "20000"]);
    expect(ends(-1_300_000, 0)).toEqual(["0", "-1200000"]);
    expect(ends(123_456, 123_482)).toEqual(["123482.0", "123458.0"]);
    expect(ends(0, 1.3e-3)).toEqual(["0.00130", "0.00010"]);
    expect(ends(0, 1.3e20)).toEqual(["1.300e+20", "1.000e+19"]);
  });
});
