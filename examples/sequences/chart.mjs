// A chart as text, for a terminal of 80 columns.

/** Rows of a chart. */
const HEIGHT = 14;

/** Columns of the numbers at the left, if they fit. */
const SCALE = 7;

/** Characters of a number from which it is written with an exponent. */
const LONG = 11;

/** Numbers as texts of one kind, with the decimals that three digits of their range need. */
function labelsOf(values) {
  const range = Math.max(...values) - Math.min(...values) || 10; // one decimal for equal ones
  const decimals = Math.min(99, Math.max(0, 2 - Math.floor(Math.log10(range))));
  const labels = values.map((value) => value.toFixed(decimals));
  const isLong = labels.some((label) => label.length >= LONG);
  return isLong ? values.map((value) => value.toExponential(3)) : labels;
}

/**
 * Truth and forecast over time, a column for each hour: * where the forecast is, · the truth, # both.
 * @param truth numbers, at most 72 for 80 columns
 * @param forecast as many
 * @param names what is written below, side by side
 */
export function chart(truth, forecast, names = []) {
  const all = [...truth, ...forecast];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const row = (value) => Math.round(((high - value) / (high - low || 1)) * (HEIGHT - 1));
  const cell = (i, j) => {
    const [isTrue, isForecast] = [row(truth[j]) === i, row(forecast[j]) === i];
    if (isTrue && isForecast) return "#";
    return isForecast ? "*" : isTrue ? "·" : " ";
  };
  const heights = Array.from(
    { length: HEIGHT },
    (_, i) => high - (i / (HEIGHT - 1)) * (high - low),
  );
  const labels = labelsOf(heights).map((label, i) => (i % 3 === 0 ? label : ""));
  const scale = Math.max(SCALE, ...labels.map((label) => label.length));
  const lines = labels.map((label, i) => {
    const cells = Array.from(truth, (_, j) => cell(i, j)).join("");
    return `${label.padStart(scale)}│${cells}`.trimEnd();
  });
  const below = names.map((name) => `└${name}`.padEnd(truth.length / names.length));
  const axis = " ".repeat(scale + 1) + below.join("");
  return (names.length > 0 ? [...lines, axis.trimEnd()] : lines).join("\n");
}
