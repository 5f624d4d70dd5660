import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Legend,
  LinearScale,
  LogarithmicScale,
  Tooltip,
  type Plugin,
} from "chart.js";
import type { ChartData } from "../charts.ts";
import { marksAt, valueLabels } from "./plugins.ts";
import { colorOf } from "./theme.ts";

/** Bars in the canvas of a page, for `gradlane bench --html` and for pages that measure themselves. */

const BAR_HEIGHT = 15;
const GAP_HEIGHT = 14;
/** Legend, axis and its title. */
const FRAME_HEIGHT = 110;

function threeDigits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Where a logarithmic axis starts: bars of the smallest values still have a length. */
function decadeBelow(series: ChartData["series"]): number {
  const values = finite(series.flatMap((one) => one.values));
  return values.length > 0 ? 10 ** Math.floor(Math.log10(Math.min(...values) / 2)) : 1e-3;
}

/** Without what has not been measured. */
function finite(values: readonly (number | null)[]): number[] {
  return values.filter((value) => Number.isFinite(value)) as number[];
}

/** Characters of a label that take less than half of a phone's width. */
const LINE = 15;

/** A label in lines as long as a phone has room for, broken between words. */
function lines(label: string): string | string[] {
  if (label.length <= LINE) return label;
  return label.split(" ").reduce<string[]>((broken, word) => {
    const longer = `${broken.at(-1)} ${word}`;
    if (broken.length > 0 && longer.length <= LINE) return [...broken.slice(0, -1), longer];
    return [...broken, word];
  }, []);
}

function isDecade(value: number): boolean {
  return Number.isInteger(Number(Math.log10(value).toFixed(9)));
}

/** Draws a chart as high as its bars are many; its parent is what it fills. */
export function drawBars(canvas: HTMLCanvasElement, chart: ChartData): Chart {
  const { labels, series, axis, logarithmic, marks } = chart;
  const rows = labels.length * (series.length * BAR_HEIGHT + GAP_HEIGHT);
  canvas.parentElement!.style.height = `${FRAME_HEIGHT + rows}px`;
  const plugins: Plugin<"bar">[] = [valueLabels(threeDigits)];
  if (marks) plugins.push(marksAt(marks.values, marks.name));
  return new Chart(canvas, {
    type: "bar",
    data: {
      labels: labels.map(lines),
      datasets: series.map(({ name, values, color }) => ({
        label: name,
        data: [...values],
        backgroundColor: colorOf(color),
        borderRadius: 2,
        maxBarThickness: BAR_HEIGHT,
        // Who did not do a work leaves no gap.
        skipNull: true,
      })),
    },
    plugins,
    options: {
      indexAxis: "y",
      animation: false,
      maintainAspectRatio: false,
      // For the values behind the bars, and the marks' name above them.
      layout: { padding: { top: marks ? 16 : 0, right: 40 } },
      scales: {
        x: {
          type: logarithmic ? "logarithmic" : "linear",
          min: logarithmic ? decadeBelow(series) : 0,
          suggestedMax: marks && Math.max(...finite(marks.values)),
          title: { display: true, text: axis },
          ticks: { callback: (value) => (logarithmic && !isDecade(+value) ? null : value) },
        },
        y: { grid: { display: false }, ticks: { autoSkip: false } },
      },
      plugins: {
        legend: {
          display: series.length > 1,
          position: "bottom",
          align: "start",
          labels: { boxWidth: 12 },
        },
        tooltip: { callbacks: { label: ({ dataset, parsed }) => tip(dataset.label, parsed.x) } },
      },
    },
  });

  function tip(name = "", value: number | null): string {
    return `${name}: ${value === null ? "" : threeDigits(value)} ${axis}`;
  }
}

Chart.register(
  ...[BarController, BarElement, CategoryScale, LinearScale, LogarithmicScale, Legend, Tooltip],
);
