import { describe, expect, it } from "vitest";
import {
  disturbance,
  formatPercent,
  formatRatio,
  formatSpeed,
  formatTime,
} from "../../../src/cli/bench/format.ts";

const measured = {
  peer: "gradlane",
  version: "1",
  work: "w",
  milliseconds: 2,
  spread: 0,
  samples: 1,
};

describe("formats of the benchmark", () => {
  it.each([
    [6.6e-4, "660 ns"],
    [0.00123, "1.23 µs"],
    [0.0123, "12.3 µs"],
    [1, "1.00 ms"],
    [1234.5, "1235 ms"],
  ])("%d milliseconds is %s", (milliseconds, text) => {
    expect(formatTime(milliseconds)).toBe(text);
  });

  it("shows operations where they are counted, else bytes, else nothing", () => {
    expect(formatSpeed({ ...measured, gflops: 31.26 })).toBe("31.3 GFLOPS");
    expect(formatSpeed({ ...measured, gigabytesPerSecond: 0.5 })).toBe("0.500 GB/s");
    expect(formatSpeed(measured)).toBe("");
  });

  it("compares with the fastest of the others", () => {
    const other = (peer: string, milliseconds: number) => ({ ...measured, peer, milliseconds });
    const others = [other("slow", 9), other("fast", 3)];
    expect(formatRatio(measured, others)).toBe("1.50 × fast");
    expect(formatRatio(measured, [])).toBe("");
  });

  it("warns of other programs on the same core", () => {
    const quiet = [measured, { ...measured, cpuShare: 0.99 }];
    expect(disturbance(quiet)).toBe("");
    const disturbed = [...quiet, { ...measured, cpuShare: 0.27 }];
    expect(disturbance(disturbed)).toMatch(/^other programs had up to 73 % of this core/);
  });

  it("rounds shares to whole percents", () => {
    expect(formatPercent(0.914)).toBe("91 %");
  });
});
