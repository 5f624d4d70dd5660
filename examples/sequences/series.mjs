// Hourly numbers to forecast: a column of a CSV file of yours, or a made-up series of energy.
import { readFile } from "node:fs/promises";
import { readCsv } from "gradlane";

export const DAY = 24;
export const WEEK = 7 * DAY;

/** Hours of the made-up series: 300 days. */
const HOURS = 300 * DAY;

/** Random numbers from 0 to 1, the same in every run (mulberry32, by Tommy Ettinger). */
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

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

/**
 * Numbers of a column of a CSV file, one row for each hour, whose first row has the names of the columns.
 * @param column name of the column; the last one if it is undefined
 */
async function readColumn(file, column) {
  const lines = (await readFile(file, "utf8")).split(/\r?\n/).filter((line) => line !== "");
  const rows = lines.map((line) => line.split(","));
  const [names] = rows;
  const index = column === undefined ? names.length - 1 : names.indexOf(column);
  if (index < 0) throw new Error(`${file}: expected a column ${column}, got ${names.join(", ")}`);
  // Other columns may have dates, which readCsv does not take.
  const chosen = rows.map((cells, i) => `${i === 0 ? "hour" : i},${cells[index] ?? ""}`);
  const { y } = await readCsv(chosen.join("\n"), { target: "number", header: true, name: file });
  return { values: y, title: `${file}, ${names[index]}` };
}

/**
 * The numbers to forecast, and what they are.
 * @param file path of a CSV file; the made-up series if it is undefined
 */
export function loadSeries(file, column) {
  if (file === undefined) return { values: energySeries(), title: "a made-up series, MW" };
  return readColumn(file, column);
}
