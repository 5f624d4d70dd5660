import { formatLoss } from "../base/format.ts";
import { roundStep } from "../base/scale.ts";

/** A curve: a value for each epoch, NaN where there is none. */
export interface Curve {
  readonly name: "training" | "validation";
  readonly values: readonly number[];
}

/** Curves over the same axes. */
export interface Panel {
  readonly title: string;
  readonly curves: readonly Curve[];
}

/* Lengths along y are pixels, those along x shares of the width: texts keep their size then, however wide
   the chart is. */
const PLOT_TOP = 34;
const PLOT_HEIGHT = 200;
export const PANEL_HEIGHT = PLOT_TOP + PLOT_HEIGHT + 46;
/** Left and right end of the plot in percent, with tick labels on one side and names on the other. */
const [LEFT, RIGHT] = [13, 79];
/** Height of a name and the value below it. */
const LABEL_HEIGHT = 32;
const MOST_ROWS = 4;
const MOST_EPOCH_TICKS = 5;

/** Round numbers along an axis. */
interface Axis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

function ticksOf(low: number, high: number, step: number): number[] {
  const count = Math.round((high - low) / step);
  return Array.from({ length: count + 1 }, (_, i) => low + i * step);
}

/** Returns the axis of values: from zero on, unless the curves are far away from it. */
function valueAxis(values: readonly number[]): Axis {
  const least = Math.min(...values);
  const most = Math.max(...values);
  const from = least >= 0 && least <= most / 2 ? 0 : least;
  const step = roundStep((most - from || Math.abs(most) || 1) / MOST_ROWS);
  const low = Math.floor(from / step + 1e-9) * step;
  const high = Math.max(Math.ceil(most / step - 1e-9) * step, low + step);
  return { low, high, ticks: ticksOf(low, high, step) };
}

/** Returns the numbers of epochs, from 1 on, that the axis names: the first, round ones, and the last. */
function epochTicks(epochs: number): number[] {
  const step = Math.max(1, Math.ceil(roundStep((epochs - 1) / MOST_EPOCH_TICKS || 1)));
  const round = ticksOf(0, Math.floor(epochs / step) * step, step).filter((tick) => tick > 1);
  // A round number too near the last one would run into it.
  const kept = round.filter((tick) => epochs - tick > step / 2);
  return [...new Set([1, ...kept, epochs])];
}

/** Formats ticks with the digits that tell them apart. */
function tickText(tick: number, step: number): string {
  const digits = [0, 1, 2, 3, 4].find((count) => {
    const scaled = step * 10 ** count;
    return Math.abs(scaled - Math.round(scaled)) < 1e-6 && scaled > 0.5;
  });
  const isPlain = digits !== undefined && Math.abs(tick) < 1e5;
  return isPlain ? tick.toFixed(digits) : tick.toExponential(1);
}

/** Rounds a coordinate, which keeps files small. */
const short = (value: number): string => String(Number(value.toFixed(2)));

/** Moves labels apart that would cover each other; they stay in order. */
function spread(places: readonly number[]): number[] {
  const order = places.map((_, i) => i).sort((a, b) => places[a]! - places[b]!);
  const moved = places.slice();
  let free = PLOT_TOP;
  for (const i of order) {
    moved[i] = Math.max(moved[i]!, free);
    free = moved[i] + LABEL_HEIGHT;
  }
  // Values stay above the numbers of the epochs.
  let limit = PLOT_TOP + PLOT_HEIGHT - LABEL_HEIGHT / 2;
  for (const i of order.reverse()) {
    moved[i] = Math.min(moved[i]!, limit);
    limit = moved[i] - LABEL_HEIGHT;
  }
  return moved;
}

/** Returns the commands of a path, with a gap at values that are not finite. */
function pathOf(
  values: readonly number[],
  x: (i: number) => number,
  y: (value: number) => number,
): string {
  let isDown = false;
  return values
    .map((value, i) => {
      const command = isDown ? "L" : "M";
      isDown = Number.isFinite(value);
      return isDown ? `${command}${short(x(i))} ${short(y(value))}` : "";
    })
    .join("");
}

/** Returns the indices of values between gaps, of which no line would be seen. */
function lonely(values: readonly number[]): number[] {
  const isThere = (i: number): boolean => Number.isFinite(values[i]);
  return values.flatMap((_, i) => (isThere(i) && !isThere(i - 1) && !isThere(i + 1) ? i : []));
}

/** Draws a panel from a height on. @returns SVG elements */
export function drawPanel({ title, curves }: Panel, top: number): string {
  const epochs = curves[0]!.values.length;
  const finite = curves.flatMap(({ values }) => values.filter(Number.isFinite));
  const axis = valueAxis(finite.length > 0 ? finite : [1]);
  const step = axis.ticks[1]! - axis.ticks[0]!;
  const share = (i: number): number => (epochs === 1 ? 0.5 : i / (epochs - 1));
  const height = (v: number): number => ((axis.high - v) / (axis.high - axis.low)) * PLOT_HEIGHT;
  const percent = (i: number): string => short(LEFT + share(i) * (RIGHT - LEFT));
  const bottom = top + PLOT_TOP + PLOT_HEIGHT;
  const rows = axis.ticks.map((tick) => {
    const y = short(top + PLOT_TOP + height(tick));
    return `<line class="grid" x1="${LEFT}%" x2="${RIGHT}%" y1="${y}" y2="${y}"/>
<text class="tick" x="${LEFT - 1.5}%" y="${y}" dy="4" text-anchor="end">${tickText(tick, step)}</text>`;
  });
  const columns = epochTicks(epochs).map(
    (tick) =>
      `<text class="tick" x="${percent(tick - 1)}%" y="${bottom + 18}" text-anchor="middle">${tick}</text>`,
  );
  const paths = curves.map(
    ({ name, values }) =>
      `<path class="${name}" d="${pathOf(values, (i) => share(i) * 1000, height)}"/>`,
  );
  const dots = curves.flatMap(({ name, values }) =>
    lonely(values).map((i) => {
      const y = short(top + PLOT_TOP + height(values[i]!));
      return `<circle class="${name}-label" cx="${percent(i)}%" cy="${y}" r="3.5"/>`;
    }),
  );
  const ends = curves.map(({ values }) => values.findLast(Number.isFinite) ?? NaN);
  const places = spread(
    ends.map((end) => PLOT_TOP + (Number.isNaN(end) ? PLOT_HEIGHT : height(end))),
  );
  const labels = curves.map(({ name }, i) => {
    const y = short(top + places[i]!);
    const value = formatLoss(ends[i]!);
    return `<text class="${name}-label" y="${y}"><tspan x="${RIGHT + 1.5}%">${name}</tspan><tspan \
x="${RIGHT + 1.5}%" dy="15">${value}</tspan></text>`;
  });
  return `<text class="panel" x="6" y="${top + 14}">${title}</text>
${rows.join("\n")}
${columns.join("\n")}
<text class="tick" x="${(LEFT + RIGHT) / 2}%" y="${bottom + 36}" text-anchor="middle">epoch</text>
<svg x="${LEFT}%" y="${top + PLOT_TOP}" width="${RIGHT - LEFT}%" height="${PLOT_HEIGHT}" \
viewBox="0 0 1000 ${PLOT_HEIGHT}" preserveAspectRatio="none">
${paths.join("\n")}
</svg>
${[...dots, ...labels].join("\n")}`;
}
