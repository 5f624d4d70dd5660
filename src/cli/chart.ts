import asciichart from "asciichart";
import { roundStep } from "../base/scale.ts";
import type { Colors } from "./terminal.ts";

export interface LossCurves {
  readonly training: readonly number[];
  readonly validation: readonly number[];
}

/** Most columns of a chart: wider curves are flatter and no easier to read. */
const widest = 100;
/** Fewest columns of a chart: the legend beside an axis label needs nearly as many. */
const narrowest = 40;
/** Most rows of a chart. Rounding the step up to a plain number leaves 6 to 12. */
const mostRows = 12;

/* Symbols of asciichart: zero line, axis, end, start, flat, down into, up into, down out of, up out
   of, upright. There are two sets, so that the curves differ without colours too. */
const solid = [..."┤┤╶╴─╰╭╮╯│"];
const dashed = [..."┤┤╶╴╌╰╭╮╯╎"];

/** Draws both losses by epoch, from zero upward; returns [] before the second epoch. */
export function lossChart(curves: LossCurves, columns: number, colors: Colors): string[] {
  const epochs = curves.training.length;
  const training = finiteStart(curves.training);
  const validation = finiteStart(curves.validation);
  if (training.length < 2 || columns < narrowest) return [];

  const { step, rows } = scaleFor(Math.max(...training, ...validation));
  const labels = axisLabels(step, rows);
  const labelWidth = labels[0]?.length ?? 0;
  const width = Math.min(columns, widest) - labelWidth - 2;
  const draw = (series: readonly number[], symbols: readonly string[]): string[] =>
    plot(resample(series, epochs, width + 1), step * rows, rows, width, symbols);
  const front = draw(training, solid);
  const back = draw(validation, dashed);

  const body = labels.map((label, row) => {
    const line = overlay(front[row] ?? "", back[row] ?? "", colors);
    return `${colors.dim(`${label} ${row === rows ? "┼" : "┤"}`)}${line}`.trimEnd();
  });
  const indent = " ".repeat(labelWidth + 2);
  return [
    legend(validation.length > 0, indent, colors),
    ...body,
    colors.dim(indent + epochAxis(epochs, width)),
  ];
}

function finiteStart(series: readonly number[]): readonly number[] {
  const end = series.findIndex((value) => !Number.isFinite(value));
  return end < 0 ? series : series.slice(0, end);
}

/** Returns a round step from row to row, and the number of rows that the largest value needs. */
export function scaleFor(largest: number): { step: number; rows: number } {
  const step = roundStep((largest || 1) / mostRows);
  return { step, rows: Math.min(mostRows, Math.max(1, Math.ceil(largest / step - 1e-9))) };
}

function axisLabels(step: number, rows: number): string[] {
  const digits = [0, 1, 2, 3, 4, 5].find((count) => isWhole(step * 10 ** count));
  const plain = digits !== undefined && step * rows < 1e5;
  const labels = Array.from({ length: rows + 1 }, (_, row) => {
    const value = (rows - row) * step;
    return plain ? value.toFixed(digits) : value.toExponential(2);
  });
  const width = Math.max(...labels.map((label) => label.length));
  return labels.map((label) => label.padStart(width));
}

function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-6 && value > 0.5;
}

/**
 * Stretches or thins a series that should have `length` values to a number of points. It may be
 * shorter, if the loss ran away; so is the result then.
 */
export function resample(series: readonly number[], length: number, points: number): number[] {
  const result: number[] = [];
  for (let point = 0; point < points; point++) {
    const position = (point * (length - 1)) / (points - 1);
    const before = Math.floor(position);
    const left = series[before];
    const right = series[Math.ceil(position)];
    if (left === undefined || right === undefined) break;
    result.push(left + (right - left) * (position - before));
  }
  return result;
}

function plot(
  points: readonly number[],
  max: number,
  height: number,
  width: number,
  symbols: readonly string[],
): string[] {
  const label = " ";
  const drawn =
    points.length < 2
      ? ""
      : asciichart.plot(points, { min: 0, max, height, offset: 2, symbols, format: () => label });
  const axis = label.length + 1;
  return drawn.split("\n").map((line) => line.slice(axis).slice(0, width).padEnd(width));
}

function overlay(front: string, back: string, colors: Colors): string {
  const cells = [...front].map((cell, column) => {
    const under = back[column] ?? " ";
    if (cell !== " ") return { text: cell, paint: colors.cyan };
    return { text: under, paint: under === " " ? String : colors.magenta };
  });
  let line = "";
  for (let start = 0, end = 0; start < cells.length; start = end) {
    const paint = cells[start]?.paint ?? String;
    while (end < cells.length && cells[end]?.paint === paint) end++;
    const run = cells.slice(start, end);
    line += paint(run.map((cell) => cell.text).join(""));
  }
  return line;
}

function legend(validated: boolean, indent: string, colors: Colors): string {
  const training = `${colors.cyan("───")} training`;
  const validation = `${colors.magenta("╌╌╌")} validation`;
  return `${"loss".padEnd(Math.max(indent.length, 6))}${training}${validated ? `   ${validation}` : ""}`;
}

function epochAxis(epochs: number, width: number): string {
  const last = String(epochs);
  const middle = "epoch";
  const line = `1${middle.padStart(Math.floor((width + middle.length) / 2) - 1)}`;
  return line.padEnd(width - last.length) + last;
}
