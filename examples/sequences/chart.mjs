// A chart as text, for a terminal of 80 columns.

/** Rows of a chart. */
const HEIGHT = 14;

/** Columns of the numbers at the left. */
const SCALE = 7;

/**
 * Truth and forecast over time, a column for each hour: * where the forecast is, · the truth, # both.
 * @param truth numbers, at most 72 for 80 columns
 * @param forecast as many
 */
export function chart(truth, forecast) {
  const all = [...truth, ...forecast];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const row = (value) => Math.round(((high - value) / (high - low || 1)) * (HEIGHT - 1));
  const cell = (i, j) => {
    const [isTrue, isForecast] = [row(truth[j]) === i, row(forecast[j]) === i];
    if (isTrue && isForecast) return "#";
    return isForecast ? "*" : isTrue ? "·" : " ";
  };
  const lines = Array.from({ length: HEIGHT }, (_, i) => {
    const value = high - (i / (HEIGHT - 1)) * (high - low);
    const label = i % 3 === 0 ? value.toFixed(1) : "";
    const cells = Array.from(truth, (_, j) => cell(i, j)).join("");
    return `${label.padStart(SCALE)}│${cells}`.trimEnd();
  });
  return lines.join("\n");
}

/** Names below a chart, one for every `width` columns. */
export function axis(names, width) {
  const cells = names.map((name) => `└${name}`.padEnd(width));
  return " ".repeat(SCALE + 1) + cells.join("").trimEnd();
}
