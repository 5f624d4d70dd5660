// Which of two builds, or of several register tiles, does a work of the benchmark fastest.
//
// benchmark.js's rank test (Mann and Whitney's U) judges every round, in which the contenders come in
// a random order: a single run has called equal functions different.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import Benchmark from "benchmark";
import { load } from "../scripts/load.mjs";
import { shuffled } from "./shuffled.mjs";
import { misused, readCommandLine, roundsOf } from "./usage.mjs";

const USAGE = `usage: node bench/compare.mjs OLD.wasm NEW.wasm [--tile TILE] [--work NAME] [--rounds N]
       node bench/compare.mjs [BUILD.wasm] --tile TILE,TILE... [--work NAME] [--rounds N]

  --tile TILE  the register tile, of those that gradlane bench --help names; default 4x8
  --work NAME  a work, as gradlane bench names it; default "sgemm 192x192x192"
  --rounds N   rounds of half a second for each contender; default 8`;

/** Seconds for each contender in a round, so that rounds are close together: machines drift. */
const SECONDS = 0.5;

const { positionals, values } = readCommandLine(USAGE, {
  allowPositionals: true,
  options: {
    tile: { type: "string", default: "4x8" },
    work: { type: "string", default: "sgemm 192x192x192" },
    rounds: { type: "string", default: "8" },
  },
});

const root = new URL("../", import.meta.url);
if (!existsSync(new URL("build/strict.ts", root))) {
  console.error("compare: expected a tree that is built, this one is not: npm run build");
  process.exit(1);
}
const { modules, close } = await load(
  "src/wasm/tiles.ts",
  ...["workbench", "kernel-works", "format", "timing"].map((name) => `src/cli/bench/${name}.ts`),
);
const [{ TILES }, { Workbench }, { kernelWorks }, { formatTime }, { median }] = modules;

const { contestants, rounds, work } = readArguments();
const contenders = [];
for (const { name, file, tile } of contestants) {
  const bench = await Workbench.create({ module: await compiled(file), tile });
  const { run, warmUp = run } = work.prepare(bench);
  for (let i = 0; i < 2000; i++) warmUp();
  contenders.push({ name, run, times: [], wins: 0 });
}
// Not before: an engine that is given a module loads a part of the library on demand.
await close();

console.log(`${work.name}, ${rounds} rounds`);
let draws = 0;
for (let round = 1; round <= rounds; round++) draws += compete(round) ? 0 : 1;
const width = Math.max(...contenders.map(({ name }) => name.length));
for (const { name, times, wins } of contenders) {
  const time = formatTime(median(times)).padStart(9);
  console.log(`${name.padEnd(width)}  median ${time}, fastest in ${wins} of ${rounds} rounds`);
}
if (draws > 0) console.log(`no single fastest in ${draws} of ${rounds} rounds`);

async function compiled(file) {
  try {
    return await WebAssembly.compile(await readFile(file));
  } catch ({ message }) {
    const expected = "compare: expected a build of the kernels";
    return misused(`${expected}, got "${file}" (${message})`, USAGE);
  }
}

/** One round; whether a single contender was fastest. */
function compete(round) {
  const suite = new Benchmark.Suite();
  for (const { name, run } of shuffled(contenders)) suite.add(name, run, { maxTime: SECONDS });
  suite.run();
  const figures = contenders.map(({ name, times }) => {
    const { stats } = Array.from(suite).find((benchmark) => benchmark.name === name);
    times.push(median(stats.sample) * 1000);
    return `${name} ${formatTime(times.at(-1))}`;
  });
  const fastest = suite.filter("fastest").map("name");
  if (fastest.length === 1) contenders.find(({ name }) => name === fastest[0]).wins++;
  console.log(`${round}. ${figures.join(", ")}: ${fastest.join(" and ")} fastest`);
  return fastest.length === 1;
}

/** Arguments as the benchmark understands them. */
function readArguments() {
  const tiles = values.tile.split(",");
  const unknown = tiles.find((tile) => !TILES.includes(tile));
  if (unknown !== undefined) {
    misused(`--tile: expected some of ${TILES.join(", ")}, got ${unknown}`, USAGE);
  }
  const works = kernelWorks.flatMap((group) => group.works);
  const work = works.find(({ name }) => name === values.work);
  if (!work)
    misused(`--work: expected a name that gradlane bench shows, got ${values.work}`, USAGE);
  const rounds = roundsOf(values.rounds, USAGE);
  return { contestants: contestantsOf(positionals, tiles), rounds, work };
}

/** Two builds with one tile, or one build with several tiles. */
function contestantsOf(files, tiles) {
  const [file = new URL("build/asc/strict.wasm", root), ...more] = files;
  if (more.length === 1 && tiles.length === 1) {
    return files.map((name) => ({ name, file: name, tile: tiles[0] }));
  }
  if (more.length === 0 && new Set(tiles).size > 1) {
    return tiles.map((tile) => ({ name: tile, file, tile }));
  }
  return misused("compare: expected two builds, or one build and two tiles or more", USAGE);
}
