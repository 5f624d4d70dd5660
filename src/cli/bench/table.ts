import { alignPairs, wrapText } from "../format.ts";
import { columnsOf, printLines, type Io } from "../terminal.ts";
import type { Environment } from "./environment.ts";
import {
  coreCount,
  disturbance,
  formatPercent,
  formatRatio,
  formatSpeed,
  formatTime,
  kernelsOf,
  NONE,
  threeDigits,
} from "./format.ts";
import { type Measurement, type Result, resultsBeside } from "./result.ts";
import type { Work, WorkGroup } from "./work.ts";

/** A column of the tables. */
interface Column {
  readonly title: string;
  readonly width: number;
  readonly cell: (measured: Measurement) => string;
}

const MEDIAN: Column = {
  ...{ title: "median", width: 10 },
  cell: ({ milliseconds }) => formatTime(milliseconds),
};
const SPREAD: Column = { title: "±", width: 7, cell: ({ spread }) => formatPercent(spread) };
const SPEED: Column = { title: "speed", width: 14, cell: (measured) => formatSpeed(measured) };
const SHARE: Column = {
  ...{ title: "of ceiling", width: 12 },
  cell: ({ shareOfCeiling: share }) => (share === undefined ? "" : formatPercent(share)),
};

/** Columns for windows from wide to narrow: the least important ones are left out first. */
const LAYOUTS: readonly (readonly Column[])[] = [
  [MEDIAN, SPREAD, SPEED, SHARE],
  [MEDIAN, SPEED, SHARE],
  [MEDIAN, SHARE],
  [MEDIAN],
];

function widthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, { width }) => sum + width, 0);
}

/** Returns the lines about the machine, in front of the tables. */
export function headingLines(environment: Environment, columns: number): string[] {
  const { cpu, cores, node, v8, platform, notes } = environment;
  const pairs: [string, string][] = [
    ["gradlane", kernelsOf(environment)],
    ["cpu", `${cpu}, ${coreCount(cores)}`],
    ["node", `${node}, V8 ${v8}, ${platform}`],
    ...notes.map((note): [string, string] => ["note", note]),
  ];
  return alignPairs(pairs, columns);
}

/** Prints the tables row by row, each as soon as it is measured. */
export class Table {
  #peers: readonly Result[];
  #io: Io;
  #nameWidth: number;
  #columns = LAYOUTS[0]!;

  constructor(groups: readonly WorkGroup[], peers: readonly Result[], io: Io) {
    this.#peers = peers;
    this.#io = io;
    const names = groups.flatMap(({ name, works }) => [name, ...works.map((work) => work.name)]);
    this.#nameWidth = Math.max(...names.map((name) => name.length));
  }

  /** Prints the line that ends the heading. */
  ceiling(loop: string, gflops: number): void {
    const { stdout } = this.#io;
    const text = `${threeDigits(gflops)} GFLOPS, ${loop}`;
    // The space makes it as wide as the keys of the heading.
    printLines(stdout, alignPairs([["ceiling ", text]], columnsOf(stdout)));
  }

  head({ name, summary }: WorkGroup): void {
    const { colors, stdout } = this.#io;
    const columns = columnsOf(stdout);
    const room = columns - this.#nameWidth;
    this.#columns = LAYOUTS.find((layout) => widthOf(layout) <= room) ?? [];
    const titles = this.#columns.map(({ title, width }) => title.padStart(width)).join("");
    const first = colors.bold(name.padEnd(this.#nameWidth)) + colors.dim(titles);
    const rest = wrapText(summary, columns, "  ").map((line) => colors.dim(line));
    printLines(stdout, ["", first, ...rest]);
  }

  /** Prints the start of a row, which is visible while the work is measured. */
  name({ name }: Work): void {
    this.#io.stdout.write(name.padEnd(this.#nameWidth));
  }

  /** Prints the rest of the row, and a row for a rival that was measured with it. */
  figures([own, ...rivals]: readonly Measurement[]): void {
    const others = this.#peers.filter(({ work }) => work === own!.work);
    const ratio = formatRatio(own!, [...rivals, ...resultsBeside(rivals, others)]);
    const width = this.#nameWidth + widthOf(this.#columns);
    const fits = width + 2 + ratio.length <= columnsOf(this.#io.stdout);
    const first = this.#cells(own!);
    // The ratio goes behind the row, or below it if the window is too narrow.
    const lines = ratio === "" ? [first] : fits ? [`${first}  ${ratio}`] : [first, `  ${ratio}`];
    const rest = rivals.map((rival) => {
      const name = `  ${rival.peer}`.padEnd(this.#nameWidth);
      return this.#io.colors.dim(name + this.#cells(rival));
    });
    printLines(this.#io.stdout, [...lines, ...rest]);
  }

  /** Prints a warning if other programs disturbed the run. */
  end(results: readonly Measurement[]): void {
    const note = disturbance(results);
    const { colors, stdout } = this.#io;
    const lines = wrapText(note, columnsOf(stdout)).map((line) => colors.yellow(line));
    if (note) printLines(stdout, ["", ...lines]);
  }

  #cells(measured: Measurement): string {
    const cells = this.#columns.map(({ width, cell }) => (cell(measured) || NONE).padStart(width));
    return cells.join("");
  }
}
