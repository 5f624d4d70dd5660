import { describeValue } from "../../base/arguments.ts";
import { type Computation, type Node, type Recorder, type Shape } from "../node.ts";
import {
  OUTPUT,
  addingRule,
  checkShape,
  describe,
  elementsOf,
  instruction,
  size,
} from "../node.ts";
import { type Axis, axisOf, copyAlong, joinAxes, strides, tileAxes } from "./axes.ts";

/**
 * The same elements under another shape; no element moves.
 * @throws RangeError unless the shape is of whole lengths and has as many elements as x
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
 * g.reshape(x, [3, 2]); // [[1, 2], [3, 4], [5, 6]]
 */
export function reshape(g: Recorder, x: Node, shape: Shape): Node {
  checkShape("reshape", shape);
  if (size(shape) !== size(x.shape)) {
    const received = `${describe(x.shape)}, which has ${size(x.shape)}`;
    throw g.fail(
      "reshape",
      `expected ${size(shape)} elements for ${describe(shape)}, got ${received}`,
    );
  }
  const computation: Computation = {
    op: "reshape",
    aliasOf: x,
    gradient: (g, _node, dy) => [() => reshape(g, dy, x.shape)],
  };
  return g.append(computation, shape, x.type);
}

/** A copy of x in storage of its own. */
export function copy(g: Recorder, x: Node): Node {
  const computation: Computation = {
    op: "copy",
    ints: [x],
    gradient: (_g, _node, dy) => [() => dy],
    instruction: instruction("gather", {
      src: x,
      indices: 0,
      dst: OUTPUT,
      rows: 1,
      width: size(x.shape),
    }),
  };
  return g.append(computation, x.shape, x.type);
}

/**
 * x with its axes in another order, reversed by default: axis i of the result is axis permutation[i]
 * of x, as in NumPy and Keras. No element moves where only axes of length 1 change places.
 * @throws RangeError unless the permutation names each axis once; negative axes count from the end
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
 * g.transpose(x); // [[1, 4], [2, 5], [3, 6]]
 */
export function transpose(g: Recorder, x: Node, permutation?: readonly number[]): Node {
  const rank = x.shape.length;
  const order = (permutation ?? x.shape.map((_, i) => rank - 1 - i)).map((axis) =>
    axisOf(g, "transpose", x.shape, axis),
  );
  if (order.length !== rank || new Set(order).size !== rank) {
    const expected = `each axis of ${describe(x.shape)} once`;
    throw g.fail("transpose", `expected ${expected}, got ${describeValue(permutation)}`);
  }
  const shape = order.map((axis) => x.shape[axis]!);
  const moved = order.filter((axis) => x.shape[axis] !== 1);
  if (moved.every((axis, i) => i === 0 || moved[i - 1]! < axis)) return reshape(g, x, shape);
  const [from, to] = [strides(x.shape), strides(shape)];
  const axes = order.map((axis, i): Axis => [shape[i]!, from[axis]!, to[i]!]);
  const walk = tileAxes(joinAxes(axes));
  const inverse = order.map((_, axis) => order.indexOf(axis));
  const computation: Computation = {
    op: "transpose",
    ints: [x],
    gradient: (g, _node, dy) => [() => transpose(g, dy, inverse)],
    instruction: copyAlong(x, walk),
  };
  return g.append(computation, shape, x.type);
}

/** Positions of one axis that a slice takes. */
interface Range {
  readonly begin: number;
  readonly step: number;
  readonly count: number;
}

/** @throws RangeError naming the axis whose range is not in it */
function ranges(
  g: Recorder,
  shape: Shape,
  begin: readonly (number | undefined)[],
  end: readonly (number | undefined)[],
  steps: readonly number[],
): Range[] {
  if (Math.max(begin.length, end.length, steps.length) > shape.length) {
    const received = `${describeValue(begin)} to ${describeValue(end)} by ${describeValue(steps)}`;
    throw g.fail(
      "slice",
      `expected at most ${shape.length} axes of ${describe(shape)}, got ${received}`,
    );
  }
  return shape.map((length, i) => {
    const place = (position: number): number =>
      Number.isInteger(position) && position < 0 ? position + length : position;
    const { [i]: first = 0 } = begin;
    const { [i]: last = length } = end;
    const { [i]: step = 1 } = steps;
    const [from, to] = [place(first), place(last)];
    const inside = Number.isInteger(from) && Number.isInteger(to) && from >= 0 && to <= length;
    if (!inside || from > to || !Number.isInteger(step) || step < 1) {
      const received = `${describeValue(first)} to ${describeValue(last)} by ${describeValue(step)}`;
      throw g.fail("slice", `expected a range in axis ${i} of ${describe(shape)}, got ${received}`);
    }
    return { begin: from, step, count: Math.ceil((to - from) / step) };
  });
}

/**
 * A part of x: along each axis the positions from begin to end (not included), every steps-th of them. By
 * default it is the whole axis, by steps of 1. Negative positions count from the end; steps are at
 * least 1, as in PyTorch.
 * @throws RangeError if a range is not in its axis (NumPy would cut it)
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
 * g.slice(x, [0, 1]); // [[2, 3], [5, 6]]
 * g.slice(x, [1], [], [1, 2]); // [[4, 6]]
 */
export function slice(
  g: Recorder,
  x: Node,
  begin: readonly (number | undefined)[],
  end: readonly (number | undefined)[] = [],
  steps: readonly number[] = [],
): Node {
  const parts = ranges(g, x.shape, begin, end, steps);
  const shape = parts.map(({ count }) => count);
  if (describe(shape) === describe(x.shape)) return x;
  const [from, to] = [strides(x.shape), strides(shape)];
  const first = parts.reduce((sum, part, i) => sum + part.begin * from[i]!, 0);
  const axes = parts.map(({ count, step }, i): Axis => [count, step * from[i]!, to[i]!]);
  const walk = joinAxes(axes);
  const computation: Computation = {
    op: "slice",
    ints: [x],
    gradient: (g, _node, dy) => [
      addingRule((sum) =>
        sum ? addSlice(g, sum, first, dy, walk) : amongZeros(g, "sliceGrad", dy, x.shape, parts),
      ),
    ],
    instruction: copyAlong(elementsOf(x, first), walk),
  };
  return g.append(computation, shape, x.type);
}

/** Adds dy to the elements of a sum that the slice was taken from, in its storage. */
function addSlice(g: Recorder, sum: Node, first: number, dy: Node, walk: readonly Axis[]): Node {
  const computation: Computation = {
    op: "sliceGrad",
    updates: sum,
    work: 3 * size(dy.shape),
    instruction: instruction("addStrided", {
      src: dy,
      dst: elementsOf(sum, first),
      rank: walk.length,
      axes: walk.flatMap(([length, from, to]) => [length, to, from]),
    }),
  };
  return g.append(computation, sum.shape);
}

/** Appends an array of a shape with the elements of x at the positions of a slice, and zeros. */
function amongZeros(g: Recorder, op: string, x: Node, shape: Shape, parts: readonly Range[]): Node {
  const [from, to] = [strides(x.shape), strides(shape)];
  const axes: number[][] = [];
  for (let i = shape.length - 1; i >= 0; i--) {
    const { begin, step, count } = parts[i]!;
    const [length, inner] = [shape[i]!, axes[0]];
    const [width, , , taken] = inner ?? [];
    if (inner && step === 1 && taken === width) {
      // The inner axis is taken whole, so the two are walked as one.
      inner.splice(0, 4, length * width!, begin * width!, 1, count * width!);
    } else {
      axes.unshift([length, begin, step, count, from[i]!, to[i]!]);
    }
  }
  const begins = parts.map(({ begin }) => begin);
  const ends = parts.map(({ begin, step, count }, i) => Math.min(shape[i]!, begin + step * count));
  const steps = parts.map(({ step }) => step);
  const computation: Computation = {
    op,
    ints: [x],
    gradient: (g, _node, dy) => [() => slice(g, dy, begins, ends, steps)],
    instruction: instruction("padStrided", {
      src: x,
      dst: OUTPUT,
      rank: axes.length,
      axes: axes.flat(),
    }),
  };
  return g.append(computation, shape, x.type);
}

/**
 * x with zeros around it: along each axis as many before and after as `padding` says, [[before, after],
 * ...], as in NumPy and TensorFlow. PyTorch begins with the last axis.
 * @throws RangeError unless there are two whole numbers from 0 on for each axis of x
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * g.pad(x, [[0, 0], [1, 2]]); // [[0, 1, 2, 0, 0], [0, 3, 4, 0, 0]]
 */
export function pad(
  g: Recorder,
  x: Node,
  padding: readonly (readonly [before: number, after: number])[],
): Node {
  const isCounts = (counts: unknown): boolean =>
    Array.isArray(counts) &&
    counts.length === 2 &&
    counts.every((count) => Number.isSafeInteger(count) && count >= 0);
  if (padding.length !== x.shape.length || !Array.from(padding).every(isCounts)) {
    const expected = `whole numbers [before, after] for each axis of ${describe(x.shape)}`;
    throw g.fail("pad", `expected ${expected}, got ${describeValue(padding)}`);
  }
  const shape = x.shape.map((length, i) => padding[i]![0] + length + padding[i]![1]);
  if (describe(shape) === describe(x.shape)) return x;
  const parts = x.shape.map((count, i): Range => ({ begin: padding[i]![0], step: 1, count }));
  return amongZeros(g, "pad", x, shape, parts);
}

/**
 * Arrays next to each other along an axis, the last one by default as in Keras (PyTorch has the
 * first); a negative axis counts from the end.
 * @throws RangeError unless they have the same lengths along the other axes and one type
 * @example
 * const [a, b] = [g.constant(Float32Array.of(1, 2)), g.constant(Float32Array.of(3))];
 * g.concat([a, b]); // [1, 2, 3]
 */
export function concat(g: Recorder, parts: readonly Node[], axis = -1): Node {
  const [first] = parts;
  if (!first) throw g.fail("concat", "expected a list of nodes, got []");
  const i = axisOf(g, "concat", first.shape, axis);
  const others = describe(first.shape.toSpliced(i, 1));
  const fits = ({ shape }: Node): boolean =>
    shape.length === first.shape.length && describe(shape.toSpliced(i, 1)) === others;
  if (!parts.every(fits)) {
    const received = parts.map(({ shape }) => describe(shape)).join(", ");
    throw g.fail("concat", `expected shapes that differ in axis ${i} only, got ${received}`);
  }
  if (parts.some(({ type }) => type !== first.type)) {
    const types = parts.map(({ type }) => type).join(", ");
    throw g.fail("concat", `expected nodes of one type, got ${types}`);
  }
  if (parts.length === 1) return first;
  let length = 0;
  const ends = parts.map(({ shape }) => (length += shape[i]!));
  const shape = first.shape.with(i, length);
  const rows = size(shape.slice(0, i));
  const blocks = parts.flatMap((part) => [part, size(part.shape.slice(i))]);
  const width = size(shape.slice(i));
  const before = new Array<undefined>(i).fill(undefined);
  const computation: Computation = {
    op: "concat",
    ints: parts,
    gradient: (g, _node, dy) =>
      parts.map((_, p) => () => slice(g, dy, [...before, ends[p - 1] ?? 0], [...before, ends[p]])),
    instruction: instruction("concat", {
      dst: OUTPUT,
      rows,
      width,
      count: parts.length,
      parts: blocks,
    }),
  };
  return g.append(computation, shape, first.type);
}

/** The ops of this file, by the names of their methods. */
export const shapeOps = { reshape, transpose, slice, pad, concat };
