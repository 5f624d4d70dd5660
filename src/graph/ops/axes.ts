import { describeValue } from "../../base/arguments.ts";
import type { Instruction } from "../../wasm/instruction.ts";
import { type Operand, type Recorder, type Shape } from "../node.ts";
import { OUTPUT, describe, instruction, size } from "../node.ts";

/** Returns the number of elements from one position of each axis to the next. */
export function strides(shape: Shape): number[] {
  return shape.map((_, i) => size(shape.slice(i + 1)));
}

/**
 * Returns the position of an axis that may count from the end.
 * @throws RangeError if the shape has no such axis
 */
export function axisOf(g: Recorder, op: string, shape: Shape, axis: number): number {
  const i = Number.isInteger(axis) && axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(i) || i < 0 || i >= shape.length) {
    throw g.fail(op, `expected an axis of ${describe(shape)}, got ${describeValue(axis)}`);
  }
  return i;
}

/** An axis of a walk over two arrays: its length, and how far each moves along it, in elements. */
export type Axis = [length: number, from: number, to: number];

/** Axes of a walk in which neighbours are joined where both arrays move evenly. */
export function joinAxes(axes: readonly Axis[]): Axis[] {
  if (axes.some(([length]) => length === 0)) return [[0, 0, 0]];
  const joined: Axis[] = [];
  for (const [length, from, to] of axes) {
    if (length === 1) continue;
    const last = joined.at(-1);
    if (last?.[1] === from * length && last[2] === to * length) {
      last.splice(0, 3, last[0] * length, from, to);
    } else {
      joined.push([length, from, to]);
    }
  }
  return joined.length > 0 ? joined : [[1, 1, 1]];
}

/** Moves the axis along which the source is dense next to the last, where copyStrided has a fast path. */
export function tileAxes(axes: Axis[]): Axis[] {
  const dense = axes.findIndex(([, from]) => from === 1);
  if (dense < 0 || dense >= axes.length - 2) return axes;
  const [axis] = axes.splice(dense, 1);
  axes.splice(-1, 0, axis!);
  return axes;
}

/** Returns the instruction that copies a source to the output along a walk. */
export function copyAlong(src: Operand, walk: readonly Axis[]): Instruction<Operand> {
  const [rank, axes] = [walk.length, walk.flat()];
  return instruction("copyStrided", { src, dst: OUTPUT, rank, axes });
}
