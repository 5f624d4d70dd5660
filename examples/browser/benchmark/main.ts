import {
  formatPercent,
  formatSpeed,
  formatTime,
  kernelsOf,
  NONE,
} from "../../../src/cli/bench/format.ts";
import { followTheme } from "../../../src/cli/bench/page/theme.ts";
import type { Measurement } from "../../../src/cli/bench/result.ts";
import { byId } from "../page.ts";
import { Charts } from "./charts.ts";
import type { BenchmarkMessage, Environment, Report, RunMessage } from "./protocol.ts";
import { workGroups } from "./works.ts";

const runButton = byId<HTMLButtonElement>("run");
const downloadButton = byId<HTMLButtonElement>("download");
const progress = byId<HTMLProgressElement>("progress");
const status = byId("status");
const facts = byId("facts");
const table = byId<HTMLTableSectionElement>("figures");

const groups = workGroups.map(({ name, works }) => ({
  name,
  works: works.map((work) => work.name),
}));
const works = groups.flatMap((group) => group.works);

let environment: Environment | undefined;
let peak: Report["peak"] = [];
let results: Measurement[] = [];

followTheme();
const charts = new Charts(byId("charts"));

/** One worker for each run: the engine and its 64 MiB of operands go with it. */
function start(): void {
  const data = new FormData(byId<HTMLFormElement>("settings"));
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data: message }: MessageEvent<BenchmarkMessage>) => {
    take(message);
    if (message.kind === "done" || message.kind === "failed") worker.terminate();
  });
  const message = { budget: data.get("budget"), math: data.get("math") } as RunMessage;
  worker.postMessage(message);
  results = [];
  showResults();
  runButton.disabled = downloadButton.hidden = facts.hidden = true;
  progress.hidden = false;
  status.textContent = "Measuring the ceiling…";
}

function take(message: BenchmarkMessage): void {
  if (message.kind === "begun") {
    ({ environment, peak } = message);
    showFacts(message);
    status.textContent = "Measuring…";
  } else if (message.kind === "measured") {
    results.push(...message.results);
    showResults();
  } else {
    runButton.disabled = false;
    downloadButton.hidden = message.kind === "failed";
    status.textContent =
      message.kind === "done" ? "Done." : `The benchmark failed: ${message.message}`;
  }
}

function showResults(): void {
  const own = results.filter(({ peer }) => peer === "gradlane");
  progress.value = own.length / works.length;
  table.replaceChildren(
    ...works.flatMap((work) => own.filter((result) => result.work === work)).map(rowOf),
  );
  byId("all").hidden = own.length === 0;
  charts.draw({ groups, results, peers: null });
}

function rowOf(result: Measurement): HTMLElement {
  const row = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = result.work;
  const texts = [
    result.shareOfCeiling === undefined ? "" : formatPercent(result.shareOfCeiling),
    formatSpeed(result),
    formatTime(result.milliseconds),
    formatPercent(result.spread),
  ];
  const cells = texts.map((text) => {
    const cell = document.createElement("td");
    cell.className = "number";
    cell.textContent = text || NONE;
    return cell;
  });
  row.append(head, ...cells);
  return row;
}

/** Shows the circumstances that the figures depend on. */
function showFacts({ environment, peak }: Pick<Report, "environment" | "peak">): void {
  const { gflops, loop } = peak.reduce((best, one) => (one.gflops > best.gflops ? one : best));
  const isolation = crossOriginIsolated ? "cross-origin isolated" : "not cross-origin isolated";
  const lines = [
    ["gradlane", kernelsOf(environment)],
    ["ceiling", `${gflops.toFixed(1)} GFLOPS, one thread: ${loop}`],
    ["browser", navigator.userAgent],
    ["processors", `${navigator.hardwareConcurrency}, ${isolation}`],
    ...environment.notes.map((note) => ["note", note]),
  ] as const;
  const items = lines.flatMap(([term, text]) => {
    const [dt, dd] = [document.createElement("dt"), document.createElement("dd")];
    dt.textContent = term!;
    dd.textContent = text!;
    return [dt, dd];
  });
  facts.replaceChildren(...items);
  facts.hidden = false;
}

function download(): void {
  const report: Report = { environment: environment!, peak, groups, results, peers: null };
  const blob = new Blob([`${JSON.stringify(report, null, 2)}\n`], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = "gradlane-benchmark.json";
  link.click();
  URL.revokeObjectURL(link.href);
}

runButton.addEventListener("click", start);
downloadButton.addEventListener("click", download);
