import { embedded as page } from "../../../build/page.ts";
import { fromBase64 } from "../../base/embedded-bytes.ts";
import { inflate } from "../../base/embedded-bytes.ts";
import { escapeMarkup, htmlPage } from "../../base/markup.ts";
import { chartsOf, othersOf, type ChartData } from "./charts.ts";
import {
  coreCount,
  disturbance,
  formatPercent,
  formatRatio,
  formatSpeed,
  formatTime,
  kernelsOf,
  NONE,
} from "./format.ts";
import type { Peers } from "./peers.ts";
import type { Report } from "./peers.ts";
import { style } from "./style.ts";

/** Returns a page with the charts and tables of a run, which needs no network. */
export async function reportPage(report: Report): Promise<string> {
  const script = new TextDecoder().decode(await inflate(fromBase64(page)));
  const charts = chartsOf(report);
  const title = `gradlane ${report.environment.gradlane}: benchmark`;
  const body = `<h1>gradlane benchmark</h1>
${environment(report)}
<main>
${charts.map(figure).join("\n")}
</main>
<h2>All figures</h2>
<p>Times are medians<span class="wide">; half of the rounds were within ± of them</span>. Shares
are of what the machine did in the same rounds at most: multiply-adds, or a copy out of as much memory
into as much, which optimizers can pass, as they write where they read.
${hints(report)}</p>
${report.groups.map((group) => table(report, group)).join("\n")}
<script type="application/json" id="charts">${json(charts)}</script>
<script type="application/json" id="report">${json(report)}</script>
<script>${script.replaceAll("</script", "<\\/script")}</script>
`;
  return htmlPage({ title, policy: POLICY, style, body });
}

/** Returns sentences about what may have disturbed the figures. */
function hints({ peers, results }: Report): string {
  const note = disturbance(results);
  return [
    ...(peers
      ? ["Peers ran at another time, when the machine may have been faster or slower."]
      : []),
    ...(note ? [`When this was measured, ${note}.`] : []),
  ].join(" ");
}

/** Content security policy under which browsers refuse all requests of the page. */
const POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'";

/** Formats JSON without the text that would end its script element. */
function json(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

function environment({ environment, peers }: Report): string {
  const { cpu, cores, node, v8, platform, date, notes } = environment;
  const pairs = [
    ["gradlane", kernelsOf(environment)],
    ["machine", `${cpu}, ${coreCount(cores)}, ${platform}`],
    ["Node", `${node}, V8 ${v8}`],
    ["measured", date.replace("T", " ").replace(/\.\d+Z$/, " UTC")],
    ...notes.map((note): [string, string] => ["note", note]),
    ...(peers ? [["peers", factsOf(peers.environment)]] : []),
  ] as const;
  const items = pairs.map(
    ([key, value]) => `<dt>${escapeMarkup(key)}</dt><dd>${escapeMarkup(value)}</dd>`,
  );
  return `<dl>${items.join("")}</dl>`;
}

/** Formats the environment of peers: `date 2026-11-22, cores 2`. */
function factsOf(environment: Peers["environment"]): string {
  const shown = (value: unknown): string =>
    typeof value === "string" ? value : JSON.stringify(value);
  return Object.entries(environment)
    .map(([key, value]) => `${key} ${shown(value)}`)
    .join(", ");
}

function figure({ id, title }: ChartData): string {
  const canvas = `<canvas role="img" aria-label="${escapeMarkup(title)}, figures below"></canvas>`;
  return `<figure id="${id}"><figcaption>${escapeMarkup(title)}</figcaption><div>${canvas}</div></figure>`;
}

function table(report: Report, { name, works }: Report["groups"][number]): string {
  const isCompared = works.some((work) => othersOf(report, work).length > 0);
  const headings = ["median", "±", "speed", "of ceiling", ...(isCompared ? ["fastest other"] : [])];
  const rows = report.results
    .filter(({ work }) => works.includes(work))
    .map((result) => {
      const { peer, work, milliseconds, spread, shareOfCeiling } = result;
      const isOwn = peer === "gradlane";
      const cells = [
        formatTime(milliseconds),
        formatPercent(spread),
        formatSpeed(result),
        shareOfCeiling === undefined ? "" : formatPercent(shareOfCeiling),
        ...(isCompared ? [isOwn ? formatRatio(result, othersOf(report, work)) : ""] : []),
      ];
      const head = isOwn ? work : `${work}, ${peer}`;
      const columns = cells.map((cell) => `<td>${escapeMarkup(cell || NONE)}</td>`).join("");
      return `<tr><th scope="row">${escapeMarkup(head)}</th>${columns}</tr>`;
    });
  const head = headings.map((heading) => `<th scope="col">${heading}</th>`).join("");
  return `<section><table><thead><tr><th scope="col">${escapeMarkup(name)}</th>${head}</tr></thead>
<tbody>${rows.join("\n")}</tbody></table></section>`;
}
