import { checkOptions, flag } from "../../base/arguments.ts";
import { type Computation, type IntNode, type Node, type Recorder, type Shape } from "../node.ts";
import { OUTPUT, describe, float, instruction, outputAt, size } from "../node.ts";
import { axisOf, reshape } from "./shape.ts";

/** An array seen as [outer, axis, inner], to reduce the middle one. */
type Split = readonly [outer: number, axis: number, inner: number];

/** What sum, mean and max take. */
export interface ReduceOptions {
  /** Whether the reduced axes stay, with length 1; false by default. */
  readonly keepDims?: boolean;
}

/** @throws TypeError or RangeError for wrong options */
function keepsDims(op: string, options: ReduceOptions): boolean {
  return checkOptions(op, options, { keepDims: flag() }).keepDims === true;
}

/** What threads cannot share is no work for them: one number's sum has one order. */
function shareable([outer, , inner]: Split): { work?: number } {
  return outer * inner === 1 ? { work: 0 } : {};
}

/** scale · the sum over the middle axis; its gradient spreads dy back over it. */
function reduceSum(g: Recorder, x: Node, split: Split, shape: Shape, scale: number): Node {
  const [outer, axis, inner] = split;
  const computation: Computation = {
    op: "sum",
    gradient(g, _node, dy) {
      const dx: Computation = {
        op: "sumGrad",
        instruction: instruction("sumGrad", {
          dy,
          dx: OUTPUT,
          outer,
          axis,
          inner,
          scale: float(scale),
        }),
      };
      return [() => g.append(dx, x.shape)];
    },
    ...(outer === 1 && inner > 1 && scale === 1 && { columnSumsOf: x }),
    ...shareable(split),
    instruction: instruction("sum", { x, y: OUTPUT, outer, axis, inner, scale: float(scale) }),
  };
  return g.append(computation, shape);
}

/**
 * The largest over the middle axis, and the first place where each was found: there its gradient goes.
 */
function reduceMax(g: Recorder, op: string, x: Node, split: Split, shape: Shape): Node[] {
  const [outer, axis, inner] = split;
  const computation: Computation = {
    op,
    ...shareable(split),
    gradientOfOutputs(g, [, places], [dy]) {
      const dx: Computation = {
        op: "maxGrad",
        instruction: instruction("maxGrad", {
          dy: dy!,
          places: places!,
          dx: OUTPUT,
          outer,
          axis,
          inner,
        }),
      };
      return [() => g.append(dx, x.shape)];
    },
    instruction: instruction("max", { x, y: outputAt(0), places: outputAt(1), outer, axis, inner }),
  };
  return g.appendAll(computation, [{ shape }, { shape, type: "int" }]);
}

/** The axes that are meant, in order. @throws RangeError unless each is one of the shape's, once */
function axesOf(g: Recorder, op: string, shape: Shape, axis?: number | readonly number[]) {
  if (axis === undefined) return shape.map((_, i) => i);
  const given = typeof axis === "object" ? axis : [axis];
  const axes = given.map((one) => axisOf(g, op, shape, one)).sort((a, b) => a - b);
  if (new Set(axes).size !== axes.length) {
    throw g.fail(op, `expected different axes of ${describe(shape)}, got ${describe(given)}`);
  }
  return axes;
}

/** Neighbouring axes as runs, the last one first. */
function runsOf(axes: readonly number[]): [first: number, end: number][] {
  const runs: [number, number][] = [];
  for (const axis of axes) {
    if (runs[0]?.[1] === axis) runs[0][1]++;
    else runs.unshift([axis, axis + 1]);
  }
  return runs;
}

/** Reduces one run of axes after the other, from the last to the first; `last` tells the first. */
type ReduceRun = (x: Node, split: Split, shape: Shape, last: boolean) => Node;

function reduceAxes(
  g: Recorder,
  x: Node,
  axes: readonly number[],
  keepDims: boolean,
  reduceRun: ReduceRun,
): Node {
  const runs = runsOf(axes);
  let y = x;
  runs.forEach(([first, end], i) => {
    const [before, within, after] = [
      y.shape.slice(0, first),
      y.shape.slice(first, end),
      y.shape.slice(end),
    ];
    const split: Split = [size(before), size(within), size(after)];
    y = reduceRun(y, split, [...before, ...after], i === runs.length - 1);
  });
  if (!keepDims || axes.length === 0) return y;
  return reshape(
    g,
    y,
    x.shape.map((length, i) => (axes.includes(i) ? 1 : length)),
  );
}

/** Sums over axes times a scale. */
function reduction(op: string, scaleOf: (length: number) => number) {
  return (
    g: Recorder,
    x: Node,
    axis?: number | readonly number[],
    options: ReduceOptions = {},
  ): Node => {
    const keepDims = keepsDims(op, options);
    const axes = axesOf(g, op, x.shape, axis);
    const scale = scaleOf(size(axes.map((i) => x.shape[i]!)));
    return reduceAxes(g, x, axes, keepDims, (y, split, shape, last) =>
      reduceSum(g, y, split, shape, last ? scale : 1),
    );
  };
}

/**
 * The sum over an axis, over several, or over everything without one. Negative axes count from the
 * end.
 * @throws RangeError if an axis is none of x's, or named twice
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
 * g.sum(x); // 21
 * g.sum(x, 0); // [5, 7, 9]
 */
export const sum = reduction("sum", () => 1);

/**
 * The mean over an axis, over several, or over everything, as sum; NaN over no elements.
 * @throws RangeError if an axis is none of x's, or named twice
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
 * g.mean(x); // 3.5
 * g.mean(x, -1, { keepDims: true }); // [[2], [5]]
 */
export const mean = reduction("mean", (length) => 1 / length);

/**
 * The largest element over an axis, over several, or over everything, as sum; NaN if one is NaN. Its
 * gradient goes to the first of equal elements, as that of PyTorch's max(dim); amax would share it.
 * @throws RangeError if an axis is none of x's, named twice, or has no elements
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
 * g.max(x, 1); // [3, 6]
 */
export function max(
  g: Recorder,
  x: Node,
  axis?: number | readonly number[],
  options: ReduceOptions = {},
): Node {
  const keepDims = keepsDims("max", options);
  const axes = axesToChooseFrom(g, "max", x.shape, axis);
  return reduceAxes(g, x, axes, keepDims, (y, split, shape) => {
    return reduceMax(g, "max", y, split, shape)[0]!;
  });
}

/** As axesOf. @throws RangeError if one of them has no elements */
function axesToChooseFrom(
  g: Recorder,
  op: string,
  shape: Shape,
  axis?: number | readonly number[],
): number[] {
  const axes = axesOf(g, op, shape, axis);
  if (axes.every((i) => shape[i] !== 0)) return axes;
  throw g.fail(op, `expected at least 1 element to choose from, got ${describe(shape)}`);
}

/**
 * Places of the largest along an axis, or in everything, in row-major order: the first of equal ones.
 * @throws RangeError if the axis is none of x's or has no elements
 */
export function places(
  g: Recorder,
  op: string,
  x: Node,
  axis?: number,
  options: ReduceOptions = {},
): IntNode {
  const keepDims = keepsDims(op, options);
  // A scalar has no axis, but a place.
  const one = x.shape.length === 0 ? reshape(g, x, [1]) : x;
  const axes = axesToChooseFrom(g, op, one.shape, axis);
  return reduceAxes(g, one, axes, keepDims && one === x, (y, split, shape) => {
    return reduceMax(g, op, y, split, shape)[1]!;
  }) as IntNode;
}

/** The sum over everything times a scale: what losses are reduced by. */
export function scaledSum(g: Recorder, x: Node, scale: number): Node {
  return reduceSum(g, x, [1, size(x.shape), 1], [], scale);
}

/** x summed over the axes that broadcasting had added or stretched, so that it has `shape`. */
export function sumTo(g: Recorder, x: Node, shape: Shape): Node {
  const added = x.shape.length - shape.length;
  const stretched = x.shape.flatMap((length, i) =>
    i < added || (shape[i - added] === 1 && length !== 1) ? [i] : [],
  );
  const y = sum(g, x, stretched);
  return describe(y.shape) === describe(shape) ? y : reshape(g, y, shape);
}

/** The ops of this file, by the names of their methods. */
export const reduceOps = { sum, mean, max };
