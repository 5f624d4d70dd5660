import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import picocolors from "picocolors";
import { afterAll, describe, expect, it } from "vitest";
import { dispatch } from "../../src/cli/dispatch.ts";
import { runVerify } from "../../src/cli/verify.ts";

const folder = mkdtempSync(join(tmpdir(), "g-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A stream as wide as a terminal; undefined for a pipe, for which 80 columns are taken. */
function output(columns: number | undefined): PassThrough & { columns?: number } {
  return Object.assign(new PassThrough(), columns !== undefined && { columns });
}

type Run = (io: Parameters<typeof dispatch>[1]) => Promise<number>;

/** The lines that a command prints, to both outputs. */
async function linesOf(run: Run, columns?: number): Promise<string[]> {
  const [stdout, stderr] = [output(columns), output(columns)];
  const io = { stdout, stderr, live: false, colors: picocolors.createColors(false) };
  const both = Promise.all([text(stdout), text(stderr)]);
  await run(io);
  stdout.end();
  stderr.end();
  return (await both).flatMap((printed) => printed.split("\n"));
}

const of =
  (...args: string[]): Run =>
  (io) =>
    dispatch(args, io);

const commands: readonly (readonly string[])[] = [
  ["help"],
  ...["train", "bench", "verify", "info"].map((name) => [name, "--help"]),
  ["info"],
  ["train", "--epochs", "2"],
  ["train", "--epochs", "1", "--network", "cnn", "--layers", "8"],
  ["train", "--epochs", "1000", "--layers", "none", "--batch", "1437"],
  ["train", "--epochs", "2", "--lr", "1e9", "--save", join(folder, "weights.safetensors")],
  ["bench", "--quick", "--filter", "crossEntropyGrad 1024x10"],
  ["bench", "--quick", "--filter", "step 2-4-1"],
  ["bench", "--quick", "--filter", "start-up"],
  ["verify", "--filter", "gather", "--revectorize"],
  // Wrong use, and what fails.
  ["tarin"],
  ["--bogus"],
  ["info", "now"],
  ...["train", "bench", "verify"].map((name) => [name, "--bogus"]),
  ["train", "--optimizer", "sgdd"],
  ["train", "--network", "rnn"],
  ["train", "--activation", "rely"],
  ["train", "--data", "a/folder/that/is/not/there"],
  ["train", "--save", "a/folder/that/is/not/there/w.safetensors"],
  ["bench", "--filter", "cholesky"],
  ["bench", "--tile", "9x9"],
  ["bench", "--json", "a/folder/that/is/not/there/bench.json"],
  ["verify", "--filter", "cholesky"],
];

describe.each([[undefined], [60]])("on %s columns", (columns) => {
  const width = columns ?? 80;
  const wide = (lines: readonly string[]): string[] => lines.filter((line) => line.length > width);

  it.each(commands.map((args) => [args]))("%j prints lines that fit", async (args) => {
    const lines = await linesOf(of(...args), columns);
    expect(wide(lines)).toEqual([]);
    expect(lines.length).toBeGreaterThan(2);
  });

  it("a kernel that misses is told of in lines that fit", async () => {
    const run: Run = (io) =>
      runVerify(["--filter", "leakyReluGrad"], io, (kernels) => ({
        ...kernels,
        leakyReluGrad: () => undefined,
      }));
    const lines = await linesOf(run, columns);
    expect(wide(lines)).toEqual([]);
    expect(lines.filter((line) => line.startsWith("  leakyReluGrad ("))).not.toEqual([]);
  });
});

describe("the widest rows of bench", () => {
  it("leave room for a ratio, or have it below them", async () => {
    const lines = await linesOf(of("bench", "--quick", "--filter", "step"));
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.find((line) => line.includes("×"))).toMatch(/^ {2}[\d.]+ × plain JS$/);
  });

  it("have a dash for what a work has not", async () => {
    const lines = await linesOf(of("bench", "--quick", "--filter", "2-4-1"));
    const row = /^step 2-4-1 \(4\) +\S+ [nµ]s +\d+ % +– +–( |$)/;
    expect(lines.filter((line) => row.test(line))).toHaveLength(1);
  });
});

describe("info", () => {
  it("has a value for each key", async () => {
    const lines = (await linesOf(of("info"))).filter((line) => line !== "");
    for (const line of lines) expect(line).toMatch(/^\S+( \S+)* {2,}\S/);
    expect(lines.length).toBeGreaterThan(10);
  });
});
