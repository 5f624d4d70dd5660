import type { ChartData } from "../charts.ts";
import { drawBars } from "./bars.ts";
import { followTheme } from "./theme.ts";

/** Script of the page that `gradlane bench --html` writes; it runs in browsers. */

followTheme();
const charts = document.querySelector("#charts")!.textContent;
for (const chart of JSON.parse(charts) as ChartData[]) {
  drawBars(document.querySelector(`#${chart.id} canvas`)!, chart);
}
