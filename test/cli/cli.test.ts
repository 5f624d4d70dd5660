import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { hashOf } from "../../src/cli/report.ts";
import { loadDigits } from "../../src/data/digits.ts";
import { createEngine, crossEntropy, dense, sequential, sgd } from "../../src/index.ts";
import { imageBytes, labelBytes } from "../data/idx-bytes.ts";
import { unwrapped } from "./unwrapped.ts";

const command = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command; `onOutput` may interfere when the first output has come. */
function gradlane(
  args: readonly string[],
  onOutput?: (child: ReturnType<typeof spawn>) => void,
): Promise<Ended> {
  const env = { ...process.env, NO_COLOR: "", GRADLANE_DEBUG: "", DEBUG: "", CI: "true" };
  const child = spawn(process.execPath, [command, ...args], { env });
  const ended = { code: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (ended.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (ended.stderr += text));
  child.stdout.once("data", () => onOutput?.(child));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ ...ended, code });
    });
  });
}

describe("gradlane", () => {
  it("prints its version", async () => {
    const expected = { code: 0, stdout: `${manifest.version}\n`, stderr: "" };
    expect(await gradlane(["--version"])).toEqual(expected);
  });

  it.each([[[]], [["help"]], [["--help"]]])("explains itself after %j", async (args) => {
    const { code, stdout, stderr } = await gradlane(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^usage: gradlane <command>/m);
    expect(stdout).toMatch(/^ +train +\w/m);
    expect(stdout).toMatch(/^ +info +\w/m);
  });

  it.each([[["help", "train"]], [["train", "--help"]]])("explains train after %j", async (args) => {
    const { code, stdout } = await gradlane(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^usage: gradlane train \[--data /m);
    expect(stdout).toMatch(/^ +--epochs N +passes over the training data; default 30$/m);
  });

  it.each([
    [
      ["tarin"],
      "unknown command tarin; the commands are train, bench, verify, info, help",
      "gradlane <command>",
    ],
    [["--bogus"], "unknown option --bogus; the commands are", "gradlane <command>"],
    [["help", "tarin"], "unknown command tarin", "gradlane <command>"],
    [["train", "--bogus"], "unknown option --bogus", "gradlane train"],
    [["train", "--epochs", "abc"], "--epochs: expected a whole number of", "gradlane train"],
    [["info", "--bogus"], "unknown option --bogus", "gradlane info"],
  ])("takes %j for wrong use", async (args, message, usage) => {
    const { code, stdout, stderr } = await gradlane(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    const [first, second] = unwrapped(stderr).split("\n");
    expect(first).toContain(`gradlane: ${message}`);
    expect(second).toContain(`usage: ${usage}`);
  });

  it("shows what the engine is and runs on", async () => {
    const { code, stdout } = await gradlane(["info"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^math +strict$/m);
    expect(stdout).toMatch(/^wasm simd +yes$/m);
    const { stdout: json } = await gradlane(["info", "--json"]);
    expect(JSON.parse(json)).toMatchObject({ version: manifest.version, features: { simd: true } });
  });
});

describe("gradlane train", () => {
  let folder = "";
  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), "gradlane-"))));
  afterAll(() => rm(folder, { recursive: true }));

  const numbers = ["accuracy", "loss", "epochs", "steps", "samplesPerSecond", "seconds"];
  const parse = ({ stdout }: Ended) => JSON.parse(stdout) as Record<string, unknown>;

  it("prints one JSON object after --json, the same weights every time", async () => {
    const args = ["train", "--json", "--epochs", "3", "--layers", "16"];
    const [first, second, other] = await Promise.all([
      gradlane(args),
      gradlane(args),
      gradlane([...args, "--seed", "2"]),
    ]);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout.match(/\n/g)).toHaveLength(1);
    const { weightsSha256, ...result } = parse(first);
    expect(Object.keys(result)).toEqual(numbers);
    expect(Object.values(result).every(Number.isFinite)).toBe(true);
    expect(result).toMatchObject({ epochs: 3, steps: 3 * Math.ceil(1437 / 32) });
    expect(weightsSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(parse(second).weightsSha256).toBe(weightsSha256);
    expect(parse(other).weightsSha256).not.toBe(weightsSha256);
  });

  it("does what the same lines of JavaScript do", async () => {
    const { train, test } = await loadDigits();
    const engine = await createEngine();
    const net = sequential([dense(12, { activation: "tanh" }), dense(10)]);
    const model = engine.compile(net, {
      inputShape: [64],
      loss: crossEntropy(),
      optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }),
      metrics: ["accuracy"],
      seed: 7,
    });
    await model.fit(train, { epochs: 2, batchSize: 50 });
    const expected = { ...(await model.evaluate(test)), weightsSha256: hashOf(model.parameters) };
    const options =
      "--layers 12 --activation tanh --optimizer momentum --lr 0.1 --seed 7 --batch 50";
    const args = ["train", ...options.split(" "), "--epochs", "2", "--json"];
    const { accuracy, loss, weightsSha256 } = parse(await gradlane(args));
    expect({ accuracy, weightsSha256 }).toEqual({
      accuracy: expected.accuracy,
      weightsSha256: expected.weightsSha256,
    });
    expect(loss).toBeCloseTo(expected.loss, 6);
  });

  it("learns the digits", async () => {
    expect(parse(await gradlane(["train", "--json"])).accuracy).toBeGreaterThan(0.88);
  });

  it("learns the digits with convolutions, better and in equal bits on two threads", async () => {
    const weights = join(folder, "cnn.safetensors");
    const args = ["train", "--network", "cnn", "--epochs", "8"];
    const [plain, threads, text] = await Promise.all([
      gradlane([...args, "--json"]),
      gradlane([...args, "--json", "--threads", "2"]),
      gradlane([...args, "--math", "relaxed", "--seed", "2", "--save", weights]),
    ]);
    expect([plain.stderr, threads.stderr, text.code]).toEqual(["", "", 0]);
    expect(parse(plain).accuracy).toBeGreaterThan(0.92);
    expect(parse(threads).weightsSha256).toBe(parse(plain).weightsSha256);
    const header = /^network +(.*)\n +(.*)\n/m.exec(text.stdout)!.slice(1).join(" ");
    expect(header).toMatch(
      /^8x8x1, conv 3x3x16, .* relu, \d[\d,]+ parameters, [\d,]+ multiply-adds$/,
    );
    expect((await readFile(weights, "latin1")).slice(8)).toMatch(/^\{.*conv2d/);
  });

  it("takes a cnn for wrong use where there are no images, or images without room", async () => {
    const table = join(folder, "no-images.csv");
    await writeFile(table, "0,1,0\n1,0,1\n".repeat(5));
    const lines = join(folder, "lines");
    await mkdir(lines);
    for (const part of ["train", "t10k"]) {
      await writeFile(join(lines, `${part}-images-idx3-ubyte`), imageBytes(2, 1, 5));
      await writeFile(join(lines, `${part}-labels-idx1-ubyte`), labelBytes([0, 1]));
    }
    for (const [data, message] of [
      [table, "expected the digits or a folder of images, got no-images.csv, which has none"],
      [lines, "expected images of at least 2x2 pixels, got 1x5 in lines"],
    ] as const) {
      const ended = await gradlane(["train", "--network", "cnn", "--data", data]);
      expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code: 2, stdout: "" });
      const [first, usage] = unwrapped(ended.stderr).split("\n");
      expect(first).toBe(`gradlane: --network cnn: ${message}`);
      expect(usage).toContain("usage: gradlane train");
    }
  });

  it("prints plain lines where there is no terminal", async () => {
    const { code, stdout, stderr } = await gradlane(["train", "--epochs", "10"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.split("\n");
    expect(lines.filter((line) => /^epoch ( \d|10)\/10 {2}loss \d/.test(line))).toHaveLength(10);
    expect(stdout).toContain("loss  ─── training   ╌╌╌ validation");
    expect(stdout).toContain("predicted");
    expect(stdout).toBe(stripVTControlCharacters(stdout));
    expect(stdout).not.toContain("\r");
  });

  it("trains on a table and saves the weights", async () => {
    const rows = Array.from({ length: 50 }, (_, row) => `${row % 2},${(row * 7) % 5},${row % 2}`);
    const table = join(folder, "table.csv");
    const weights = join(folder, "weights.safetensors");
    await writeFile(table, rows.join("\n"));
    const options = ["--layers", "none", "--epochs", "2", "--batch", "100", "--save", weights];
    const { code, stdout } = await gradlane(["train", "--data", table, ...options]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^data +table\.csv, 40 to train on, 10 to test on$/m);
    expect(stdout).toMatch(/^network +2-2, 6 parameters$/m);
    expect(stdout).toContain("batch 40");
    expect(stdout).toContain(`saved ${weights}`);
    expect((await readFile(weights, "latin1")).slice(8)).toMatch(/^\{.*"F32"/);
  });

  it.each([
    [["--data", "no/such/folder"], /^gradlane: --data: expected digits, a folder or a .csv file/],
    [["--save", "no/such/folder/w"], /^gradlane: --save: there is no folder "no\/such\/folder"/],
    [["--save", "."], /^gradlane: --save: expected a file, got the folder/],
  ])("fails before it trains after %j", async (args, message) => {
    const { code, stdout, stderr } = await gradlane(["train", ...args]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(unwrapped(stderr)).toMatch(message);
    expect(unwrapped(stderr).match(/\n/g)).toHaveLength(1);
  });

  it("stops on Ctrl-C with what it has, saved", async () => {
    const weights = join(folder, "interrupted.safetensors");
    const args = ["train", "--epochs", "1000000", "--save", weights];
    const { code, stdout, stderr } = await gradlane(args, (child) => child.kill("SIGINT"));
    expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
    expect(stdout).toMatch(/^stopped in epoch \d+ of 1000000$/m);
    expect(stdout).toMatch(/^accuracy \d/m);
    expect(existsSync(weights)).toBe(true);
  });

  it("ends without a word when nobody reads on", async () => {
    const args = ["train", "--epochs", "1000000"];
    const { code, stderr } = await gradlane(args, (child) => child.stdout?.destroy());
    expect({ code, stderr }).toEqual({ code: 141, stderr: "" });
  });
});
