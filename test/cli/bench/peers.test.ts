import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPeers } from "../../../src/cli/bench/peers.ts";
import { resultsBeside } from "../../../src/cli/bench/result.ts";

let folder = "";
let file = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradlane-"));
  file = join(folder, "peers.json");
});
afterAll(() => rm(folder, { recursive: true }));

const peer = { peer: "tfjs-wasm", version: "4", work: "relu 65536", milliseconds: 1.5 };

describe("readPeers", () => {
  const own = { ...peer, peer: "gradlane", gflops: 3 };

  it("takes the results of others, and of those what it knows", async () => {
    const environment = { cpu: "abacus", cores: 2 };
    const results = [own, { ...peer, samples: [1, 2] }, { ...peer, gflops: 5 }];
    await writeFile(file, JSON.stringify({ environment, results }));
    expect(await readPeers(file)).toEqual({ environment, results: [peer, { ...peer, gflops: 5 }] });
  });

  it("takes another run of gradlane's benchmark under another name", async () => {
    const environment = { gradlane: "4" };
    await writeFile(file, JSON.stringify({ environment, results: [own, peer] }));
    const renamed = { ...own, peer: "gradlane 4, ran before" };
    expect(await readPeers(file)).toEqual({ environment, results: [renamed, peer] });
  });

  it.each([
    ["{", "expected JSON, got other text"],
    ["[]", "expected an environment and a list of results, got other JSON"],
    ["null", "expected an environment and a list of results, got other JSON"],
    ['{"results":{}}', "expected an environment and a list of results, got other JSON"],
    ['{"results":[],"environment":7}', "expected an environment and a list of results"],
    ['{"results":[{"peer":"x"}]}', 'and maybe gflops, got {"peer":"x"}'],
    [JSON.stringify({ results: [peer, { ...peer, milliseconds: 0 }] }), "milliseconds above 0"],
    [JSON.stringify({ results: [{ ...peer, gflops: "fast" }] }), 'got {"peer":"tfjs-wasm"'],
  ])("refuses %s", async (content, message) => {
    await writeFile(file, content);
    await expect(readPeers(file)).rejects.toThrow(message);
  });

  it("says that there is no file", async () => {
    await expect(readPeers("no/such")).rejects.toThrow('there is no file "no/such" to read');
  });
});

describe("resultsBeside", () => {
  it("leaves out what was measured anew", () => {
    const other = { ...peer, work: "exp 65536" };
    expect(resultsBeside([peer], [{ ...peer, milliseconds: 9 }, other])).toEqual([other]);
  });
});
