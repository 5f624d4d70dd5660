import { describe, expect, it } from "vitest";
import { median, quickBudget, timeInTurns } from "../../../src/cli/bench/timing.ts";

describe("timeInTurns", () => {
  /** Returns the timing of rounds with these medians, of three samples each. */
  async function timingOf(rounds: readonly number[]) {
    const times = rounds.flatMap((time) => [0.5 * time, time, 9 * time]);
    const work = { timesItself: true, run: () => 1000 * times.shift()! };
    const [timing] = await timeInTurns([work], { ...quickBudget, rounds: rounds.length });
    return timing!;
  }

  it("takes the median of the rounds' medians, with their median distance from it", async () => {
    const medians = [2, 20, 4, 5, 3];
    const { samples, ...timing } = await timingOf(medians);
    expect(timing).toMatchObject({ medians: medians.map((time) => 1000 * time), spread: 1 / 4 });
    expect({ samples, milliseconds: timing.milliseconds }).toEqual({
      samples: 15,
      milliseconds: 4000,
    });
  });

  it("does not count a noisy round", async () => {
    const [quiet, noisy] = [await timingOf([98, 99, 100, 101, 102]), [99, 100, 5478, 101, 98]];
    expect(quiet.spread).toBe(0.01);
    expect(await timingOf(noisy)).toMatchObject({ milliseconds: quiet.milliseconds, spread: 0.01 });
    // Even where most rounds are noisy, the spread is no percentage of thousands.
    expect((await timingOf([1, 1, 1000, 2000, 9000])).spread).toBeLessThanOrEqual(1);
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
