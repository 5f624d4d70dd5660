import uPlot from "uplot";
import { colorOf, onTheme } from "../page.ts";

/** A point of a chart; what is not known at its x is left out. */
export interface CurvePoint {
  /** Time in epochs. */
  readonly x: number;
  /** Value of a batch while it is trained. */
  readonly batch?: number;
  readonly train?: number;
  readonly test?: number;
}

/** Possible ends of the axis of epochs, which grows as training goes on. */
const ENDS = [1, 2, 5, 10, 20, 40, 100];

const SERIES = ["batch", "train", "test"] as const;

/** A chart of curves by epoch. */
export class Curves {
  readonly #element: HTMLElement;
  readonly #format: (value: number) => string;
  readonly #range: uPlot.Range.MinMax | undefined;
  readonly #points: CurvePoint[] = [];
  #plot: uPlot;

  constructor(element: HTMLElement, format: (value: number) => string, range?: uPlot.Range.MinMax) {
    this.#element = element;
    this.#format = format;
    this.#range = range;
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
    return ENDS.find((end) => last <= end) ?? last;
  }

  get #size(): { width: number; height: number } {
    const { clientWidth: width, clientHeight: height } = this.#element;
    return { width, height };
  }

  #create(): uPlot {
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
        y: this.#range ? { range: this.#range } : { range: (_, __, most) => [0, most * 1.05 || 1] },
      },
      axes: [
        { ...axis, size: 26, values: (_, splits) => splits.map(String) },
        { ...axis, size: 46, values: (_, splits) => splits.map(this.#format) },
      ],
      series: [{}, line("--trace", 1), line("--accent", 2), line("--second", 2)],
    };
    return new uPlot(options, this.#data, this.#element);
  }
}
