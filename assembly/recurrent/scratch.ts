import { bytes } from "../simd";
import { productsOf } from "./cells";
import { productBytes } from "./rows";

/** Bytes for the words of a call, which a kernel of plain arguments lays before its scratch. */
@inline
export const WORDS: usize = 128;

/** Bytes of scratch that a thread needs for a recurrent layer or its gradient. */
export function scratchBytesOf(cell: i32, batch: i32, units: i32): usize {
  // Two states for each row, and the two rows of RecurrentGrad's room.
  const states = bytes((2 * batch + 2) * units);
  return (WORDS + productBytes(productsOf(cell) * units) + states + 63) & ~63;
}
