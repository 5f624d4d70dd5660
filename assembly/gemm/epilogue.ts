import { addRow } from "../loops/rows";

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
  if (!bias && activation == LINEAR) return;
  for (let i = 0; i < rows; i++, c += ldc) {
    if (bias) addRow(bias, c, columns);
    if (activation != LINEAR) call_indirect<void>(activation, c, c, columns, parameter);
  }
}
