import {
  type ConvolutionSizes,
  eachProduct,
  lengthsOf,
  sizeNames,
} from "../../src/reference/convolution.ts";
import type { Exports } from "../../src/wasm/build.ts";
import { type Chosen, convolutionSizes } from "../../src/verify/families/convolution-sizes.ts";
import { type Next, pick } from "./draw.ts";

/** Sizes of random convolutions, and their gradients as plain sums. */

/** Channels, filters and groups: one group, several, or one for each channel. */
function drawGroups(next: Next): Pick<Chosen, "channels" | "filters" | "groups"> {
  const kind = next();
  if (kind < 0.3) {
    const channels = pick([2, 3, 5, 8, 16, 17, 24, 40], next);
    return { channels, filters: channels * pick([1, 1, 2, 3], next), groups: channels };
  }
  const groups = kind < 0.7 ? 1 : pick([2, 3], next);
  const channels = groups * pick([1, 2, 3, 4, 5, 7, 8, 17, 33, 36], next);
  const filters = groups * pick([1, 2, 3, 5, 8, 9, 16, 17, 20, 32, 35], next);
  return { channels, filters, groups };
}

/** Returns the sizes of a random convolution that is small in all respects. */
export function drawConvolution(next: Next): ConvolutionSizes {
  const both = (draw: () => number) => [draw(), draw()] as const;
  const stride = both(() => pick([1, 1, 2, 3], next));
  return convolutionSizes({
    ...drawGroups(next),
    images: pick([0, 1, 1, 2, 3, 5], next),
    kernel: both(() => pick([1, 2, 3, 3, 5, 7], next)),
    stride,
    dilation: both(() => pick([1, 1, 2, 3], next)),
    before: both(() => pick([0, 1, 2, 5], next)),
    after: both(() => pick([0, 1, 2, 5], next)),
    windows: both(() => pick([1, 2, 3, 4, 5, 8], next)),
    rest: [Math.floor(next() * stride[0]), Math.floor(next() * stride[1])],
  });
}

/** Returns sizes as the arguments of conv2dScratchBytes. */
export function sizesAsArguments(s: ConvolutionSizes): Parameters<Exports["conv2dScratchBytes"]> {
  return sizeNames.map((name) => s[name]) as Parameters<Exports["conv2dScratchBytes"]>;
}

/** Returns y without bias, and the gradients of x and weight for a gradient dy of y, in float64. */
export function passes(
  s: ConvolutionSizes,
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  dy: ArrayLike<number>,
): { y: Float64Array; dx: Float64Array; dw: Float64Array } {
  const lengths = lengthsOf(s);
  const y = new Float64Array(lengths.y);
  const dx = new Float64Array(lengths.x);
  const dw = new Float64Array(lengths.weight);
  eachProduct(s, (i, w, o) => {
    y[o]! += x[i]! * weight[w]!;
    dx[i]! += dy[o]! * weight[w]!;
    dw[w]! += x[i]! * dy[o]!;
  });
  return { y, dx, dw };
}
