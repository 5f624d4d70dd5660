import { describe, expect, it } from "vitest";
import { median, quickBudget, timeInTurns } from "../../../src/cli/bench/timing.ts";

describe("timeInTurns", () => {
  it("takes the median of the rounds' medians, and half their distance as the spread", async () => {
    // Three samples a round: medians 2, 20 and 4.
    const times = [1, 2, 3, 10, 20, 90, 4, 4, 4].map((time) => time * quickBudget.time);
    const work = { timesItself: true, run: () => times.shift() };
    const [timing] = await timeInTurns([work], quickBudget);
    const medians = [2, 20, 4].map((time) => time * quickBudget.time);
    const expected = { medians, milliseconds: medians[2], spread: 18 / 2 / 4, samples: 9 };
    expect(timing).toMatchObject(expected);
  });

  it("alternates between works, after it has called what warms them up", async () => {
    const calls: string[] = [];
    const work = (name: string) => ({
      timesItself: true,
      run: () => {
        calls.push(name);
        return quickBudget.time;
      },
    });
    await timeInTurns([work("a"), work("b")], quickBudget);
    expect(calls.join("")).toBe("aaabbb".repeat(quickBudget.rounds));
  });

  it("warms up by many small calls, then measures calls of the work alone", async () => {
    const calls = { small: 0, large: 0 };
    const work = {
      run: () => calls.large++,
      warmUp: () => {
        expect(calls.large).toBe(0);
        calls.small++;
      },
    };
    const [timing] = await timeInTurns([work], quickBudget);
    expect(calls.small).toBe(2000);
    expect(timing!.cpuShare).toBeGreaterThan(0);
    expect(timing!.cpuShare).toBeLessThanOrEqual(1);
    // A call takes nanoseconds: samples are of many.
    expect(calls.large).toBeGreaterThan(10 * timing!.samples);
    expect(timing!.milliseconds).toBeGreaterThan(0);
  });

  it("passes errors on", async () => {
    const run = () => {
      throw new RangeError("no");
    };
    await expect(timeInTurns([{ run }], quickBudget)).rejects.toThrow(RangeError);
    await expect(timeInTurns([{ run, timesItself: true }], quickBudget)).rejects.toThrow("no");
  });
});

describe("median", () => {
  it.each([
    [[3], 3],
    [[1, 9, 2], 2],
    [[4, 1, 3, 2], 2.5],
  ])("of %j is %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});
