import type { Chart } from "chart.js";
import { type ChartData, type Figures, chartsOf } from "../../../src/cli/bench/charts.ts";
import { drawBars } from "../../../src/cli/bench/page/bars.ts";
import { stepName } from "../../../src/cli/bench/step.ts";
import type { Measurement } from "../../../src/cli/bench/result.ts";
import { TILES } from "../../../src/wasm/tiles.ts";
import { tileName, workGroups } from "./works.ts";

/** Pixels between charts. */
const GAP = 16;

/** A figure that is not there yet: with it a chart is as large from the first on as it will be. */
function placeholder(peer: string, work: string): Measurement {
  const unknown = { milliseconds: NaN, spread: NaN, samples: 0, gflops: NaN };
  return { peer, version: "", work, ...unknown, shareOfCeiling: NaN };
}

/** Results before anything is measured; plain JS does the shortest step beside gradlane. */
const placeholders = [
  ...workGroups.flatMap(({ works }) => works.map(({ name }) => placeholder("gradlane", name))),
  placeholder("plain JS", stepName([2, 4, 1], 4)),
];

function tilesChart(results: readonly Measurement[]): ChartData {
  const shares = TILES.map(
    (tile) => results.find(({ work }) => work === tileName(tile))?.shareOfCeiling ?? NaN,
  );
  return {
    id: "tiles",
    title: "384 x 384 x 384 by each register tile",
    labels: TILES,
    series: [{ name: "share", color: 0, values: shares.map((share) => 100 * share) }],
    axis: "% of the ceiling",
    marks: { name: "ceiling", values: TILES.map(() => 100) },
  };
}

/** Gives a figure its rows of the grid, with a gap below it; see benchmark.css. */
function span(figure: HTMLElement): void {
  figure.style.gridRowEnd = `span ${figure.offsetHeight + GAP}`;
}

function isBegun({ series }: ChartData): boolean {
  return series.some(({ values }) => values.some((value) => Number.isFinite(value)));
}

/** The charts of a run that have a figure; each stands below those that had one before it. */
export class Charts {
  readonly #parent: HTMLElement;
  #charts: Chart[] = [];
  readonly #heights = new ResizeObserver((figures) => {
    for (const { target } of figures) span(target as HTMLElement);
  });

  constructor(parent: HTMLElement) {
    this.#parent = parent;
  }

  draw(figures: Figures): void {
    const missing = placeholders.filter(
      ({ peer, work }) =>
        !figures.results.some((result) => result.peer === peer && result.work === work),
    );
    const all = { ...figures, results: [...figures.results, ...missing] };
    for (const chart of this.#charts) chart.destroy();
    if (figures.results.length === 0) this.#parent.replaceChildren();
    this.#charts = [...chartsOf(all), tilesChart(all.results)]
      .filter(isBegun)
      .map((data) => drawBars(this.#canvas(data), data));
  }

  /** The canvas of a chart, in a figure that is made when it is first asked for. */
  #canvas({ id, title }: ChartData): HTMLCanvasElement {
    const existing = this.#parent.querySelector<HTMLCanvasElement>(`#${id} canvas`);
    if (existing) return existing;
    const figure = document.createElement("figure");
    figure.id = id;
    figure.className = "panel";
    const caption = document.createElement("figcaption");
    caption.textContent = title;
    const canvas = document.createElement("canvas");
    canvas.role = "img";
    canvas.ariaLabel = `${title}, figures below`;
    const frame = document.createElement("div");
    frame.append(canvas);
    figure.append(caption, frame);
    this.#parent.append(figure);
    this.#heights.observe(figure);
    return canvas;
  }
}
