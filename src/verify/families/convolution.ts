import {
  type ConvolutionSizes,
  eachProduct,
  lengthsOf,
  sizeNames,
} from "../../reference/convolution.ts";
import type { Exports } from "../../wasm/build.ts";
import { type Tile, tileSize } from "../../wasm/tiles.ts";
import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { U } from "../compare.ts";
import { floats, integers } from "../numbers.ts";
import { convolutions } from "./convolution-sizes.ts";

/** Tiles with strips of eight columns and of sixteen. */
export const STRIPS: readonly Tile[] = ["4x8", "4x16"];

const FIRST = STRIPS[0]!;

/** Returns sizes as kernels read them. */
export function geometryOf(sizes: ConvolutionSizes): Int32Array {
  return Int32Array.from(sizeNames, (name) => sizes[name]);
}

/** Bytes of scratch that packing takes. */
const PACK_SCRATCH = 512;

/** Returns the number of columns that strips of n columns have at most, whatever the tile. */
export const striped = (n: number): number => Math.ceil(n / 16) * 16;

/** Returns the number of floats of a packed weight, as conv2dPack says. */
export function packedLength(s: ConvolutionSizes, isGradient: boolean): number {
  const taps = s.kernelRows * s.kernelColumns;
  const [inputs, outputs] = [s.channels / s.groups, s.filters / s.groups];
  const isDepthwise = s.groups > 1 && s.groups === s.channels;
  if (isDepthwise) return taps * (isGradient ? outputs * striped(s.channels) : striped(s.filters));
  return taps * (isGradient ? s.filters * striped(inputs) : s.channels * striped(outputs));
}

function nameOf(s: ConvolutionSizes, isBiased: boolean, tile: Tile): string {
  const kernel = `${s.kernelRows} x ${s.kernelColumns}`;
  const steps = `stride ${s.strideRows} x ${s.strideColumns}`;
  const apart = `dilation ${s.dilationRows} x ${s.dilationColumns}`;
  const image = `${s.images} x ${s.height} x ${s.width} x ${s.channels}`;
  const result = `${s.rows} x ${s.columns} x ${s.filters}`;
  const rest = `padding ${s.top} and ${s.left}, ${s.groups} groups`;
  const bias = isBiased ? "" : ", no bias";
  return `${image} to ${result}, ${kernel}, ${steps}, ${apart}, ${rest}${bias}, tile ${tile}`;
}

/** Sums of products, the sum of the magnitudes of each, and the number of its terms. */
class Sums {
  readonly expected: Float64Array;
  readonly #size: Float64Array;
  readonly #terms: Float64Array;

  constructor(length: number) {
    this.expected = new Float64Array(length);
    this.#size = new Float64Array(length);
    this.#terms = new Float64Array(length);
  }

  add(i: number, term: number): void {
    this.expected[i]! += term;
    this.#size[i]! += Math.abs(term);
    this.#terms[i]!++;
  }

  /** A term goes through at most as many roundings as the sum has terms, in whatever order. */
  readonly allowed = (_: number, i: number): number => {
    const n = this.#terms[i]! * U;
    return (n / (1 - n)) * this.#size[i]!;
  };
}

/** Calls a function with a tile. */
export function withTile({ setTile }: Exports, tile: Tile, call: () => void): void {
  setTile(...tileSize(tile));
  call();
  setTile(...tileSize(FIRST));
}

/** Makes n numbers of a seed. */
type Make = (n: number, seed: number) => Float32Array;

/** Operands that a pass multiplies, and its results. */
function pass(s: ConvolutionSizes, isGradient: boolean, isBiased: boolean, make: Make) {
  const lengths = lengthsOf(s);
  const source = make(isGradient ? lengths.y : lengths.x, 1);
  const weight = make(lengths.weight, 2);
  const channels = isGradient ? s.channels : s.filters;
  const bias = make(channels, 3);
  const sums = new Sums(isGradient ? lengths.x : lengths.y);
  if (isBiased) sums.expected.forEach((_, i) => sums.add(i, bias[i % channels]!));
  eachProduct(s, (x, w, y) => {
    if (isGradient) sums.add(x, source[y]! * weight[w]!);
    else sums.add(y, source[x]! * weight[w]!);
  });
  return { source, weight, bias, sums };
}

/** Scratch of just the size that is asked for. */
function scratchOf(s: ConvolutionSizes) {
  return (kernels: Exports): Float32Array => {
    const sizes = sizeNames.map((name) => s[name]) as Parameters<Exports["conv2dScratchBytes"]>;
    return new Float32Array(kernels.conv2dScratchBytes(...sizes) / 4).fill(NaN);
  };
}

/** Generates cases of the forward pass, or of the input gradient, with every kind of strips. */
function* passCases(
  s: ConvolutionSizes,
  isGradient: boolean,
  isBiased: boolean,
  make: Make = floats,
): Generator<KernelCase> {
  const { source, weight, bias, sums } = pass(s, isGradient, isBiased, make);
  const { expected, allowed } = sums;
  for (const tile of STRIPS) {
    yield kernelCase({
      what: nameOf(s, isBiased, tile),
      inputs: { source, weight, bias, geometry: geometryOf(s) },
      results: { target: make === floats ? { expected, allowed } : { expected } },
      scratch: {
        packed: () => new Float32Array(packedLength(s, isGradient)).fill(NaN),
        packScratch: () => new Float32Array(PACK_SCRATCH / 4).fill(NaN),
        scratch: scratchOf(s),
      },
      call(kernels, { source, weight, bias, target, geometry, packed, packScratch, scratch }) {
        const run = isGradient ? kernels.conv2dInputGrad : kernels.conv2d;
        withTile(kernels, tile, () => {
          kernels.conv2dPack(weight, packed, isGradient, geometry, packScratch);
          run(source, packed, isBiased ? bias : 0, target, geometry, scratch);
        });
      },
    });
  }
}

/** Returns the range of an image, where there are as many ranges. */
function rangeOf(image: number, { images }: ConvolutionSizes, ranges: number): number {
  let range = 0;
  while (Math.floor((images * (range + 1)) / ranges) <= image) range++;
  return range;
}

/** Generates cases of the weight's gradient, in one range of images or in more than there are images. */
function* weightCases(s: ConvolutionSizes, ranges: number): Generator<KernelCase> {
  const lengths = lengthsOf(s);
  const [x, dy] = [floats(lengths.x, 1), floats(lengths.y, 2)];
  const [dw, dbias] = [new Sums(ranges * lengths.weight), new Sums(ranges * s.filters)];
  const pixels = s.rows * s.columns;
  const rangeOfY = Array.from({ length: s.images }, (_, image) => rangeOf(image, s, ranges));
  const offset = (y: number): number => rangeOfY[Math.floor(y / (pixels * s.filters))]!;
  eachProduct(s, (i, w, o) => dw.add(offset(o) * lengths.weight + w, x[i]! * dy[o]!));
  dy.forEach((value, o) => dbias.add(offset(o) * s.filters + (o % s.filters), value));
  for (const tile of STRIPS) {
    yield kernelCase({
      what: `${nameOf(s, true, tile)}, ${ranges} ranges`,
      inputs: { x, dy, geometry: geometryOf(s) },
      results: { dw, dbias },
      scratch: { scratch: scratchOf(s) },
      call(kernels, { x, dy, dw, dbias, geometry, scratch }) {
        withTile(kernels, tile, () => {
          kernels.conv2dWeightGrad(x, dy, dw, dbias, ranges, geometry, scratch);
        });
      },
    });
  }
}

/** Small whole numbers, whose sums are exact. */
const whole: Make = (n, seed) => Float32Array.from(integers(n, seed, 7), (i) => i - 3);

export const convolutionFamily: Family<
  "conv2dScratchBytes" | "conv2dPack" | "conv2d" | "conv2dInputGrad" | "conv2dWeightGrad"
> = {
  name: "convolutions",
  kernels: {
    *conv2d() {
      for (const [i, s] of convolutions.entries()) yield* passCases(s, false, i % 3 > 0);
    },
    *conv2dInputGrad() {
      for (const [i, s] of convolutions.entries()) yield* passCases(s, true, i % 3 === 0);
    },
    *conv2dWeightGrad() {
      for (const [i, s] of convolutions.entries()) yield* weightCases(s, [1, 1, 2, 5][i % 4]!);
    },
    // A packed weight is right if what reads it gives the exact sums.
    *conv2dPack() {
      for (const [i, s] of convolutions.entries()) yield* passCases(s, i % 2 > 0, false, whole);
    },
    // And so is the size of scratch if nothing is written behind it.
    *conv2dScratchBytes() {
      const few = convolutions.filter((_, i) => i % 5 === 0);
      for (const s of few) yield* passCases(s, true, false, whole);
    },
  },
};
