import { Chart } from "chart.js";

/** Okabe and Ito's colours, which colour-blind people can tell apart; gradlane's comes first. */
const PALETTE = [
  ...["#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#999999", "#f0e442"],
];

export function colorOf(index: number): string {
  return PALETTE[index % PALETTE.length]!;
}

/** Returns a custom property of the page's style sheet, which has light and dark values. */
export function styleOf(property: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(property).trim();
}

/** Gives charts the page's colours and font, now and whenever they change. */
export function followTheme(): void {
  applyTheme();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    applyTheme();
    for (const chart of Object.values(Chart.instances)) chart.update();
  });
}

function applyTheme(): void {
  Chart.defaults.color = styleOf("--text");
  Chart.defaults.borderColor = styleOf("--line");
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
}
