import { alignPairs } from "../format.ts";
import { printLines, type Io } from "../terminal.ts";
import type { Environment } from "./environment.ts";
import {
  coreCount,
  disturbance,
  formatPercent,
  formatRatio,
  formatSpeed,
  formatTime,
  kernelsOf,
  threeDigits,
} from "./format.ts";
import { type Measurement, type Result, resultsBeside } from "./result.ts";
import type { Work, WorkGroup } from "./work.ts";

const COLUMNS = [
  { title: "median", width: 10 },
  { title: "±", width: 7 },
  { title: "speed", width: 14 },
  { title: "of ceiling", width: 12 },
] as const;

/** What the figures were measured on. */
export function headingLines(environment: Environment, columns: number): string[] {
  const { cpu, cores, node, v8, platform, notes } = environment;
  const pairs: [string, string][] = [
    ["gradlane", kernelsOf(environment)],
    ["cpu", `${cpu}, ${coreCount(cores)}`],
    ["node", `${node}, V8 ${v8}, ${platform}`],
    ...notes.map((note): [string, string] => ["note", note]),
  ];
  return alignPairs(pairs, columns, "", /(?<=,) /);
}

/** Prints the tables row by row, each as soon as it is measured. */
export class Table {
  #peers: readonly Result[];
  #io: Io;
  #nameWidth: number;

  constructor(groups: readonly WorkGroup[], peers: readonly Result[], io: Io) {
    this.#peers = peers;
    this.#io = io;
    const names = groups.flatMap(({ name, works }) => [name, ...works.map((work) => work.name)]);
    this.#nameWidth = Math.max(...names.map((name) => name.length));
  }

  /** The line that closes the heading. */
  ceiling(loop: string, gflops: number): void {
    printLines(this.#io.stdout, [`ceiling   ${threeDigits(gflops)} GFLOPS, ${loop}`]);
  }

  head({ name, summary }: WorkGroup): void {
    const { colors, stdout } = this.#io;
    const titles = COLUMNS.map(({ title, width }) => title.padStart(width)).join("");
    const first = colors.bold(name.padEnd(this.#nameWidth)) + colors.dim(titles);
    printLines(stdout, ["", first, colors.dim(summary)]);
  }

  /** The row's beginning, which stands there while it is measured. */
  name({ name }: Work): void {
    this.#io.stdout.write(name.padEnd(this.#nameWidth));
  }

  /** Its end, and a row for a rival that was measured with it. */
  figures([own, ...rivals]: readonly Measurement[]): void {
    const others = this.#peers.filter(({ work }) => work === own!.work);
    const ratio = formatRatio(own!, [...rivals, ...resultsBeside(rivals, others)]);
    const first = `${this.#cells(own!)}  ${ratio}`.trimEnd();
    const rest = rivals.map((rival) => {
      const name = `  ${rival.peer}`.padEnd(this.#nameWidth);
      return this.#io.colors.dim(`${name}${this.#cells(rival)}`.trimEnd());
    });
    printLines(this.#io.stdout, [first, ...rest]);
  }

  /** What the reader has to know of the run as a whole. */
  end(results: readonly Measurement[]): void {
    const note = disturbance(results);
    if (note) printLines(this.#io.stdout, ["", this.#io.colors.yellow(note)]);
  }

  #cells(measured: Measurement): string {
    const { milliseconds, spread, shareOfCeiling } = measured;
    const cells = [
      formatTime(milliseconds),
      formatPercent(spread),
      formatSpeed(measured),
      shareOfCeiling === undefined ? "" : formatPercent(shareOfCeiling),
    ];
    return cells.map((cell, i) => cell.padStart(COLUMNS[i]!.width)).join("");
  }
}
