import uPlot from "uplot";
import { colorOf, onTheme } from "./page.ts";

/** A point of a chart; what is not known at its x is left out. */
export interface CurvePoint {
  /** Time in epochs or steps. */
  readonly x: number;
  /** Value of a batch while it is trained. */
  readonly batch?: number;
  readonly train?: number;
  readonly test?: number;
}

/** Axes of a chart. */
export interface Axes {
  /** Possible ends of the axis of time, which grows as training goes on. */
  readonly ends: readonly number[];
  /** Ends of the other axis for the least and the largest value; from 0 to a little more by default. */
  readonly range?: (least: number, most: number) => uPlot.Range.MinMax;
  /** Text for a value on it. */
  readonly format: (value: number) => string;
}

function fromNothing(_least: number, most: number): uPlot.Range.MinMax {
  return [0, most * 1.05 || 1];
}

const SERIES = ["batch", "train", "test"] as const;

/** A chart of curves by time. */
export class Curves {
  readonly #element: HTMLElement;
  readonly #axes: Axes;
  readonly #points: CurvePoint[] = [];
  #plot: uPlot;

  constructor(element: HTMLElement, axes: Axes) {
    this.#element = element;
    this.#axes = axes;
    this.#plot = this.#create();
    new ResizeObserver(() => {
      this.#plot.setSize(this.#size);
    }).observe(element);
    onTheme(() => {
      this.#plot.destroy();
      this.#plot = this.#create();
    });
  }

  clear(): void {
    this.#points.length = 0;
    this.draw();
  }

  /** Takes a point, which draw then shows. What is told late comes where it belongs. */
  add(point: CurvePoint): void {
    let at = this.#points.length;
    while (at > 0 && this.#points[at - 1]!.x > point.x) at--;
    this.#points.splice(at, 0, point);
  }

  draw(): void {
    this.#plot.setData(this.#data);
  }

  get #data(): uPlot.AlignedData {
    const columns = SERIES.map((name) => this.#points.map((point) => point[name] ?? null));
    return [this.#points.map(({ x }) => x), ...columns];
  }

  get #end(): number {
    const last = this.#points.at(-1)?.x ?? 0;
    return this.#axes.ends.find((end) => last <= end) ?? last;
  }

  get #size(): { width: number; height: number } {
    const { clientWidth: width, clientHeight: height } = this.#element;
    return { width, height };
  }

  #create(): uPlot {
    const { format, range = fromNothing } = this.#axes;
    const axis: uPlot.Axis = {
      stroke: colorOf("--faint"),
      font: "12px system-ui, sans-serif",
      grid: { stroke: colorOf("--line"), width: 1 },
      ticks: { show: false },
    };
    const line = (property: string, width: number): uPlot.Series => ({
      stroke: colorOf(property),
      width,
      spanGaps: true,
      points: { show: false },
    });
    const options: uPlot.Options = {
      ...this.#size,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: () => [0, this.#end] },
        y: { range: (_, least, most) => range(least, most) },
      },
      axes: [
        { ...axis, size: 26, values: (_, splits) => splits.map(String) },
        { ...axis, size: 46, values: (_, splits) => splits.map(format) },
      ],
      series: [{}, line("--trace", 1), line("--accent", 2), line("--second", 2)],
    };
    return new uPlot(options, this.#data, this.#element);
  }
}
