import type { Report } from "./peers.ts";
import { type Measurement, type Result, resultsBeside } from "./result.ts";

/** A bar chart: works from top to bottom, with a bar for each program. */
export interface ChartData {
  /** Id of the element in which the chart is drawn. */
  readonly id: string;
  readonly title: string;
  readonly labels: readonly string[];
  readonly series: readonly {
    readonly name: string;
    /** Values in the order of the labels; null if there is none. */
    readonly values: readonly (number | null)[];
    /** Position in the palette; a program has the same one in every chart of programs. */
    readonly color: number;
  }[];
  /** Title of the axis of values, with their unit. */
  readonly axis: string;
  /** True if values are milliseconds, which are drawn on a logarithmic axis. */
  readonly isTime?: boolean;
  /** Limits, one for each label. */
  readonly marks?: { readonly name: string; readonly values: readonly number[] };
}

/** Parts of a report that charts need. Pages that measure themselves lack Node's environment. */
export type Figures = Pick<Report, "groups" | "results" | "peers">;

/** Returns the charts that a run has figures for. */
export function chartsOf(report: Figures): ChartData[] {
  const products = worksOf(report, "sgemm");
  const untransposed = products.filter((work) => work === shapeOf(work));
  const memory = ["activations", "loss", "optimizers", "gather"].flatMap((group) =>
    worksOf(report, group),
  );
  const steps = [...worksOf(report, "training step"), ...worksOf(report, "start-up")];
  const charts = [
    speeds(report, "gflops", "Matrix product by shape, m x n x k", untransposed),
    formShares(report, [...new Set(products.map(shapeOf))]),
    speeds(
      report,
      "convolution",
      "Convolution by layer and direction",
      worksOf(report, "convolution"),
    ),
    copyShares(report, memory),
    memorySpeeds(report, memory),
    times(report, steps),
  ];
  return charts.filter(({ labels, series }) => labels.length > 0 && series.length > 0);
}

function worksOf(report: Figures, group: string): readonly string[] {
  return report.groups.find(({ name }) => name === group)?.works ?? [];
}

/** Maps `sgemm 48x48x48 NT` to `sgemm 48x48x48`. */
function shapeOf(work: string): string {
  return work.replace(/ (NT|TN)$/, "");
}

/** Maps `sgemm 48x48x48` to `48x48x48`. */
function sizesOf(work: string): string {
  return work.replace("sgemm ", "");
}

function speeds(report: Figures, id: string, title: string, works: readonly string[]): ChartData {
  // Each work has the ceiling of its own rounds, because speeds drift on shared machines.
  const ceilings = works.map((work) => ownOf(report, work)?.ceiling ?? NaN);
  return {
    id,
    title,
    labels: works.map(sizesOf),
    series: programSeries(report, works, (name, work) => rateOf(report, name, work, "gflops")),
    axis: "GFLOPS",
    marks: { name: "ceiling", values: ceilings },
  };
}

function formShares(report: Figures, works: readonly string[]): ChartData {
  const forms = ["", " NT", " TN"].filter((form) =>
    works.some((work) => ownOf(report, work + form)),
  );
  return {
    id: "shares",
    title: "Matrix product, share of the measured ceiling",
    labels: works.map(sizesOf),
    series: forms.map((form, color) => ({
      ...{ name: form.trim() || "NN", color },
      values: works.map((work) => percentOf(ownOf(report, work + form))),
    })),
    axis: "% of the ceiling",
    marks: { name: "ceiling", values: works.map(() => 100) },
  };
}

function copyShares(report: Figures, works: readonly string[]): ChartData {
  return {
    id: "copies",
    title: "Bytes a second, as a share of a copy's",
    labels: works,
    series: [
      { name: "gradlane", color: 0, values: works.map((work) => percentOf(ownOf(report, work))) },
    ],
    axis: "% of a copy",
    marks: { name: "copy", values: works.map(() => 100) },
  };
}

/** Returns a chart of the works that others did too; for the rest, shares of a copy say more. */
function memorySpeeds(report: Figures, works: readonly string[]): ChartData {
  const shared = works.filter((work) => othersOf(report, work).length > 0);
  return {
    id: "bytes",
    title: "Bytes a second, beside others",
    labels: shared,
    series: programSeries(report, shared, (name, work) =>
      rateOf(report, name, work, "gigabytesPerSecond"),
    ),
    axis: "GB/s",
  };
}

function times(report: Figures, works: readonly string[]): ChartData {
  const startsUp = worksOf(report, "start-up").length > 0;
  return {
    id: "times",
    title: `Training step${startsUp ? " and start-up" : ""}, less is better`,
    labels: works,
    series: programSeries(
      report,
      works,
      (name, work) => resultOf(report, name, work)?.milliseconds ?? null,
    ),
    axis: "time",
    isTime: true,
  };
}

function ownOf(report: Figures, work: string): Measurement | undefined {
  return report.results.find((result) => result.peer === "gradlane" && result.work === work);
}

/** Returns the results of others for a work; those of this run come first. */
export function othersOf(report: Figures, work: string): Result[] {
  const peers = resultsBeside(report.results, report.peers?.results ?? []);
  return [...report.results, ...peers].filter(
    (result) => result.peer !== "gradlane" && result.work === work,
  );
}

function resultOf(report: Figures, peer: string, work: string): Result | undefined {
  if (peer === "gradlane") return ownOf(report, work);
  return othersOf(report, work).find((result) => result.peer === peer);
}

/** Returns a series for gradlane and for each other program that did one of the works. */
function programSeries(
  report: Figures,
  works: readonly string[],
  valueOf: (program: string, work: string) => number | null,
): ChartData["series"] {
  const all = report.groups.flatMap((group) => group.works);
  const others = all.flatMap((work) => othersOf(report, work)).map(({ peer }) => peer);
  return ["gradlane", ...new Set(others)]
    .map((name, color) => ({ name, color, values: works.map((work) => valueOf(name, work)) }))
    .filter(({ values }) => values.some((value) => value !== null));
}

/** Returns the rate of a program, whose work has as many operations and bytes as gradlane's. */
function rateOf(
  report: Figures,
  peer: string,
  work: string,
  unit: "gflops" | "gigabytesPerSecond",
): number | null {
  const own = ownOf(report, work);
  const result = resultOf(report, peer, work);
  if (own?.[unit] === undefined || !result) return null;
  return (own[unit] * own.milliseconds) / result.milliseconds;
}

function percentOf(measured: Measurement | undefined): number | null {
  return measured?.shareOfCeiling === undefined ? null : 100 * measured.shareOfCeiling;
}
