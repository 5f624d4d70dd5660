import { LANES, VECTOR_BYTES } from "../simd";

/**
 * Windows that slide over images, and the places of their largest elements. A place is the position of
 * an element in its window, in row order: a byte if a window has at most 256 positions, else an i32. Those
 * of all channels are filled up to a multiple of four.
 */

/** Windows along an axis: window i begins at i · stride - before, and each has an element. */
@unmanaged
export class WindowAxis {
  /** Length of x along it. */
  length: i32;
  size: i32;
  stride: i32;
  before: i32;
  /** Number of windows. */
  count: i32;
}


@inline
export function rowsOf(windows: usize): WindowAxis {
  return changetype<WindowAxis>(windows);
}


@inline
export function columnsOf(windows: usize): WindowAxis {
  return changetype<WindowAxis>(windows + offsetof<WindowAxis>());
}

/** True if places are i32. */
@inline
export function hasWidePlaces(windows: usize): bool {
  return rowsOf(windows).size * columnsOf(windows).size > 256;
}

/** Bytes of the places of four channels. */
@inline
export function placeBytes(wide: bool): usize {
  return wide ? VECTOR_BYTES : LANES;
}

/** Bytes of the places of all channels. */
@inline
export function allPlaces(channels: i32, wide: bool): usize {
  return <usize>((channels + LANES - 1) / LANES) * placeBytes(wide);
}

/** The places of four channels. */
@inline
export function loadPlaces(ptr: usize, wide: bool): v128 {
  if (wide) return v128.load(ptr);
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(ptr)));
}


@inline
export function storePlaces(ptr: usize, places: v128, wide: bool): void {
  if (wide) v128.store(ptr, places);
  else {
    const halves = i16x8.narrow_i32x4_u(places, places);
    v128.store_lane<i32>(ptr, i8x16.narrow_i16x8_u(halves, halves), 0);
  }
}
