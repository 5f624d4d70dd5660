// Hourly numbers to forecast: a column of a CSV file of yours, or a made-up series of energy.
import { readFile } from "node:fs/promises";
import { refuse } from "../command-line.mjs";
import { generator } from "../random.mjs";

export const DAY = 24;
export const WEEK = 7 * DAY;

/** Hours of the made-up series: 300 days. */
const HOURS = 300 * DAY;

/** Bump around an hour of the day, some hours wide. */
const bump = (hour, centre, width) => Math.exp(-(((hour - centre) / width) ** 2));

/**
 * Power that a district takes, in megawatts: people get up and come home, factories rest at weekends, it
 * grows a little, and the weather changes it for days. What is left is noise.
 */
export function energySeries() {
  const random = generator(1);
  // The sum of twelve has a variance of 1 (Irwin and Hall).
  const normal = () => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value) - 6;
  let weather = 0;
  return Float32Array.from({ length: HOURS }, (_, t) => {
    const [hour, day] = [t % DAY, Math.floor(t / DAY) % 7];
    const people = 9 * bump(hour, 8, 2) + 14 * bump(hour, 19, 3) - 6 * bump(hour, 3, 3);
    const work = day < 5 ? 12 * bump(hour, 13, 4) : 0;
    // It forgets half of itself in three days.
    weather = 0.99 * weather + 0.6 * normal();
    return 50 + 0.001 * t + people + work + weather + 0.8 * normal();
  });
}

/** Returns the cells of a line; those in quotes may have commas. */
function cellsOf(line) {
  const cells = `${line},`.matchAll(/(?:"((?:[^"]|"")*)"|([^,]*)),/g);
  return Array.from(cells, ([, quoted, plain]) => (quoted?.replaceAll('""', '"') ?? plain).trim());
}

/** Returns true for a text that is a number, and fits a float32. */
const isNumber = (text) => text !== "" && Number.isFinite(Math.fround(text));

/**
 * Numbers of a column of a CSV file, one row for each hour, whose first row has the names of the columns.
 * Ends the program if the file is no such table.
 * @param column name of the column; the last one if it is undefined
 */
async function readColumn(file, column) {
  const text = await readFile(file, "utf8").catch(({ message }) => refuse(message));
  const lines = text
    .replace(/^\uFEFF/, "")
    .trimEnd()
    .split(/\r?\n/);
  const [names, ...rows] = lines.map(cellsOf);
  const index = column === undefined ? names.length - 1 : names.indexOf(column);
  const isHeadless = column === undefined ? isNumber(names[index]) : names.every(isNumber);
  if (lines[0] === "" || isHeadless) {
    const got = lines[0] === "" ? "none" : `the number ${names.find(isNumber)}`;
    refuse(`${file}: expected names of columns in the first row, got ${got}`);
  }
  if (index < 0) refuse(`${file}: expected a column ${column}, got ${names.join(", ")}`);
  const values = rows.map((cells, i) => {
    const where = `${file}: row ${i + 2}`;
    if (cells.length !== names.length) {
      refuse(`${where}: expected ${names.length} cells, got ${cells.length}`);
    }
    if (isNumber(cells[index])) return Number(cells[index]);
    const got = cells[index] || "an empty cell";
    return refuse(`${where}, column ${names[index]}: expected a number, got ${got}`);
  });
  return { values: Float32Array.from(values), title: `${file}, ${names[index]}` };
}

/**
 * The numbers to forecast, and what they are.
 * @param file path of a CSV file; the made-up series if it is undefined
 */
export function loadSeries(file, column) {
  if (file === undefined && column !== undefined) {
    refuse(`--column: expected a file with a column ${column}, got none`);
  }
  if (file === undefined) return { values: energySeries(), title: "a made-up series, MW" };
  return readColumn(file, column);
}
