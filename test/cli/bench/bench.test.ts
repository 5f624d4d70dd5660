import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import picocolors from "picocolors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../../../package.json" with { type: "json" };
import type { ChartData } from "../../../src/cli/bench/charts.ts";
import type { Report } from "../../../src/cli/bench/peers.ts";
import { dispatch } from "../../../src/cli/dispatch.ts";
import { unwrapped } from "../unwrapped.ts";

let folder = "";
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), "gradlane-"))));
afterAll(() => rm(folder, { recursive: true }));

/** Runs `gradlane bench --quick` with more arguments. */
async function bench(...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const io = { stdout, stderr, live: false, colors: picocolors.createColors(false) };
  const printed = Promise.all([text(stdout), text(stderr)]);
  const code = await dispatch(["bench", "--quick", ...args], io);
  stdout.end();
  stderr.end();
  const [out, err] = await printed;
  return { code, out, err };
}

async function readReport(file: string): Promise<Report> {
  return JSON.parse(await readFile(file, "utf8")) as Report;
}

/** Returns the JSON in an element of the page, parsed. */
function data(page: string, id: string): unknown {
  return JSON.parse(new RegExp(`id="${id}">([^<]*)<`).exec(page)![1]!);
}

describe("gradlane bench", () => {
  it("writes its figures with what they were measured on", async () => {
    const file = join(folder, "sgemm.json");
    const { code, err } = await bench("--filter", "sgemm 48x48x48", "--json", file);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const { environment, peak, results, peers } = await readReport(file);
    expect(environment).toMatchObject({
      gradlane: manifest.version,
      node: process.versions.node,
      v8: process.versions.v8,
      build: "strict",
    });
    expect(environment.tile).toMatch(/^\d+x\d+$/);
    expect(environment.cpu).not.toBe("");
    expect(Date.parse(environment.date)).toBeGreaterThan(Date.parse("2026-01-01"));
    expect(peak).toHaveLength(8);
    expect(peers).toBeNull();
    const forms = ["", " NT", " TN"].map((form) => `sgemm 48x48x48${form}`);
    expect(results.map(({ work }) => work)).toEqual(forms);
    for (const { peer, version, milliseconds, gflops, ceiling, shareOfCeiling } of results) {
      expect({ peer, version }).toEqual({ peer: "gradlane", version: manifest.version });
      expect(gflops! * milliseconds * 1e6).toBeCloseTo(2 * 48 ** 3, 3);
      expect(ceiling).toBeGreaterThan(0);
      expect(shareOfCeiling).toBeGreaterThan(0);
    }
  });

  it("prints a row for each work, under a heading", async () => {
    const { out } = await bench("--filter", "adam");
    expect(out).toMatch(/^gradlane +\S+, strict build, tile \d+x\d+, 1 thread$/m);
    expect(out).toContain(`V8 ${process.versions.v8}`);
    expect(out).toMatch(/^ceiling +[\d.]+ GFLOPS, \d+ chains/m);
    expect(out).toMatch(/^optimizers +median +± +speed +of ceiling$/m);
    expect(out).toMatch(/^adam 1000000 +[\d.]+ [µm]s +\d+ % +[\d.]+ GB\/s +\d+ %$/m);
  });

  it("puts plain loops beside the smallest step", async () => {
    const file = join(folder, "step.json");
    const { out } = await bench("--filter", "2-4-1", "--json", file);
    const { results } = await readReport(file);
    expect(results.map(({ peer, work }) => [peer, work])).toEqual([
      ["gradlane", "step 2-4-1 (4)"],
      ["plain JS", "step 2-4-1 (4)"],
    ]);
    expect(out).toMatch(/^step 2-4-1 \(4\) .* × plain JS$/m);
    expect(out).toMatch(/^ {2}plain JS +[\d.]+ [nµ]s/m);
  });

  it("has convolutions in all directions, in rows of 80 columns", async () => {
    const file = join(folder, "conv.json");
    const { code, out } = await bench("--filter", "conv", "--json", file);
    expect(code).toBe(0);
    const { results } = await readReport(file);
    const layers = results.map(({ work }) => work).filter((work) => !/ d[xw]$/.test(work));
    expect(results.map(({ work }) => work)).toEqual(
      layers.flatMap((layer) => [layer, `${layer} dx`, `${layer} dw`]),
    );
    expect(layers).toContain("conv 26x26x32-64 3x3 (8)");
    expect(layers).toContain("depthwise 112x112x32 3x3 (1)");
    for (const { gflops, shareOfCeiling } of results) {
      expect(gflops).toBeGreaterThan(0);
      expect(shareOfCeiling).toBeGreaterThan(0);
    }
    expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("lists what there is where nothing has the name", async () => {
    const { code, out, err } = await bench("--filter", "cholesky");
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(
      /^gradlane: --filter: expected a part of one of these names, got "cholesky"\n/,
    );
    expect(err).toMatch(/^ {2}sgemm +sgemm 48x48x48, /m);
    expect(err).toMatch(/^ {2}start-up +startup$/m);
    expect(err).toMatch(/^usage: gradlane bench /m);
  });

  it.each(["--json", "--html"])(
    "fails before it measures without a folder for %s",
    async (name) => {
      const { code, out, err } = await bench(name, join(folder, "no", "such", "file"));
      expect({ code, out }).toEqual({ code: 1, out: "" });
      expect(unwrapped(err)).toMatch(new RegExp(`^gradlane: ${name}: there is no folder ".*"\n$`));
    },
  );
});

describe("gradlane bench --peers", () => {
  const work = "relu 65536";
  const peer = { peer: "tfjs-wasm", version: "4", work, milliseconds: 1e6 };

  it("shows how many times as fast it is", async () => {
    const [file, json] = [join(folder, "peers.json"), join(folder, "compared.json")];
    const others = { environment: { cpu: "abacus" }, results: [peer, { ...peer, work: "else" }] };
    await writeFile(file, JSON.stringify(others));
    const { code, out, err } = await bench(...["--filter", work, "--peers", file, "--json", json]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^relu 65536 .* \d+ × tfjs-wasm$/m);
    const { peers, results } = await readReport(json);
    expect(peers).toEqual(others);
    expect(results).toHaveLength(1);
  });

  it("takes a run of its own for another peer", async () => {
    const before = join(folder, "before.json");
    await bench("--filter", work, "--json", before);
    const { out } = await bench("--filter", work, "--peers", before);
    expect(out).toContain(`× gradlane ${manifest.version}, ran before`);
  });

  it("goes on without a file that is not there", async () => {
    const { code, out, err } = await bench("--filter", work, "--peers", join(folder, "none"));
    expect(code).toBe(0);
    expect(unwrapped(err)).toMatch(
      /^gradlane: --peers: there is no file ".*none" to read; going on .*\n$/,
    );
    expect(out).toMatch(/^relu 65536 /m);
  });
});

describe("gradlane bench --html", () => {
  let page: string;
  /** The page without its program, which would fill the screen where a test fails. */
  let markup: string;
  let report: Report;
  const peers = [
    { peer: "jax-js", version: "1", work: "step 2-4-1 (4)", milliseconds: 2 },
    { peer: "<b>x</b>", version: "1", work: "step 784-128-10 (64)", milliseconds: 3 },
  ];
  beforeAll(async () => {
    const [json, html, file] = ["r.json", "r.html", "p.json"].map((name) => join(folder, name));
    await writeFile(file!, JSON.stringify({ environment: { os: "</script>" }, results: peers }));
    const written = ["--json", json!, "--html", html!, "--peers", file!];
    const { code, out } = await bench("--filter", "step", ...written);
    expect(code).toBe(0);
    expect(out).toContain(`wrote ${json} and ${html}`);
    page = await readFile(html!, "utf8");
    markup = page.replaceAll(/<script>[^]*?<\/script>/g, "<script></script>");
    report = await readReport(json!);
  });

  it("contains the data of the run", () => {
    expect(data(markup, "report")).toEqual(report);
    for (const { work } of report.results) expect(markup).toContain(`<th scope="row">${work}`);
  });

  it("draws the training steps beside peers, null where there is none", () => {
    const [times, ...more] = data(markup, "charts") as ChartData[];
    expect(more).toEqual([]);
    expect(times).toMatchObject({ id: "times", axis: "time", isTime: true });
    expect(times!.labels).toEqual(report.groups[0]!.works);
    const [own, plain, jax, bold] = times!.series;
    expect(own!.values).toEqual(
      report.results.filter(({ peer }) => peer === "gradlane").map((one) => one.milliseconds),
    );
    expect(plain!.name).toBe("plain JS");
    const none = Array.from(own!.values, (): number | null => null);
    expect(none.length).toBeGreaterThan(2);
    expect(jax).toEqual({ name: "jax-js", color: 2, values: none.with(0, 2) });
    expect(bold).toEqual({ name: "<b>x</b>", color: 3, values: none.with(1, 3) });
    expect(markup).toContain('<figure id="times">');
  });

  it("has no cell without text", () => {
    expect(markup).toContain("<td>–</td>");
    expect(markup).not.toMatch(/<(td|th scope="\w+")>\s*</);
  });

  it("asks for nothing from anywhere", () => {
    expect(markup).not.toMatch(/\b(src|href|srcset|action)=|@import|url\(/);
    expect(markup).toContain(`content="default-src 'none';`);
  });

  it("writes names as they are, not as markup", () => {
    expect(markup).not.toContain("<b>x");
    expect(markup).toContain("&lt;b>x");
    expect(page.match(/<\/script/g)!.length).toBe(3);
  });
});
