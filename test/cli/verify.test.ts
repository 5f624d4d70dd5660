import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import picocolors from "picocolors";
import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { dispatch } from "../../src/cli/dispatch.ts";
import { runVerify } from "../../src/cli/verify.ts";
import { hasFeature } from "../../src/wasm/features.ts";
import { families } from "../../src/verify/families.ts";
import type { Adapt, BuildReport } from "../../src/verify/verify.ts";
import { unwrapped } from "./unwrapped.ts";

type Run = (io: Parameters<typeof dispatch>[1]) => Promise<number>;

/** Returns the output of a command, and its exit code. */
async function printed(run: Run) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const io = { stdout, stderr, live: false, colors: picocolors.createColors(false) };
  const both = Promise.all([text(stdout), text(stderr)]);
  const code = await run(io);
  stdout.end();
  stderr.end();
  const [out, err] = await both;
  return { code, out, err };
}

const verify = (...args: string[]) => printed((io) => dispatch(["verify", ...args], io));

const builds = ["strict", ...(hasFeature("relaxedSimd") ? ["relaxed"] : []), "threads"];

describe("gradlane verify", () => {
  it("finds every kernel of every build right, in a line for each family", async () => {
    const { code, out, err } = await verify();
    expect({ code, err }).toEqual({ code: 0, err: "" });
    for (const build of ["strict", "relaxed", "threads"]) {
      const title = builds.includes(build) ? "kernels +cases +error / allowed" : "not checked: .+";
      expect(out).toMatch(new RegExp(`^${build} +${title}$`, "m"));
    }
    for (const { name, kernels } of families) {
      const count = Object.keys(kernels).length;
      const line = new RegExp(`^${name} +${count} +[\\d,]+ +([01]\\.\\d\\d|exact) ok$`, "gm");
      expect(out.match(line), name).toHaveLength(builds.length);
    }
    expect(out).toMatch(
      new RegExp(`^\\d+ kernels right in ${builds.length} builds?: .* cases`, "m"),
    );
  });

  it("checks what a filter selects, and says all of it in JSON", async () => {
    const { code, out } = await verify("--filter", "SoftMax", "--json");
    expect(code).toBe(0);
    const report = JSON.parse(out) as { readonly builds: readonly BuildReport[] };
    expect(report).toMatchObject({ gradlane: manifest.version, passed: true });
    const [strict] = report.builds;
    expect(strict).toMatchObject({ build: "strict", families: [{ name: "softmax", kernels: 4 }] });
    expect(strict!.families[0]!.share).toBeGreaterThan(0);
    expect(strict!.families[0]!.share).toBeLessThanOrEqual(1);
  });

  it("tells why a build is not checked", async () => {
    const { code, out } = await verify("--filter", "saxpy", "--revectorize");
    expect(code).toBe(0);
    const isOld = parseInt(process.versions.node) < 24;
    const told = isOld ? "not checked: it needs Node 24, this is .+" : "kernels +cases .+";
    expect(out).toMatch(new RegExp(`^strict, revectorized +${told}$`, "m"));
  });

  it.each([
    [["--filter", "sgemmm"], '--filter: expected a part of one of these names, got "sgemmm"'],
    [["--filter", ""], "--filter: expected a name that is not empty"],
    [["--bogus"], "unknown option --bogus"],
    [["relu"], 'unexpected argument "relu"'],
  ])("takes %j for wrong use", async (args, message) => {
    const { code, out, err } = await verify(...args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(unwrapped(err)).toContain(`gradlane: ${message}`);
    expect(err).toContain("usage: gradlane verify [--filter NAME]");
  });

  it("lists the names that a filter can have", async () => {
    const { err } = await verify("--filter", "nothing");
    expect(err).toMatch(/^ +softmax +softmax, softmaxGrad, logSoftmax, logSoftmaxGrad$/m);
  });
});

describe("gradlane verify of a kernel that is wrong", () => {
  /** relu, that takes the last of 17 elements for a positive one. */
  const broken: Adapt = (kernels) => ({
    ...kernels,
    relu(x, y, n, p) {
      kernels.relu(x, y, n, p);
      if (n === 17) new Float32Array(kernels.memory.buffer, y)[16] = 1;
    },
  });

  const run = (...args: string[]) => printed((io) => runVerify(args, io, broken));

  it("says in a line what came and what was expected, and goes on", async () => {
    const { code, out } = await run("--filter", "relu");
    expect(code).toBe(1);
    const told =
      "relu \\(n = 17, parameter 0\\): y\\[16\\] is 1, expected \\S+ for x = \\S+ \\(off by";
    // On lines of their own, and what follows the first of them is indented by four.
    expect(out.replaceAll("\n    ", " ")).toMatch(new RegExp(`^  ${told}`, "m"));
    expect(out).toMatch(/^activations +4 +[\d,]+ +1 missed$/m);
    const { length } = builds;
    expect(out).toMatch(
      new RegExp(`^${length} of ${4 * length} kernels missed in ${length} build`, "m"),
    );
  });

  it("says it in JSON", async () => {
    const { code, out } = await run("--filter", "relu", "--json");
    expect(code).toBe(1);
    const { passed, builds } = JSON.parse(out) as { passed: boolean; builds: BuildReport[] };
    expect(passed).toBe(false);
    expect(builds[0]!.families[0]!.misses).toMatchObject([
      { kernel: "relu", what: "n = 17, parameter 0", element: "y[16]", came: "1", isHot: false },
    ]);
  });
});
