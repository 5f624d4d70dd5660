import { type Shape, size } from "./shape.ts";

/** Class index of the labels that do not count unless another is chosen, as in PyTorch. */
export const IGNORE_INDEX = -100;

/** Returns the shape of the labels of a prediction: [batch, ...] of [batch, ..., classes] or [batch]. */
export function labelsShape(shape: Shape): Shape {
  return shape.length > 1 ? shape.slice(0, -1) : shape;
}

/** Returns the number of rows of a prediction, which have a label each, and of their classes. */
export function rowsOf(shape: Shape): readonly [rows: number, classes: number] {
  return [size(labelsShape(shape)), shape.length > 1 ? shape.at(-1)! : 1];
}
