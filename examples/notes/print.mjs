// Prints what was derived by hand beside what gradlane computes, and marks each line: ✓ where they
// agree, ✗ where they differ (the script then exits with 1).

/** Relative error of float32 against float64, and the magnitude below which it is absolute. */
const TOLERANCE = 1e-5;
const FLOOR = 1e-3;

/** Columns that a table should fit in; it has 5 decimals where it does, else 4. */
const WIDTH = 100;

export function title(text) {
  console.log(`\n${text}\n${"═".repeat(text.length)}`);
}

/** Text in between. */
export function say(...lines) {
  console.log(["", ...lines.map((line) => `  ${line}`)].join("\n"));
}

/**
 * A line for each step of a derivation, under each other.
 * @param steps [what, formula, by hand, gradlane]: numbers, lists or matrices; [what, formula, slip,
 * gradlane, "slip"] for what a slip of the note would give, which must differ
 */
export function table(steps) {
  const lines = layOut(steps, 5);
  const fits = lines.every((line) => line.length <= WIDTH);
  console.log(["", ...(fits ? lines : layOut(steps, 4))].join("\n"));
}

function layOut(steps, digits) {
  const rows = [["", "", "by hand", "gradlane", ""], ...steps.flatMap((s) => rowsOf(s, digits))];
  const widths = [0, 1, 2, 3].map((i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map(([what, formula, hand, ours, mark]) => {
    const texts = [what.padEnd(widths[0]), formula.padEnd(widths[1])];
    const numbers = [hand.padStart(widths[2]), ours.padStart(widths[3])];
    return `  ${[...texts, ...numbers, mark].join("  ")}`.trimEnd();
  });
}

/** The rows of a step: those of its matrices, side by side, each with a mark. */
function rowsOf([what, formula, byHand, gradlane, kind], digits) {
  const [hand, ours] = [matrix(byHand), matrix(gradlane)];
  const whole = [hand, ours].flat(2).every(Number.isInteger);
  const write = (x) => (whole ? String(x) : x.toFixed(digits));
  const [left, right] = [texts(hand, write), texts(ours, write)];
  return hand.map((row, i) => {
    const same = row.length === ours[i].length && row.every((x, j) => agree(x, ours[i][j]));
    const names = i === 0 ? [what, formula] : ["", ""];
    return [...names, left[i], right[i], mark(same, kind === "slip")];
  });
}

/** A number or a list as a matrix of one row. */
function matrix(value) {
  if (!Array.isArray(value)) return [[value]];
  return Array.isArray(value[0]) ? value : [value];
}

/** Each row as text, the numbers below each other. */
function texts(rows, write) {
  const cells = rows.map((row) => row.map(write));
  const width = Math.max(...cells.flat().map((cell) => cell.length));
  return cells.map((row) => row.map((cell) => cell.padStart(width)).join(" "));
}

function agree(x, y) {
  return Math.abs(x - y) <= TOLERANCE * Math.max(FLOOR, Math.abs(x));
}

function mark(same, isSlip) {
  if (same !== isSlip) return isSlip ? "≠ slip" : "✓";
  process.exitCode = 1;
  return "✗";
}
