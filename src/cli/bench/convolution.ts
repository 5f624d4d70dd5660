import { rangesOf } from "../../graph/ops/convolution.ts";
import { type ConvolutionSizes, lengthsOf } from "../../reference/convolution.ts";
import { geometryOf, packedLength } from "../../verify/families/convolution.ts";
import type { Work, WorkGroup } from "./work.ts";
import type { Workbench } from "./workbench.ts";

/** A layer of a known network. */
interface Layer {
  /** Number of images, so many that a call takes some milliseconds. */
  readonly images: number;
  /** Edge of an image, which is square. */
  readonly edge: number;
  readonly channels: number;
  /** Number of filters; absent for a depthwise convolution, which has one for each channel. */
  readonly filters?: number;
  /** Edge of the kernel. */
  readonly kernel: number;
  readonly stride?: number;
  /** Zeros on every side; half of the kernel unless told. */
  readonly padding?: number;
}

const LAYERS: readonly Layer[] = [
  // Both of Keras's network for MNIST.
  { images: 64, edge: 28, channels: 1, filters: 32, kernel: 3, padding: 0 },
  { images: 8, edge: 26, channels: 32, filters: 64, kernel: 3, padding: 0 },
  // ResNet-18: its first layer, one of its second stage, the first and another of later stages.
  { images: 1, edge: 224, channels: 3, filters: 64, kernel: 7, stride: 2 },
  { images: 1, edge: 56, channels: 64, filters: 64, kernel: 3 },
  { images: 1, edge: 56, channels: 64, filters: 128, kernel: 3, stride: 2 },
  { images: 4, edge: 14, channels: 256, filters: 256, kernel: 3 },
  // MobileNet: its first depthwise layer, and that of most blocks.
  { images: 1, edge: 112, channels: 32, kernel: 3 },
  { images: 4, edge: 14, channels: 512, kernel: 3 },
];

function nameOf({ images, edge, channels, filters, kernel, stride = 1 }: Layer): string {
  const image = `${edge}x${edge}x${channels}`;
  const windows = `${kernel}x${kernel}${stride > 1 ? `/${stride}` : ""}`;
  const what = filters === undefined ? `depthwise ${image}` : `conv ${image}-${filters}`;
  return `${what} ${windows} (${images})`;
}

/** Returns the sizes of a layer, or of one with so few rows of results over shorter images. */
function sizesOf(layer: Layer, rows?: number): ConvolutionSizes {
  const { images, edge, channels, kernel, stride = 1, padding = kernel >> 1 } = layer;
  const { filters = channels } = layer;
  const columns = Math.floor((edge + 2 * padding - kernel) / stride) + 1;
  const height = rows === undefined ? edge : (rows - 1) * stride + kernel - 2 * padding;
  return {
    ...{ images, height, width: edge, channels },
    ...{ rows: rows ?? columns, columns, filters },
    ...{ kernelRows: kernel, kernelColumns: kernel },
    ...{ strideRows: stride, strideColumns: stride, dilationRows: 1, dilationColumns: 1 },
    ...{ top: padding, left: padding, groups: layer.filters === undefined ? channels : 1 },
  };
}

/** Returns the floating-point operations of a pass, with those on the zeros around an image. */
function flopsOf(s: ConvolutionSizes): number {
  return (2 * lengthsOf(s).y * s.kernelRows * s.kernelColumns * s.channels) / s.groups;
}

/** Places the operands of a pass, and returns a function that runs it over sizes like these. */
type Pass = (bench: Workbench, s: ConvolutionSizes, scratch: number) => (geometry: number) => void;

/** Bytes of scratch for packing a weight. */
const PACK_SCRATCH = 512;

/** Returns the forward pass or the input gradient, either with the packing of the weight. */
function correlation(isGradient: boolean): Pass {
  return (bench, s, scratch) => {
    const { conv2dPack, conv2d, conv2dInputGrad } = bench.kernels;
    const { x, weight, y } = lengthsOf(s);
    const [source, target] = isGradient ? [y, x] : [x, y];
    const [from, to, w] = [bench.floats(source), bench.zeros(target), bench.floats(weight)];
    const packed = bench.zeros(packedLength(s, isGradient));
    const packScratch = bench.allocate(PACK_SCRATCH);
    const run = isGradient ? conv2dInputGrad : conv2d;
    return (geometry) => {
      conv2dPack(w, packed, isGradient, geometry, packScratch);
      run(from, packed, 0, to, geometry, scratch);
    };
  };
}

/** The weight gradient, in as many ranges as a plan has. */
const weightGrad: Pass = (bench, s, scratch) => {
  const { x, weight, y } = lengthsOf(s);
  const ranges = rangesOf(s.images, s.images * s.rows * s.columns, weight);
  const [images, dy, dw] = [bench.floats(x), bench.floats(y), bench.zeros(ranges * weight)];
  return (geometry) => {
    bench.kernels.conv2dWeightGrad(images, dy, dw, 0, ranges, geometry, scratch);
  };
};

const PASSES = [
  ["", correlation(false)],
  [" dx", correlation(true)],
  [" dw", weightGrad],
] as const;

function scratchBytes({ kernels }: Workbench, s: ConvolutionSizes): number {
  const numbers = [...geometryOf(s)] as Parameters<typeof kernels.conv2dScratchBytes>;
  return kernels.conv2dScratchBytes(...numbers);
}

function works(layer: Layer): Work[] {
  // The same code on little data: the sums of as many ranges of images, of two rows each.
  const all = [sizesOf(layer), sizesOf(layer, 2)] as const;
  return PASSES.map(([suffix, place]) => ({
    name: `${nameOf(layer)}${suffix}`,
    flops: flopsOf(all[0]),
    prepare(bench) {
      const scratch = Math.max(...all.map((s) => scratchBytes(bench, s)));
      const run = place(bench, all[0], bench.allocate(scratch));
      const [whole, few] = [bench.ints(geometryOf(all[0])), bench.ints(geometryOf(all[1]))];
      return {
        yardstick: { kind: "multiply-add" },
        run: () => {
          run(whole);
        },
        warmUp: () => {
          run(few);
        },
      };
    },
  }));
}

/** Works of convolution layers on one thread, in all directions. */
export const convolutionWorks: WorkGroup = {
  name: "convolution",
  summary:
    "image-filters, kernel, /stride (images): of Keras's network for MNIST, ResNet-18 and " +
    "MobileNet; dx, dw: the gradients of the image and of the weight",
  works: LAYERS.flatMap(works),
};
