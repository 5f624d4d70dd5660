// Pictures and tables as text, for a terminal of 80 columns.

/** Characters from white to black, as ink on paper. */
const INK = " .:-=+*#%@";

/** Columns of a picture at most, so that three fit next to each other. */
const WIDEST = 25;

/** Space between two pictures. */
const GAP = 2;

/**
 * One image as lines of text. A character is twice as high as it is wide: small images have two
 * characters for each pixel, large ones one for two rows, and lose what is wider at both edges.
 * @param pixels numbers from 0 to 1, row by row
 * @param shape [rows, columns, 1]
 */
export function picture(pixels, [rows, columns]) {
  const isSmall = 2 * columns <= WIDEST;
  const [height, width] = isSmall ? [1, 2] : [2, 1];
  const shown = Math.min(columns, WIDEST);
  const left = Math.floor((columns - shown) / 2);
  const character = (row, column) => {
    const ink = mean(pixels, { row: row * height, column, height, columns });
    return INK[Math.round(Math.min(1, Math.max(0, ink)) * (INK.length - 1))].repeat(width);
  };
  return Array.from({ length: Math.floor(rows / height) }, (_, row) => {
    return Array.from({ length: shown }, (_, j) => character(row, left + j)).join("");
  });
}

/** Mean of `height` pixels below each other. */
function mean(pixels, { row, column, height, columns }) {
  let sum = 0;
  for (let i = row; i < row + height; i++) sum += pixels[i * columns + column];
  return sum / height;
}

/** Pictures next to each other, each under its title. */
export function sideBySide(pictures, titles) {
  const lengths = [pictures[0][0].length, ...titles.map((title) => title.length)];
  const width = Math.max(...lengths) + GAP;
  const join = (texts) =>
    texts
      .map((text) => text.padEnd(width))
      .join("")
      .trimEnd();
  return [titles, ...pictures[0].map((_, i) => pictures.map((lines) => lines[i]))]
    .map(join)
    .join("\n");
}

/** Counts of right and wrong answers: a row for each true class, with the share of right ones. */
export function confusions(matrix, names) {
  const width = Math.max(...names.map((name) => name.length));
  const cell = (text) => String(text).padStart(5);
  const heading =
    " ".repeat(width) + names.map((name) => cell(name.slice(0, 4))).join("") + "   right";
  const lines = matrix.map((row, i) => {
    const right = (100 * row[i]) / row.reduce((sum, count) => sum + count, 0);
    const cells = row.map((count) => cell(count === 0 ? "·" : count)).join("");
    return `${names[i].padEnd(width)}${cells} ${right.toFixed(1).padStart(6)}%`;
  });
  return [heading, ...lines].join("\n");
}

/** Returns what a model takes: parameters, and memory while it trains. */
export function cost(model) {
  const parameters = model.parameters.reduce((sum, { data }) => sum + data.length, 0);
  const megabytes = model.memoryPlan.total / 1e6;
  return `${parameters.toLocaleString("en")} parameters, ${megabytes.toFixed(1)} MB to train`;
}

/** A line for an epoch, as onEpochEnd prints it. */
export function progress({ epoch, loss, seconds, validationAccuracy }) {
  const accuracy =
    validationAccuracy === undefined ? "" : `, test accuracy ${validationAccuracy.toFixed(4)}`;
  return `epoch ${epoch + 1}: loss ${loss.toFixed(4)}${accuracy}, ${seconds.toFixed(1)} s`;
}
