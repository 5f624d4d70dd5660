import type { Chart, Plugin } from "chart.js";
import { styleOf } from "./theme.ts";

/** Writes each bar's value behind its end, because phones cannot hover to show a tooltip. */
export function valueLabels(format: (value: number) => string): Plugin<"bar"> {
  return {
    id: "valueLabels",
    afterDatasetsDraw(chart: Chart) {
      const { ctx } = chart;
      ctx.save();
      ctx.font = `11px ${getComputedStyle(document.body).fontFamily}`;
      ctx.fillStyle = styleOf("--text");
      ctx.strokeStyle = styleOf("--panel");
      ctx.lineWidth = 4;
      ctx.lineJoin = "round";
      ctx.textBaseline = "middle";
      chart.data.datasets.forEach(({ data }, dataset) => {
        if (!chart.isDatasetVisible(dataset)) return;
        chart.getDatasetMeta(dataset).data.forEach((bar, index) => {
          const value = data[index];
          if (!Number.isFinite(value)) return;
          const text = [format(value as number), bar.x + 4, bar.y] as const;
          ctx.strokeText(...text);
          ctx.fillText(...text);
        });
      });
      ctx.restore();
    },
  };
}

/**
 * Draws a dashed line across the bars of each label, at a value of the x axis, and a name on top.
 */
export function marksAt(values: readonly number[], name: string): Plugin<"bar"> {
  return {
    id: "marks",
    afterDatasetsDraw({ ctx, chartArea: { top, bottom }, scales }: Chart) {
      const xs = values.map((value) => scales.x!.getPixelForValue(value));
      const band = (bottom - top) / values.length;
      ctx.save();
      ctx.strokeStyle = ctx.fillStyle = styleOf("--mark");
      ctx.setLineDash([4, 4]);
      ctx.beginPath();
      xs.forEach((x, index) => {
        ctx.moveTo(x, top + index * band);
        ctx.lineTo(x, top + (index + 1) * band);
      });
      ctx.stroke();
      ctx.font = `11px ${getComputedStyle(document.body).fontFamily}`;
      ctx.textAlign = "center";
      ctx.fillText(name, xs[0]!, top - 6);
      ctx.restore();
    },
  };
}
