import { KC } from "../config";
import { LINEAR } from "../gemm/epilogue";
import { roundUp } from "../gemm/kernel";
import { LANES, bytes } from "../simd";
import { COPY_BYTES } from "./copies";
import { Correlation, PLANE } from "./correlate";
import { Geometry } from "./geometry";
import { WIDE } from "./tile";
import { WeightGradient } from "./weight-grad";
import { Packing } from "./weights";

/**
 * Convolution of images in all its passes.
 *
 * A geometry is i32[16]: images, channels of x, filters, which are the channels of y, and groups; then
 * six numbers for the rows: those of x, of y and of the kernel, stride, dilation, and the zeros above an
 * image; and the same for the columns, with the zeros on its left. x is f32[images, height, width,
 * channels], y is f32[images, rows, columns, filters], and the weight is f32[kernel rows, kernel columns,
 * channels / groups, filters].
 *
 * @section Convolution
 */

/** Bytes of everything that a pass keeps in scratch beside its tables. */
@inline
const PARTS: i32 = 1024;

/** Bytes of the largest band of copies, where an output row reads `reach` rows of an image. */
@inline
function bandBytes(outputs: i32, step: i32, reach: i32, columns: i32, pixel: i32): i32 {
  const rows = min((outputs - 1) * step + reach, 2 * reach);
  return max(COPY_BYTES, rows * columns * pixel) + 128;
}

/**
 * Bytes of scratch that a thread needs for any pass of a convolution.
 * @kernel
 * @param images images of x, as all other arguments in the order of a geometry
 * @param channels channels of x
 * @param filters channels of y
 * @param groups groups of channels, each with filters of its own
 * @param height rows of an image
 * @param rows rows of y
 * @param kernelRows rows of the kernel
 * @param strideRows rows of x from row to row of y
 * @param dilationRows rows of x from row to row of the kernel
 * @param top zeros above an image
 * @param width columns of an image
 * @param columns columns of y
 * @param kernelColumns columns of the kernel
 * @param strideColumns columns of x from column to column of y
 * @param dilationColumns columns of x from column to column of the kernel
 * @param left zeros on its left
 */
export function conv2dScratchBytes(
  images: i32,
  channels: i32,
  filters: i32,
  groups: i32,
  height: i32,
  rows: i32,
  kernelRows: i32,
  strideRows: i32,
  dilationRows: i32,
  top: i32,
  width: i32,
  columns: i32,
  kernelColumns: i32,
  strideColumns: i32,
  dilationColumns: i32,
  left: i32,
): usize {
  const isDepthwise = groups > 1 && groups == channels;
  const inputs = channels / groups;
  const outputs = filters / groups;
  const taps = kernelRows * kernelColumns;
  // The phases of a gradient together read at most one position more than the kernel spans.
  const reachRows = (kernelRows - 1) * dilationRows + (strideRows > 1 ? 2 : 1);
  const reachColumns = (kernelColumns - 1) * dilationColumns + (strideColumns > 1 ? 2 : 1);
  const forward = (columns - 1) * strideColumns + reachColumns;
  const backward = (width + strideColumns - 1) / strideColumns + reachColumns;
  const plane = <i32>bytes(PLANE);
  // A weight's gradient copies channels by fours.
  const pixelForward = isDepthwise ? plane : 4 * roundUp(channels, LANES);
  const pixelBackward = isDepthwise ? plane * outputs : 4 * filters;
  const copies = max(
    bandBytes(rows, strideRows, reachRows, forward, pixelForward),
    bandBytes((height + strideRows - 1) / strideRows, 1, reachRows, backward, pixelBackward),
  );
  const n = isDepthwise ? PLANE : roundUp(outputs, WIDE);
  const offsets = 4 * taps * max(inputs, outputs);
  const tables = 8 * taps * min(32, inputs) + 4 * KC + 12 * n + 4 * KC * n;
  return roundUp(PARTS + copies + max(offsets, tables), 64);
}

/**
 * Packs a weight for conv2d, or for conv2dInputGrad. What the packed floats are depends on the tile
 * (setTile): pack again after it has changed.
 * @kernel
 * @param weight reads the f32 weight
 * @param packed writes f32[taps · channels / groups · filters], with the filters of each group rounded
 *   up to 16; for the gradient f32[taps · filters / groups · channels], with the channels of each group
 *   rounded up. A depthwise convolution counts as one group: f32[taps · filters], or for the gradient
 *   f32[taps · filters / channels · channels]
 * @param isGradient whether it is for the gradient
 * @param geometry reads i32[16]
 * @param scratch scratch f64[64]
 */
export function conv2dPack(
  weight: usize,
  packed: usize,
  isGradient: bool,
  geometry: usize,
  scratch: usize,
): void {
  const pack = Packing.at(scratch, changetype<Geometry>(geometry), isGradient);
  pack.run(weight, packed, 0, pack.strips);
}

function correlate(
  isGradient: bool,
  source: usize,
  packed: usize,
  bias: usize,
  target: usize,
  geometry: usize,
  scratch: usize,
): void {
  const c = Correlation.at(scratch, changetype<Geometry>(geometry), isGradient);
  c.packed = packed;
  c.finishWith(bias, LINEAR, 0);
  c.sources = source;
  c.targets = target;
  c.run(0, c.length);
}

/**
 * Convolution without flipping the kernel, as all libraries have it: y[n, i, j, o] = bias[o] + Σ x[n,
 * i · stride + a · dilation - top, j · stride + b · dilation - left, c] · w[a, b, c, o], where x is 0
 * outside of the image and c goes over the group of o.
 * @kernel
 * @param x reads the f32 images
 * @param packed reads the f32 weight as conv2dPack left it
 * @param bias reads f32[filters]; none if 0
 * @param y writes the f32 results
 * @param geometry reads i32[16]
 * @param scratch scratch of conv2dScratchBytes bytes
 */
export function conv2d(
  x: usize,
  packed: usize,
  bias: usize,
  y: usize,
  geometry: usize,
  scratch: usize,
): void {
  correlate(false, x, packed, bias, y, geometry, scratch);
}

/**
 * Gradient of conv2d's input, or a transposed convolution of dy: dx[n, p, q, c] = Σ dy[n, i, j, o] ·
 * w[a, b, c, o] over all taps by which x[n, p, q, c] went into y[n, i, j, o].
 * @kernel
 * @param dy reads the f32 gradient of y
 * @param packed reads the f32 weight as conv2dPack left it for the gradient
 * @param bias reads f32[channels], which a transposed convolution adds; none if 0
 * @param dx writes the f32 gradient of x
 * @param geometry reads i32[16]
 * @param scratch scratch of conv2dScratchBytes bytes
 */
export function conv2dInputGrad(
  dy: usize,
  packed: usize,
  bias: usize,
  dx: usize,
  geometry: usize,
  scratch: usize,
): void {
  correlate(true, dy, packed, bias, dx, geometry, scratch);
}

/**
 * Gradients of conv2d's weight and bias, in sums over equal ranges of the images, which the caller adds up:
 * dw[a, b, c, o] = Σ x[n, i · stride + a · dilation - top, …, c] · dy[n, i, j, o], dbias[o] = Σ dy.
 * @kernel
 * @param x reads the f32 images
 * @param dy reads the f32 gradient of y
 * @param dw writes f32 sums, for each range those of a whole weight
 * @param dbias writes f32[ranges, filters]; none if 0
 * @param ranges ranges of images, at least 1
 * @param geometry reads i32[16]
 * @param scratch scratch of conv2dScratchBytes bytes
 */
export function conv2dWeightGrad(
  x: usize,
  dy: usize,
  dw: usize,
  dbias: usize,
  ranges: i32,
  geometry: usize,
  scratch: usize,
): void {
  const gradient = WeightGradient.at(scratch, changetype<Geometry>(geometry));
  gradient.x = x;
  gradient.dy = dy;
  gradient.dw = dw;
  gradient.dbias = dbias;
  gradient.ranges = ranges;
  gradient.run(0, gradient.items);
}
