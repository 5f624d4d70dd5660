import type { SomeFamily } from "../verify/case.ts";
import { candidates } from "../verify/builds.ts";
import { families } from "../verify/families.ts";
import { type Adapt, type BuildReport, verifyBuild } from "../verify/verify.ts";
import { machine } from "./bench/environment.ts";
import type { Command } from "./command.ts";
import { type Catalogue, filterOption, select } from "./filter.ts";
import { flag, parseOptions } from "./options.ts";
import { columnsOf, printLines, type Io } from "./terminal.ts";
import { headingLines, summaryLines, Table } from "./verify/table.ts";

const options = {
  filter: filterOption("sgemm, relu or losses"),
  json: flag("print one JSON object"),
  revectorize: flag("also as V8 joins vectors to 256 bits, in Node 24 and later"),
};

const catalogue: Catalogue<SomeFamily> = {
  groups: families,
  namesIn: ({ kernels }) => Object.keys(kernels),
  only({ name, kernels }, has) {
    const entries = Object.entries(kernels).filter(([kernel]) => has(kernel));
    return { name, kernels: Object.fromEntries(entries) };
  },
};

export const verify: Command = {
  name: "verify",
  summary: "checks the kernels of every build that runs here against float64 formulas",
  options,
  run: (args, io) => runVerify(args, io),
};

/**
 * Checks kernels, prints a table or JSON, and returns the exit code: 1 if one missed or none was
 * checked.
 * @param adapt changes the kernels that are checked, so that tests can break one
 */
export async function runVerify(args: readonly string[], io: Io, adapt?: Adapt): Promise<number> {
  const { filter, json, revectorize } = parseOptions(options, args);
  const selected = select(catalogue, filter, columnsOf(io.stdout));
  const start = performance.now();
  const environment = machine();
  if (!json) printLines(io.stdout, headingLines(environment, columnsOf(io.stdout)));
  const tried = candidates(revectorize);
  const names = tried.map(({ name }) => name);
  const watching = { adapt, ...(!json && { watcher: new Table(io, names) }) };
  const builds: BuildReport[] = [];
  for (const candidate of tried) {
    builds.push(await verifyBuild(candidate, selected, watching));
  }
  const seconds = (performance.now() - start) / 1000;
  const reports = builds.flatMap((build) => build.families);
  const passed = reports.length > 0 && reports.every(({ misses }) => misses.length === 0);
  const report = { ...environment, passed, seconds, builds };
  const summary = () => ["", ...summaryLines(builds, seconds, columnsOf(io.stdout))];
  printLines(io.stdout, json ? [JSON.stringify(report)] : summary());
  return passed ? 0 : 1;
}
