import { check, checkOptions, describeValue, oneOf, text } from "../base/arguments.ts";
import { escapeMarkup, htmlPage } from "../base/markup.ts";
import { plural } from "../base/printable.ts";
import type { EpochEnd, History } from "../training/callbacks.ts";
import { PANEL_HEIGHT, type Panel, drawPanel } from "./panel.ts";

/** Options of historyChart. */
export interface HistoryChartOptions {
  /** "svg", the default, for an image; "html" for a page with the image in it. */
  readonly format?: "svg" | "html";
  /** Title above the curves; "Training history" by default. */
  readonly title?: string;
}

const TITLE_HEIGHT = 44;

/* The names are the chart's own: a page that has the image in it keeps its style. */
const STYLE = `
.gradlane-chart { --text: #1f2328; --faint: #59636e; --line: #d8dee4; --ground: #fff; --training: #0969da;
  --validation: #bc4c00; background: var(--ground); font: 13px system-ui, sans-serif; }
@media (prefers-color-scheme: dark) {
  .gradlane-chart { --text: #e6edf3; --faint: #9198a1; --line: #30363d; --ground: #0d1117;
    --training: #58a6ff; --validation: #f0883e; }
}
.gradlane-chart text { fill: var(--text); }
.gradlane-chart .title { font-size: 17px; font-weight: 600; }
.gradlane-chart .panel { font-weight: 600; }
.gradlane-chart .tick { fill: var(--faint); font-size: 12px; }
.gradlane-chart .grid { stroke: var(--line); }
.gradlane-chart path { fill: none; stroke-width: 2.5; stroke-linecap: round; stroke-linejoin: round;
  vector-effect: non-scaling-stroke; }
.gradlane-chart .training { stroke: var(--training); }
.gradlane-chart .validation { stroke: var(--validation); stroke-dasharray: 7 5; }
.gradlane-chart .training-label { fill: var(--training); }
.gradlane-chart .validation-label { fill: var(--validation); }
.gradlane-chart svg { overflow: visible; }
`;

/** @throws TypeError or RangeError unless there are epochs with a loss */
function checkHistory(history: History): void {
  const epochs: unknown = (history as Partial<History> | undefined)?.epochs;
  const isLoss = (epoch: unknown): boolean =>
    typeof (epoch as Partial<EpochEnd> | undefined)?.loss === "number";
  check("historyChart", "history", history, {
    expected: "a result of fit, with at least 1 epoch",
    is: () => Array.isArray(epochs) && epochs.every(isLoss),
    allows: () => (epochs as unknown[]).length > 0,
    describe: (value) =>
      Array.isArray(epochs) ? `${plural(epochs.length, "epoch")}` : describeValue(value),
  });
}

/** Returns the panels that a history has numbers for. */
function panelsOf(epochs: readonly EpochEnd[]): Panel[] {
  const panel = (title: string, training: string, validation: string): Panel => {
    const curve = (name: "training" | "validation", key: string) => ({
      name,
      values: epochs.map(({ [key]: value }) => (typeof value === "number" ? value : NaN)),
    });
    const isThere = (key: string): boolean =>
      epochs.some(({ [key]: value }) => value !== undefined);
    const curves = [
      ...(isThere(training) ? [curve("training", training)] : []),
      ...(isThere(validation) ? [curve("validation", validation)] : []),
    ];
    return { title, curves };
  };
  const both = [
    panel("loss", "loss", "validationLoss"),
    panel("accuracy", "accuracy", "validationAccuracy"),
  ];
  return both.filter(({ curves }) => curves.length > 0);
}

function svgOf({ epochs }: History, title: string): string {
  const panels = panelsOf(epochs);
  const height = TITLE_HEIGHT + panels.length * PANEL_HEIGHT;
  const drawn = panels.map((panel, i) => drawPanel(panel, TITLE_HEIGHT + i * PANEL_HEIGHT));
  const names = panels.map((panel) => panel.title).join(" and ");
  const shown = escapeMarkup(title);
  return `<svg xmlns="http://www.w3.org/2000/svg" class="gradlane-chart" width="100%" height="${height}" \
role="img" aria-label="${shown}: ${names} of ${plural(epochs.length, "epoch")}">
<style>${STYLE}</style>
<text class="title" x="6" y="22">${shown}</text>
${drawn.join("\n")}
</svg>
`;
}

/** Content security policy under which browsers refuse all requests and scripts of the page. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const PAGE_STYLE = `
body { margin: 0 auto; max-width: 56rem; padding: 1rem; background: #fff; }
@media (prefers-color-scheme: dark) { body { background: #0d1117; } }
`;

function pageOf(svg: string, title: string): string {
  return htmlPage({ title, policy: POLICY, style: PAGE_STYLE, body: svg });
}

/**
 * Draws the losses of a history by epoch, and the accuracies if it has them, as an image that needs no
 * network and no script. It is as wide as its place, from a phone's width on, and light or dark as its
 * reader prefers. Epochs are counted from 1. Values that are not finite are gaps.
 * @returns text of an SVG image or an HTML page
 * @throws TypeError if an argument or option has the wrong type
 * @throws RangeError for a history without epochs, or for an unknown format or option
 * @example
 * const history = await model.fit(train, { epochs: 5, validation: test });
 * const page = historyChart(history, { format: "html", title: "Digits" });
 * page.startsWith("<!doctype html>"); // true
 */
export function historyChart(history: History, options: HistoryChartOptions = {}): string {
  checkHistory(history);
  const rules = { format: oneOf("svg", "html"), title: text() };
  const { format = "svg", title = "Training history" } = checkOptions(
    "historyChart",
    options,
    rules,
  );
  const svg = svgOf(history, title);
  return format === "svg" ? svg : pageOf(svg, title);
}
