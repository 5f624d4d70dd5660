import { writeFile } from "node:fs/promises";
import { Ceiling } from "./bench/ceiling.ts";
import { environmentOf } from "./bench/environment.ts";
import { kernelWorks } from "./bench/kernel-works.ts";
import { measure, type Instruments } from "./bench/measure.ts";
import { readPeers, type Peers, type Report } from "./bench/peers.ts";
import type { Measurement } from "./bench/result.ts";
import { startupWorks } from "./bench/startup.ts";
import { headingLines, Table } from "./bench/table.ts";
import { fullBudget, quickBudget } from "./bench/timing.ts";
import type { WorkGroup } from "./bench/work.ts";
import { Workbench } from "./bench/workbench.ts";
import type { Command } from "./command.ts";
import { type Catalogue, filterOption, select } from "./filter.ts";
import { wrap } from "./format.ts";
import { TILES } from "../wasm/tiles.ts";
import { flag, oneOf, optionalText, parseOptions, threadCount } from "./options.ts";
import type { Values } from "./options.ts";
import { columnsOf, printError, printLines, type Io } from "./terminal.ts";
import { checkWritable } from "./writable.ts";

/** All works that can be measured, in the order in which they are shown. */
export const workGroups: readonly WorkGroup[] = [...kernelWorks, startupWorks];

const options = {
  filter: filterOption("sgemm, conv, NT, adam or step"),
  json: optionalText("FILE", "write the figures, and what they were measured on, as JSON"),
  html: optionalText("FILE", "write a page with charts, for any browser"),
  peers: optionalText("FILE", "compare with the results of other programs in this JSON file"),
  quick: flag("a tenth of the time, and less exact"),
  math: oneOf(["strict", "relaxed"], {
    initial: "strict",
    summary: "arithmetic of the kernels: strict, or relaxed, which may fuse multiply-adds",
  }),
  revectorize: flag("let V8 join vectors to 256 bits, in Node 24 and later"),
  threads: threadCount("threads of the training step, beside one; auto for all cores"),
  tile: oneOf(["fastest", ...TILES], {
    initial: "fastest",
    summary: `register tile of matrix products: fastest, ${TILES.join(", ")}`,
  }),
};

const catalogue: Catalogue<WorkGroup> = {
  groups: workGroups,
  namesIn: namesOf,
  only: (group, has) => ({ ...group, works: group.works.filter(({ name }) => has(name)) }),
};

export const bench: Command = {
  name: "bench",
  summary: "times the kernels and the training step on this machine",
  options,
  run,
};

async function run(args: readonly string[], io: Io): Promise<number> {
  const values = parseOptions(options, args);
  const { filter, json, html, peers: file } = values;
  const groups = select(catalogue, filter, columnsOf(io.stdout));
  if (json !== undefined) await checkWritable("--json", json);
  if (html !== undefined) await checkWritable("--html", html);
  const peers = file === undefined ? null : await peersOrNone(file, io);
  const report = await measureAll(groups, peers, values, io);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  if (html !== undefined) {
    const { reportPage } = await import("./bench/html.ts");
    await writeFile(html, await reportPage(report));
  }
  const written = [json, html].filter((path) => path !== undefined);
  if (written.length > 0) {
    const parts = [`wrote ${written[0]}`, ...written.slice(1).map((path) => `and ${path}`)];
    printLines(io.stdout, ["", ...wrap(parts, columnsOf(io.stdout), " ", "  ")]);
  }
  return 0;
}

/** Reads a file of peers; prints an error and returns null if that fails, as peers are optional. */
async function peersOrNone(file: string, io: Io): Promise<Peers | null> {
  try {
    return await readPeers(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    printError(io, `--peers: ${reason}; going on without peers`);
    return null;
  }
}

async function measureAll(
  groups: readonly WorkGroup[],
  peers: Peers | null,
  { quick, math, revectorize, threads, tile }: Values<typeof options>,
  io: Io,
): Promise<Report> {
  const wanted = { math, revectorize, threads, ...(tile !== "fastest" && { tile }) };
  const workbench = await Workbench.create(wanted);
  try {
    const environment = environmentOf((workbench.threaded ?? workbench.engine).info);
    const budget = quick ? quickBudget : fullBudget;
    printLines(io.stdout, headingLines(environment, columnsOf(io.stdout)));
    const ceiling = await Ceiling.create(environment.math);
    const { loop, gflops } = await ceiling.peak(budget);
    const instruments = { bench: workbench, ceiling, peak: loop, budget };
    const table = new Table(groups, peers?.results ?? [], io);
    table.ceiling(loop.name, Math.max(...gflops));
    const results = await measureGroups(groups, instruments, table);
    table.end(results);
    const peak = ceiling.loops.map(({ name }, i) => ({ loop: name, gflops: gflops[i]! }));
    const named = groups.map((group) => ({ name: group.name, works: namesOf(group) }));
    return { environment, peak, groups: named, results, peers };
  } finally {
    workbench.dispose();
  }
}

async function measureGroups(
  groups: readonly WorkGroup[],
  instruments: Instruments,
  table: Table,
): Promise<Measurement[]> {
  const results: Measurement[] = [];
  for (const group of groups) {
    table.head(group);
    for (const work of group.works) {
      table.name(work);
      const measured = await measure(work, instruments);
      table.figures(measured);
      results.push(...measured);
    }
  }
  return results;
}

function namesOf({ works }: WorkGroup): string[] {
  return works.map(({ name }) => name);
}
