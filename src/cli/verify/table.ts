import { describeMiss, type SomeFamily } from "../../verify/case.ts";
import { families } from "../../verify/families.ts";
import type { BuildReport, FamilyReport, KernelMiss, Watcher } from "../../verify/verify.ts";
import type { Machine } from "../bench/environment.ts";
import { coreCount, formatPercent } from "../bench/format.ts";
import { alignPairs, formatCount, formatSeconds } from "../format.ts";
import { printLines, type Io } from "../terminal.ts";

const COLUMNS = [
  { title: "kernels", width: 10 },
  { title: "cases", width: 8 },
  { title: "largest error", width: 20 },
] as const;

const BOUND = " of its bound";

/** What the kernels are checked on. */
export function headingLines(
  { gradlane, cpu, cores, node, v8, platform }: Machine,
  columns: number,
) {
  const pairs: [string, string][] = [
    ["gradlane", gradlane],
    ["cpu", `${cpu}, ${coreCount(cores)}`],
    ["node", `${node}, V8 ${v8}, ${platform}`],
  ];
  return alignPairs(pairs, columns, "", /(?<=,) /);
}

/** Prints a line for each family as soon as it is checked, and what missed below it. */
export class Table implements Watcher {
  #io: Io;
  #nameWidth: number;

  constructor(io: Io) {
    this.#io = io;
    this.#nameWidth = Math.max(...families.map(({ name }) => name.length)) + 2;
  }

  build(name: string, missing?: string): void {
    const { colors, stdout } = this.#io;
    const titles = COLUMNS.map(({ title, width }) => title.padStart(width)).join("");
    const rest = missing === undefined ? titles : `not checked: ${missing}`;
    // A name that is wider than the names of families moves the titles.
    const first = name.length < this.#nameWidth ? name.padEnd(this.#nameWidth) : `${name}  `;
    printLines(stdout, ["", colors.bold(first) + colors.dim(rest)]);
  }

  begin({ name }: SomeFamily): void {
    this.#io.stdout.write(name.padEnd(this.#nameWidth));
  }

  done({ kernels, cases, share, misses }: FamilyReport): void {
    const { colors, stdout } = this.#io;
    const error = share === 0 ? "exact" : formatPercent(share) + BOUND;
    const result = misses.length > 0 ? `${misses.length} missed` : error;
    const cells = [kernels, cases].map((count, i) =>
      formatCount(count).padStart(COLUMNS[i]!.width),
    );
    const last = result.padStart(COLUMNS[2].width);
    const lines = misses.map((miss) => `  ${missLine(miss)}`);
    printLines(stdout, [cells.join("") + (misses.length > 0 ? colors.red(last) : last), ...lines]);
  }
}

function missLine(miss: KernelMiss): string {
  return `${miss.kernel} ${describeMiss(miss)}${miss.isHot ? ", once it is optimised" : ""}`;
}

/** What came of it all, in one line. */
export function summaryLine(builds: readonly BuildReport[], seconds: number): string {
  const checked = builds.filter(({ missing }) => missing === undefined);
  const reports = checked.flatMap((build) => build.families);
  const [kernels, cases] = [reports.map((r) => r.kernels), reports.map((r) => r.cases)].map(total);
  const missed = total(reports.map(({ misses }) => misses.length));
  const where = checked.length === 1 ? "1 build" : `${checked.length} builds`;
  const told = missed > 0 ? `${missed} of ${kernels} kernels missed` : `${kernels} kernels right`;
  return `${told} in ${where}: ${formatCount(cases!)} cases, ${formatSeconds(seconds)}`;
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
