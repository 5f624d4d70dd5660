import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Model, createEngine } from "gradlane";
import { afterAll, describe, expect, it } from "vitest";
import { RECIPE } from "../../examples/gpt/network.mjs";
import { Alphabet, allWindows, randomWindows, split } from "../../examples/gpt/text.mjs";
import { Trainer } from "../../examples/gpt/trainer.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const book = readFileSync(join(root, "examples/gpt/moby-dick.txt"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "gradlane-gpt-"));
const run = promisify(execFile);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A network that a test has time for. */
const small = { ...RECIPE, layers: 2, heads: 2, width: 16, context: 16, batch: 4, steps: 12 };
const sizes = Object.entries({ ...small, steps: 120 }).map(([name, value]) => `--${name}=${value}`);

/** Returns the output of the program. */
async function gpt(...args: string[]): Promise<string> {
  return (await run(process.execPath, ["examples/gpt/gpt.mjs", ...args], { cwd: root })).stdout;
}

/** Returns the numbers behind each occurrence of a word. */
function numbers(text: string, word: string): number[] {
  return Array.from(text.matchAll(new RegExp(`${word} (\\d+\\.\\d+)`, "g")), ([, n]) => Number(n));
}

function bitsOf({ parameters }: Model): Uint8Array[] {
  return parameters.map(({ data }) => new Uint8Array(data.slice().buffer));
}

describe("examples/gpt/text.mjs", () => {
  it("takes a text apart into ids and puts it together again", () => {
    const alphabet = Alphabet.of("naïve 🐳 fish\n");
    expect(alphabet.characters).toEqual([..."\n aefhinsv", "ï", "🐳"]);
    expect(alphabet.decode(alphabet.encode("🐳 fish"))).toBe("🐳 fish");
    expect(() => alphabet.encode("fox")).toThrow(/^expected some of aefhinsvï🐳, got "o"$/);
  });

  const ids = Int32Array.from({ length: 100 }, (_, i) => i);

  it("keeps the last tenth to validate with", () => {
    expect(split(ids, 9).validation).toEqual(ids.subarray(90));
    expect(split(ids, 9).train).toEqual(ids.subarray(0, 90));
    expect(() => split(ids, 10)).toThrow("expected a text of 110 characters or more, got 100");
  });

  it("cuts windows side by side, and what comes after each id", () => {
    const { x, y } = allWindows(ids, 33);
    expect(x).toEqual(ids.subarray(0, 99));
    expect(y).toEqual(ids.subarray(1));
    expect(allWindows(ids.subarray(1), 33).x).toHaveLength(66);
  });

  it("draws windows from all over the text, which the seed and the step decide", () => {
    const settings = { context: 90, batch: 8, seed: 3 };
    const steps = Array.from({ length: 40 }, (_, step) => randomWindows(ids, settings, step));
    const starts = steps.flatMap(({ x }) => [...x].filter((_, i) => i % 90 === 0));
    for (const { x, y } of steps) expect(y).toEqual(x.map((id) => id + 1));
    expect([...new Set(starts)].toSorted()).toEqual([..."0123456789"].map(Number));
    expect(randomWindows(ids, settings, 7)).toEqual(steps[7]);
    expect(randomWindows(ids, { ...settings, seed: 4 }, 7)).not.toEqual(steps[7]);
  });
});

describe("examples/gpt/trainer.mjs", () => {
  it("comes to the same weights and samples with an interruption as without", async () => {
    const engine = await createEngine();
    const [whole, first] = [0, 0].map(() => new Trainer(engine, book, small)) as [Trainer, Trainer];
    const losses = Array.from({ length: 12 }, () => whole.trainStep());
    const before = Array.from({ length: 5 }, () => first.trainStep());
    const rest = await Trainer.resume(engine, book, await first.save());
    const after = Array.from({ length: 7 }, () => rest.trainStep());
    expect([...before, ...after]).toEqual(losses);
    expect(bitsOf(rest.model)).toEqual(bitsOf(whole.model));
    expect(bitsOf(rest.model)).not.toEqual(bitsOf(first.model));
    expect(rest.isDone).toBe(true);
    const style = { count: 30, seed: 2 };
    expect([...rest.write("Call me", style)]).toEqual([...whole.write("Call me", style)]);
    expect([...rest.write("", style)]).toHaveLength(30);
    engine.dispose();
  });

  it("starts with GPT-2's deviations for its width, and scores that tell nothing", async () => {
    const engine = await createEngine();
    const settings = { ...small, layers: 8, width: 64 };
    const trainer = new Trainer(engine, book, settings);
    const { model, alphabet } = trainer;
    const deviation = 0.02 * Math.sqrt(768 / 64);
    const expected: [RegExp, number, number][] = [
      [/mbedding1.weight/, 0.02, 2],
      [/^dense\d*[13579].weight|inProjection.weight/, deviation, 16],
      [/^dense\d*[02468].weight|outProjection.weight/, deviation / 4, 16],
    ];
    for (const [names, deviation, count] of expected) {
      const weights = model.parameters.filter(({ name }) => names.test(name));
      expect(weights).toHaveLength(count);
      for (const { name, data } of weights) {
        const square = data.reduce((sum, value) => sum + value * value, 0) / data.length;
        expect(Math.sqrt(square) / deviation, name).toBeCloseTo(1, 1);
      }
    }
    // The table is that of the outputs too, so a character seems to follow itself a little more often.
    const excess = (await trainer.validationLoss()) - Math.log(alphabet.characters.length);
    expect(Math.abs(excess)).toBeLessThan(0.1);
    engine.dispose();
  });

  it("refuses weights of another program", async () => {
    const engine = await createEngine();
    const { model } = new Trainer(engine, book, small);
    const bytes = await model.toSafetensors();
    await expect(Trainer.resume(engine, book, bytes)).rejects.toThrow(/this example has saved/);
    engine.dispose();
  });
});

describe("examples/gpt/gpt.mjs", () => {
  const file = join(folder, "gpt.safetensors");

  it("learns, shows how it goes, saves, and goes on", async () => {
    const text = await gpt(...sizes, "--every=40", `--save=${file}`, "--generate=90");
    const losses = numbers(text, "validation");
    expect(losses).toHaveLength(4);
    expect(losses[0]).toBeCloseTo(Math.log(74), 1);
    expect(losses.at(-1)).toBeLessThan(losses[0]! - 0.9);
    expect(text).toMatch(/^step 120: .*, loss \d\.\d{4}, \d+\.\d ms a step$/m);
    const bits = Number(/^(\d\.\d{3}) bits per character/m.exec(text)![1]);
    expect(bits).toBeCloseTo(losses.at(-1)! / Math.LN2, 2);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);

    const more = await gpt("--resume", `--save=${file}`, "--steps=150", "--prompt=Call me");
    expect(more).toMatch(/^step 150: /m);
    expect(more).not.toMatch(/^step 120: /m);
    expect(more).toContain("2 layers, 2 heads, width 16, context 16");
    expect(more).toMatch(/^Call me/m);
  });

  it("only writes once all steps are done, the same for a seed", async () => {
    const write = (seed: number) =>
      gpt("--resume", `--save=${file}`, `--seed=${seed}`, "--generate=60", "--top-k=5");
    const texts = [await write(1), await write(1), await write(2)].map((text) => {
      return /never saw\.\n\n([^]*)/.exec(text)![1]!;
    });
    expect(texts[0]!.length).toBeGreaterThanOrEqual(60);
    expect(texts[1]).toBe(texts[0]);
    expect(texts[2]).not.toBe(texts[0]);
  });

  it.each<[string, string[], RegExp]>([
    ["a prompt of other characters", [...sizes, "--prompt=é"], /expected some of .*, got "é"/],
    ["no number", ["--steps=many"], /--steps: expected a whole number from 0 on, got many/],
    ["a share of no chance", ["--top-p=0"], /--top-p: expected a number above 0, at most 1, got 0/],
    ["another width of a saved network", ["--resume", "--width=8"], /--width: expected none with/],
    ["no such option", ["--stps=1"], /Unknown option '--stps'/],
  ])("refuses %s", async (_, args, message) => {
    await expect(gpt(...args)).rejects.toThrow(message);
  });

  it("refuses a text that is too short", async () => {
    const path = join(folder, "short.txt");
    writeFileSync(path, "Call me Ishmael.");
    await expect(gpt(path)).rejects.toThrow(/expected a text of 650 characters or more, got 16/);
  });
});
