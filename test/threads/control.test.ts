import { describe, expect, it } from "vitest";
import { Spinner } from "../../src/threads/control.ts";

describe("Spinner", () => {
  it("spins less the more often the others come late, and more again when they do not", () => {
    const spinner = new Spinner(100_000);
    spinner.ranOut();
    expect(spinner.turns).toBe(50_000);
    for (let i = 0; i < 50; i++) spinner.ranOut();
    expect(spinner.turns).toBe(100);
    const before = spinner.turns;
    spinner.done();
    expect(spinner.turns).toBeGreaterThan(before);
    for (let i = 0; i < 1000; i++) spinner.done();
    expect(spinner.turns).toBe(100_000);
  });

  it("never spins more than it may", () => {
    const spinner = new Spinner(100);
    spinner.ranOut();
    spinner.done();
    expect(spinner.turns).toBe(100);
  });
});
