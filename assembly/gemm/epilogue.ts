import { addRow } from "../loops/rows";
import { bytes } from "../simd";

/** No activation in the epilogue. @shared */
@inline
export const LINEAR: i32 = -1;

/** Bias (0: none) and activation over rows x columns of C that are still in cache. */
export function epilogue(
  c: usize,
  ldc: usize,
  rows: i32,
  columns: i32,
  bias: usize,
  activation: i32,
  parameter: f32,
): void {
  if (bias) {
    for (let i = 0; i < rows; i++) addRow(bias, c + <usize>i * ldc, columns);
  }
  if (activation == LINEAR) return;
  // One call for rows that follow each other: for four rows of 8 columns, a sixth of the product's time.
  if (ldc == bytes(columns)) {
    columns *= rows;
    rows = 1;
  }
  for (; rows > 0; rows--, c += ldc) call_indirect<void>(activation, c, c, columns, parameter);
}
