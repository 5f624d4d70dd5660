import {
  type Next,
  type NumberArray,
  drawCall,
  drawFloats,
  drawIntegers,
  drawLength,
} from "./draw.ts";
import { type Give, row } from "./give.ts";

/** Rows picked out of a source of any number of rows. */
export function gathers(draw: (length: number, next: Next) => NumberArray): Give {
  return (kernel, next) => {
    const [rows, width, isNone] = [drawLength(next), drawLength(next), next() < 0.3];
    const sourceRows = isNone ? rows : drawLength(next, 1);
    return drawCall(kernel, next, { rows, width }, [
      row("src", "reads", draw(sourceRows * width, next)),
      { ...row("indices", "reads", drawIntegers(rows, sourceRows, next)), isNone },
    ]);
  };
}

/** Rows that go to different rows, some of which are not there. */
export const scatter: Give = (kernel, next) => {
  const [rows, length, width] = [drawLength(next), drawLength(next), drawLength(next)];
  const srcStride = width + drawLength(next);
  const first = Math.floor(next() * (length + 2)) - 1;
  const indices = Int32Array.from({ length: rows }, (_, i) => first + i);
  const elements = rows > 0 ? (rows - 1) * srcStride + width : 0;
  return drawCall(kernel, next, { rows, length, width, srcStride }, [
    row("src", "reads", drawFloats(elements, next)),
    row("indices", "reads", indices),
    row("dst", "updates", drawFloats(length * width, next)),
  ]);
};
