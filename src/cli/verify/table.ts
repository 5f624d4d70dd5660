import { describeMiss, type SomeFamily } from "../../verify/case.ts";
import { families } from "../../verify/families.ts";
import type { BuildReport, FamilyReport, KernelMiss, Watcher } from "../../verify/verify.ts";
import type { Machine } from "../bench/environment.ts";
import { coreCount } from "../bench/format.ts";
import { alignPairs, formatCount, formatSeconds, wrapText } from "../format.ts";
import { columnsOf, printLines, type Io } from "../terminal.ts";

const COUNTS = [
  { title: "kernels", width: 10 },
  { title: "cases", width: 8 },
] as const;

const ERROR = { title: "error / allowed", width: 18 } as const;

const LEGEND = "the largest, as a share of what float32's rounding allows: ok up to 1";

/** Returns the lines about the machine, in front of the table. */
export function headingLines(
  { gradlane, cpu, cores, node, v8, platform }: Machine,
  columns: number,
) {
  const pairs: [string, string][] = [
    ["gradlane", gradlane],
    ["cpu", `${cpu}, ${coreCount(cores)}`],
    ["node", `${node}, V8 ${v8}, ${platform}`],
    ["error", LEGEND],
  ];
  return alignPairs(pairs, columns);
}

/** Prints a line for each family as soon as it is checked, and its misses below it. */
export class Table implements Watcher {
  #io: Io;
  #nameWidth: number;

  /** @param builds names of the builds, which stand in the same column as those of the families */
  constructor(io: Io, builds: readonly string[]) {
    this.#io = io;
    const names = [...builds, ...families.map(({ name }) => name)];
    this.#nameWidth = Math.max(...names.map((name) => name.length)) + 2;
  }

  build(name: string, missing?: string): void {
    const { colors, stdout } = this.#io;
    const first = name.padEnd(this.#nameWidth);
    const titles = [...this.#counts(), ERROR].map(({ title, width }) => title.padStart(width));
    const rest =
      missing === undefined
        ? [titles.join("")]
        : wrapText(`not checked: ${missing}`, columnsOf(stdout) - first.length);
    const indent = " ".repeat(first.length);
    const lines = rest.map((line, i) => (i === 0 ? colors.bold(first) : indent) + colors.dim(line));
    printLines(stdout, ["", ...lines]);
  }

  begin({ name }: SomeFamily): void {
    this.#io.stdout.write(name.padEnd(this.#nameWidth));
  }

  done({ kernels, cases, share, misses }: FamilyReport): void {
    const { colors, stdout } = this.#io;
    const error = share === 0 ? "exact" : share.toFixed(2);
    const result = misses.length > 0 ? `${misses.length} missed` : `${error} ok`;
    const cells = this.#counts().map(({ title, width }) =>
      formatCount(title === "cases" ? cases : kernels).padStart(width),
    );
    const last = result.padStart(ERROR.width);
    const lines = misses.flatMap((miss) =>
      wrapText(`  ${missLine(miss)}`, columnsOf(stdout), "    "),
    );
    printLines(stdout, [cells.join("") + (misses.length > 0 ? colors.red(last) : last), ...lines]);
  }

  /** Returns the columns of counts; in a narrow window, none. */
  #counts(): typeof COUNTS | readonly [] {
    const width = [...COUNTS, ERROR].reduce((sum, column) => sum + column.width, this.#nameWidth);
    return width <= columnsOf(this.#io.stdout) ? COUNTS : [];
  }
}

function missLine(miss: KernelMiss): string {
  return `${miss.kernel} ${describeMiss(miss)}${miss.isHot ? ", once it is optimised" : ""}`;
}

/** Returns the summary, in lines of at most `columns` characters. */
export function summaryLines(
  builds: readonly BuildReport[],
  seconds: number,
  columns: number,
): string[] {
  const checked = builds.filter(({ missing }) => missing === undefined);
  const reports = checked.flatMap((build) => build.families);
  const [kernels, cases] = [reports.map((r) => r.kernels), reports.map((r) => r.cases)].map(total);
  const missed = total(reports.map(({ misses }) => misses.length));
  const where = checked.length === 1 ? "1 build" : `${checked.length} builds`;
  const told = missed > 0 ? `${missed} of ${kernels} kernels missed` : `${kernels} kernels right`;
  const summary = `${told} in ${where}: ${formatCount(cases!)} cases, ${formatSeconds(seconds)}`;
  return wrapText(summary, columns);
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
