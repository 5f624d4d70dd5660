import type { Report } from "./peers.ts";
import { type Measurement, type Result, resultsBeside } from "./result.ts";

/** Bars for a few programs side by side, over works from top to bottom. */
export interface ChartData {
  /** Of the element that it is drawn in. */
  readonly id: string;
  readonly title: string;
  readonly labels: readonly string[];
  readonly series: readonly {
    readonly name: string;
    /** In the order of the labels; null where there is none. */
    readonly values: readonly (number | null)[];
    /** Position in the palette: a program has the same in every chart. */
    readonly color: number;
  }[];
  /** What is counted, with its unit. */
  readonly axis: string;
  /** Values are milliseconds, and decades are equally far apart. */
  readonly isTime?: boolean;
  /** A limit for each label. */
  readonly marks?: { readonly name: string; readonly values: readonly number[] };
}

/** What charts are made of; the pages of other programs know other things about where they run. */
export type Figures = Pick<Report, "groups" | "results" | "peers">;

/** The charts that a run has figures for. */
export function chartsOf(report: Figures): ChartData[] {
  const products = worksOf(report, "sgemm");
  const untransposed = products.filter((work) => work === shapeOf(work));
  const memory = ["activations", "loss", "optimizers", "gather"].flatMap((group) =>
    worksOf(report, group),
  );
  const steps = [...worksOf(report, "training step"), ...worksOf(report, "start-up")];
  const charts = [
    speeds(report, untransposed),
    formShares(report, [...new Set(products.map(shapeOf))]),
    copyShares(report, memory),
    memorySpeeds(report, memory),
    times(report, steps),
  ];
  return charts.filter(({ labels, series }) => labels.length > 0 && series.length > 0);
}

function worksOf(report: Figures, group: string): readonly string[] {
  return report.groups.find(({ name }) => name === group)?.works ?? [];
}

/** sgemm 48x48x48 NT → sgemm 48x48x48. */
function shapeOf(work: string): string {
  return work.replace(/ (NT|TN)$/, "");
}

/** sgemm 48x48x48 → 48x48x48. */
function sizesOf(work: string): string {
  return work.replace("sgemm ", "");
}

function speeds(report: Figures, works: readonly string[]): ChartData {
  // Each as it was in the same rounds: speeds drift on shared machines.
  const ceilings = works.map((work) => ownOf(report, work)?.ceiling ?? NaN);
  return {
    id: "gflops",
    title: "Matrix product by shape, m x n x k",
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

/** Only beside others: on their own, shares say more. */
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

/** What others needed for a work, those first that were measured in this run. */
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

/** gradlane and all the others that did one of the works, with a value for each work. */
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

/** Another program does as many operations in its own time. */
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
