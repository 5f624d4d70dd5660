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
import { formatTime, threeDigits } from "../format.ts";
import { marksAt, valueLabels } from "./plugins.ts";
import { colorOf } from "./theme.ts";

/** Bar charts of `gradlane bench --html`, and of pages that measure themselves. */

const BAR_HEIGHT = 15;
const GAP_HEIGHT = 14;
/** Height of the legend, and of the axis with its title. */
const FRAME_HEIGHT = 110;

/** Returns the start of a logarithmic axis, low enough for the bars of the smallest values. */
function decadeBelow(series: ChartData["series"]): number {
  const values = finite(series.flatMap((one) => one.values));
  return values.length > 0 ? 10 ** Math.floor(Math.log10(Math.min(...values) / 2)) : 1e-3;
}

/** Returns the values that have been measured. */
function finite(values: readonly (number | null)[]): number[] {
  return values.filter((value) => Number.isFinite(value)) as number[];
}

/** Characters that take less than half of a phone's width. */
const LINE = 15;

/** Breaks a label between words into lines that fit on a phone. */
function lines(label: string): string | string[] {
  if (label.length <= LINE) return label;
  return label.split(" ").reduce<string[]>((broken, word) => {
    const longer = `${broken.at(-1)} ${word}`;
    if (broken.length > 0 && longer.length <= LINE) return [...broken.slice(0, -1), longer];
    return [...broken, word];
  }, []);
}

/** Formats a tick at a decade: `100 ns`, `1 µs`, `10 ms`; returns null for other ticks. */
function decadeTick(milliseconds: number): string | null {
  const isDecade = Number.isInteger(Number(Math.log10(milliseconds).toFixed(9)));
  return isDecade ? formatTime(milliseconds).replace(/\.0+/, "") : null;
}

/** Draws a chart, and makes the canvas's parent as high as the bars need. */
export function drawBars(canvas: HTMLCanvasElement, chart: ChartData): Chart {
  const { labels, series, axis, isTime, marks } = chart;
  const shown = isTime ? formatTime : threeDigits;
  const rows = labels.length * (series.length * BAR_HEIGHT + GAP_HEIGHT);
  canvas.parentElement!.style.height = `${FRAME_HEIGHT + rows}px`;
  // Values are drawn last, because a mark may cross the ends of their bars.
  const plugins: Plugin<"bar">[] = marks ? [marksAt(marks.values, marks.name)] : [];
  plugins.push(valueLabels(shown));
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
        // A program that did not do a work leaves no gap.
        skipNull: true,
      })),
    },
    plugins,
    options: {
      indexAxis: "y",
      animation: false,
      maintainAspectRatio: false,
      // Room for the values behind the bars, and for the name of the marks above them.
      layout: { padding: { top: marks ? 16 : 0, right: isTime ? 52 : 40 } },
      scales: {
        x: {
          type: isTime ? "logarithmic" : "linear",
          min: isTime ? decadeBelow(series) : 0,
          suggestedMax: marks && Math.max(...finite(marks.values)),
          title: { display: true, text: axis },
          ticks: { maxRotation: 0, callback: (value) => (isTime ? decadeTick(+value) : value) },
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
    return `${name}: ${value === null ? "" : shown(value)}${isTime ? "" : ` ${axis}`}`;
  }
}

Chart.register(
  ...[BarController, BarElement, CategoryScale, LinearScale, LogarithmicScale, Legend, Tooltip],
);
