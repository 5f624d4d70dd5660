import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);

/** Returns the output of an example. */
async function example(script: string, ...args: string[]): Promise<string> {
  const path = `examples/sequences/${script}`;
  return (await run(process.execPath, [path, ...args], { cwd: root })).stdout;
}

/** Expects an example to end with nothing but a line on stderr, and the code 1. */
async function expectLine([script, ...args]: readonly string[], line: string): Promise<void> {
  const failure = await example(script!, ...args).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 1, stdout: "", stderr: `${line}\n` });
}

/** Returns the numbers behind each occurrence of a word. */
function numbers(text: string, word: string): number[] {
  return Array.from(text.matchAll(new RegExp(`${word} (\\d+\\.\\d+)`, "g")), ([, n]) => Number(n));
}

/** Returns sentences with the intent and the probability that are printed below each. */
function answers(text: string): (readonly [sentence: string, intent: string, share: number])[] {
  const found = text.matchAll(
    /^(.*)\n {4}(\w+) +(\d\.\d\d) {3}\w+ +\d\.\d\d(?: {3}right: \w+)?$/gm,
  );
  return Array.from(found, ([, sentence, intent, share]) => {
    return [sentence!, intent!, Number(share)] as const;
  });
}

describe("examples/sequences/intent.mjs", () => {
  it("tells what sentences ask for whose templates it never saw", async () => {
    const text = await example("intent.mjs", "--epochs", "8");
    const losses = numbers(text, "loss");
    expect(losses).toHaveLength(8);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 20);
    expect(numbers(text, "accuracy").at(-1)).toBeGreaterThan(0.8);
    expect(answers(text).length).toBeGreaterThan(8);
    const wrong = Array.from(text.matchAll(/^ {4}(\w+) .* {3}right: (\w+)$/gm));
    expect(wrong).toHaveLength(answers(text.slice(text.indexOf("What it gets wrong"))).length);
    expect(wrong.length).toBeGreaterThan(2);
    for (const [, answer, right] of wrong) expect(answer).not.toBe(right);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it("answers what it is asked", async () => {
    const asked = ["Play jazz!", "call anna, no wait, will it snow in xyz?"];
    const text = await example("intent.mjs", "--epochs", "6", ...asked);
    const [music, weather] = answers(text.slice(text.indexOf("Your sentences")));
    expect(music!.slice(0, 2)).toEqual(["play jazz", "music"]);
    expect(weather!.slice(0, 2)).toEqual(["call anna no wait will it snow in [xyz]", "weather"]);
    for (const [, , share] of [music!, weather!]) expect(share).toBeGreaterThan(0.5);
  });

  it("refuses sentences without words, or with more than it reads", async () => {
    await expectLine(
      ["intent.mjs", "hi", " 7!"],
      'expected sentences of 1 to 24 words, got 0 in " 7!"',
    );
    const long = "la ".repeat(25);
    await expectLine(
      ["intent.mjs", long],
      `expected sentences of 1 to 24 words, got 25 in "${long}"`,
    );
  });
});

describe("the options of examples", () => {
  it.each(["abc", "0", "1.5", ""])("refuse %j epochs in one line", async (epochs) => {
    const text = `--epochs: expected a whole number from 1 on, got ${epochs}`;
    for (const script of ["intent.mjs", "forecast.mjs", "../images/classifier.mjs"]) {
      await expectLine([script, `--epochs=${epochs}`], text);
    }
  });
});

describe("the sentences of examples/sequences", () => {
  it("share no template and no filling between training and test", async () => {
    const { FILLINGS, TEMPLATES } = (await import(
      `${root}examples/sequences/templates.mjs`
    )) as Record<string, Record<string, Record<"train" | "test", string[]>>>;
    for (const [name, { train, test }] of Object.entries({ ...FILLINGS, ...TEMPLATES })) {
      expect(
        test.filter((text) => train.includes(text)),
        name,
      ).toEqual([]);
      expect(new Set(train).size, name).toBe(train.length);
    }
  });
});
