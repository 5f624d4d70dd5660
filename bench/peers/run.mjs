// gradlane beside its peers: `npm install --prefix bench/peers`, then `node bench/peers/run.mjs`.
import { writeFileSync } from "node:fs";
import os from "node:os";
import { misused, readCommandLine, roundsOf } from "../usage.mjs";
import { compare } from "./compare.mjs";
import { peers } from "./peers.mjs";
import { ratiosOf } from "./statistics.mjs";
import { works } from "./works.mjs";

const USAGE = `usage: node bench/peers/run.mjs [--filter NAME]... [--peer NAME]... [--rounds N]
  [--slow] [--engine JSON] [--json FILE]

  --filter NAME  works that have this in their name
  --peer NAME    these peers: ${peers.map(({ name }) => name).join(", ")}
  --rounds N     samples of each pair, of which the median counts; slow ones have fewer; default 30
  --slow         also what takes seconds or minutes a call, which is timed once
  --engine JSON  options of gradlane's createEngine, such as '{"revectorize":true}'
  --json FILE    writes the environment and the results there`;

/** Load average from which on the work of others shows in the times. */
const BUSY = 0.5;

/** Everything, or what one of the patterns picks; each pattern has to pick something. */
function pick(list, option, patterns, picks) {
  if (!patterns) return list;
  const names = list.map(({ name }) => name).join(", ");
  for (const pattern of patterns) {
    if (list.some(({ name }) => picks(name, pattern))) continue;
    misused(`${option}: expected one of ${names}, got ${pattern}`, USAGE);
  }
  return list.filter(({ name }) => patterns.some((pattern) => picks(name, pattern)));
}

function parsedJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return misused(`--engine: expected JSON, got ${text}`, USAGE);
  }
}

function parsedArguments() {
  const { values } = readCommandLine(USAGE, {
    options: {
      filter: { type: "string", multiple: true },
      peer: { type: "string", multiple: true },
      rounds: { type: "string", default: "30" },
      slow: { type: "boolean", default: false },
      engine: { type: "string", default: "{}" },
      json: { type: "string" },
    },
  });
  const listed = works.filter(({ slow }) => values.slow || !slow);
  return {
    ...{ rounds: roundsOf(values.rounds, USAGE), file: values.json },
    options: { gradlane: parsedJson(values.engine) },
    wantsSlow: values.slow,
    works: pick(listed, "--filter", values.filter, (name, part) => name.includes(part)),
    peers: pick(peers, "--peer", values.peer, (name, whole) => name === whole),
  };
}

/** One line on a terminal says where the run is; what is left out stays on the screen. */
const report = {
  status(text) {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  },
  problem(text) {
    this.status("");
    console.error(text);
  },
};

/** The peers that this machine has the cores for. */
function affordable(wanted) {
  const cores = os.availableParallelism();
  return wanted.filter(({ name, threads = 1 }) => {
    if (threads <= cores) return true;
    report.problem(`${name} is left out: it takes ${threads} cores, here is ${cores}`);
    return false;
  });
}

/** The module that needs the first of the installed packages. */
async function loadReport() {
  try {
    return await import("./report.mjs");
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    const advice = "the peers are not installed (npm install --prefix bench/peers)";
    throw new Error(advice, { cause: error });
  }
}

/** Returns the circumstances of the results. Nothing runs yet, so the load is that of others. */
function environmentOf(rounds, options) {
  return {
    ...{ date: new Date().toISOString(), node: process.version, v8: process.versions.v8 },
    ...{ platform: process.platform, arch: process.arch, cpu: os.cpus()[0].model },
    ...{ cores: os.availableParallelism(), load: os.loadavg()[0], rounds, options },
  };
}

/** Under the tables: where the figures come from. */
function footer({ node, cpu, rounds, load }) {
  const busy = `; others kept the machine busy (load ${load.toFixed(1)})`;
  return `Node ${node}, ${cpu}, medians of up to ${rounds} rounds${load > BUSY ? busy : ""}`;
}

async function main() {
  const { works: chosen, peers: wanted, rounds, wantsSlow, options, file } = parsedArguments();
  const { tables } = await loadReport();
  const environment = environmentOf(rounds, options);
  const setup = { works: chosen, peers: affordable(wanted), rounds, wantsSlow, options, report };
  const results = await compare(setup);
  report.status("");
  if (results.length === 0) throw new Error("nothing could be timed");
  const outcome = { environment, results, ratios: ratiosOf(results) };
  if (file) writeFileSync(file, `${JSON.stringify(outcome, undefined, 2)}\n`);
  const names = peers.map(({ name }) => name);
  console.log(`${tables(outcome, names)}\n`);
  console.log(footer(environment));
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
