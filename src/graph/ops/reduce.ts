import { checkOptions, flag } from "../../base/arguments.ts";
import { type Computation, type IntNode, type Node, type Recorder, type Shape } from "../node.ts";
import { OUTPUT, describe, float, instruction, outputAt, size } from "../node.ts";
import { axisOf } from "./axes.ts";
import { reshape } from "./shape.ts";

/** Shape [outer, axis, inner] of an array whose middle axis is reduced. */
type Split = readonly [outer: number, axis: number, inner: number];

/** Options of sum, mean, max, argmax and argmin. */
export interface ReduceOptions {
  /** True to keep the reduced axes, with length 1; false by default. */
  readonly keepDims?: boolean;
}

/** Returns the option keepDims. @throws TypeError or RangeError if an option is wrong */
function keepsDims(op: string, options: ReduceOptions): boolean {
  return checkOptions(op, options, { keepDims: flag() }).keepDims === true;
}

/**
 * Returns work 0 for a reduction to one number, because threads cannot share a sum, whose order is
 * fixed. Other reductions have the default work.
 */
function shareable([outer, , inner]: Split): { work?: number } {
  return outer * inner === 1 ? { work: 0 } : {};
}

/**
 * Appends scale · the sum over the middle axis. Its gradient repeats scale · dy along that axis.
 */
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
 * Appends the largest elements over the middle axis and their places, to which the gradient goes.
 * The first of equal elements counts.
 */
function reduceMax(g: Recorder, op: string, x: Node, split: Split, shape: Shape): Node[] {
  const [outer, axis, inner] = split;
  const computation: Computation = {
    op,
    ...shareable(split),
    gradientOfOutputs(g, [, places], [dy]) {
      const dx: Computation = {
        op: "maxGrad",
        ints: [places!],
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

/**
 * Returns the axes that an argument names, in ascending order; all if it is undefined.
 * @throws RangeError unless the shape has each of them, and each is named once
 */
function axesOf(g: Recorder, op: string, shape: Shape, axis?: number | readonly number[]) {
  if (axis === undefined) return shape.map((_, i) => i);
  const given = typeof axis === "object" ? axis : [axis];
  const axes = given.map((one) => axisOf(g, op, shape, one)).sort((a, b) => a - b);
  if (new Set(axes).size !== axes.length) {
    throw g.fail(op, `expected different axes of ${describe(shape)}, got ${describe(given)}`);
  }
  return axes;
}

/** Returns the runs of neighbouring axes, the last run first. */
function runsOf(axes: readonly number[]): [first: number, end: number][] {
  const runs: [number, number][] = [];
  for (const axis of axes) {
    if (runs[0]?.[1] === axis) runs[0][1]++;
    else runs.unshift([axis, axis + 1]);
  }
  return runs;
}

/** Function that reduces one run of axes; `last` is true for the run that is reduced last. */
type ReduceRun = (x: Node, split: Split, shape: Shape, last: boolean) => Node;

/** Reduces axes by one run after the other, from the last run to the first. */
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

/**
 * Returns an op that sums over axes and multiplies by a scale; scaleOf gets the number of terms.
 */
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
 * The sum over an axis, over several axes, or over all elements if no axis is given. Negative axes
 * count from the end.
 * @throws RangeError if x has no such axis, or an axis is named twice
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
 * g.sum(x); // 21
 * g.sum(x, 0); // [5, 7, 9]
 */
export const sum = reduction("sum", () => 1);

/**
 * The mean over an axis, over several axes, or over all elements, as sum; NaN over no elements.
 * @throws RangeError if x has no such axis, or an axis is named twice
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
 * g.mean(x); // 3.5
 * g.mean(x, -1, { keepDims: true }); // [[2], [5]]
 */
export const mean = reduction("mean", (length) => 1 / length);

/**
 * The largest element over an axis, over several axes, or over all elements, as sum; NaN if one is
 * NaN. The gradient goes to the first of equal elements, as in PyTorch's max(dim); PyTorch's amax
 * divides it among them.
 * @throws RangeError if x has no such axis, or an axis is named twice or has no elements
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

/** Returns the same as axesOf. @throws RangeError as it does, or if an axis has no elements */
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
 * Appends the places of the largest elements along an axis, or the place of the largest of all
 * elements in row-major order. The first of equal elements counts.
 * @throws RangeError if x has no such axis, or the axis has no elements
 */
export function places(
  g: Recorder,
  op: string,
  x: Node,
  axis?: number,
  options: ReduceOptions = {},
): IntNode {
  const keepDims = keepsDims(op, options);
  // A scalar has no axis, but its element has a place, 0.
  const one = x.shape.length === 0 ? reshape(g, x, [1]) : x;
  const axes = axesToChooseFrom(g, op, one.shape, axis);
  return reduceAxes(g, one, axes, keepDims && one === x, (y, split, shape) => {
    return reduceMax(g, op, y, split, shape)[1]!;
  }) as IntNode;
}

/** Appends the sum over all elements times a scale, by which losses are reduced. */
export function scaledSum(g: Recorder, x: Node, scale: number): Node {
  return reduceSum(g, x, [1, size(x.shape), 1], [], scale);
}

/** Appends the sum of x over the axes that broadcasting added or stretched; it has `shape`. */
export function sumTo(g: Recorder, x: Node, shape: Shape): Node {
  const added = x.shape.length - shape.length;
  const stretched = x.shape.flatMap((length, i) =>
    i < added || (shape[i - added] === 1 && length !== 1) ? [i] : [],
  );
  const y = sum(g, x, stretched);
  return describe(y.shape) === describe(shape) ? y : reshape(g, y, shape);
}

/** Ops of this file, under the names of their methods. */
export const reduceOps = { sum, mean, max };
