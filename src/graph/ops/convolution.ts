import { align } from "../../memory/heap.ts";
import type { Computation, Epilogue, GradientRule, Node, Recorder } from "../node.ts";
import { OUTPUT, SCRATCH, describe, instruction, memo, outputAt, size } from "../node.ts";
import { type ActivationChoice, activationGrad, epilogueOf } from "./activations.ts";
import { withEpilogue } from "./map.ts";
import { MACS_PER_ELEMENT } from "./matmul.ts";
import { sum, sumTo } from "./reduce.ts";
import { ONE_ROW } from "./sequences.ts";
import type { Windows } from "./windows.ts";

/**
 * The passes of a convolution, each of which is the gradient of another: the forward pass, the input
 * gradient, which is the forward pass of a transposed convolution, and the weight gradient.
 */

/** Sizes of a convolution of images x to y, and its name in errors and summaries. */
export interface Convolution {
  readonly op: string;
  readonly images: number;
  readonly channels: number;
  readonly filters: number;
  readonly rows: Windows;
  readonly columns: Windows;
  readonly groups: number;
}

/** @throws RangeError unless groups divides the channels and the filters */
export function checkGroups(
  g: Recorder,
  op: string,
  groups: number,
  x: Node,
  filters: number,
): void {
  const channels = x.shape.at(-1) ?? 0;
  if (channels % groups === 0 && filters % groups === 0) return;
  const received = `${groups} for ${channels} channels of ${describe(x.shape)} and ${filters} filters`;
  throw g.fail(op, `expected groups that divide the channels and the filters, got ${received}`);
}

/**
 * Checks a weight [..., inputs / groups, outputs] of `rank` axes, and a bias [outputs].
 * @param isTransposed true if the weight is [..., outputs / groups, inputs]
 * @returns the number of outputs
 */
export function outputsOf(
  g: Recorder,
  op: string,
  rank: number,
  x: Node,
  groups: number,
  weight: Node,
  bias?: Node,
  isTransposed = false,
): number {
  const { shape } = weight;
  const channels = x.shape.at(-1) ?? 0;
  const [last = 0, before = 0] = [shape.at(-1), shape.at(-2)];
  const [inputs, outputs] = isTransposed ? [last, before * groups] : [before * groups, last];
  const sizes = rank === 4 ? "rows, columns" : "size";
  const sides = isTransposed ? "outputs / groups, inputs" : "inputs / groups, outputs";
  if (shape.length !== rank || shape.includes(0)) {
    throw g.fail(op, `expected a weight [${sizes}, ${sides}], got ${describe(shape)}`);
  }
  checkGroups(g, op, groups, x, outputs);
  if (inputs !== channels) {
    const received = `${inputs} of a weight ${describe(shape)} and groups ${groups}`;
    throw g.fail(op, `expected as many inputs as x has channels, ${channels}, got ${received}`);
  }
  if (bias && describe(bias.shape) !== describe([outputs])) {
    throw g.fail(op, `expected a bias of [${outputs}], got ${describe(bias.shape)}`);
  }
  return outputs;
}

/** Returns the sizes of an axis in the order in which the kernels read them. */
function axisWords({ length, count, size, stride, dilation, before }: Windows) {
  return [length, count, size, stride, dilation, before] as const;
}

/** Returns the sizes in the order in which the kernels read them. */
function words({ images, channels, filters, rows, columns, groups }: Convolution) {
  const all = [images, channels, filters, groups] as const;
  return [...all, ...axisWords(rows), ...axisWords(columns)] as const;
}

/** Bytes of a band of a padded image at most: kernels count them in 31 bits. */
const MOST_BYTES = 2 ** 30;

/** @throws RangeError if the windows of one row read more of a padded image than kernels can copy */
function checkBand(g: Recorder, { op, channels, filters, rows, columns, groups }: Convolution) {
  const reach = ({ size, dilation }: Windows): number => (size - 1) * dilation + 2;
  const span = ({ count, stride, length }: Windows): number =>
    Math.max((count - 1) * stride, length / stride);
  const isDepthwise = groups > 1 && groups === channels;
  const fours = 4 * Math.ceil(channels / 4);
  const pixel = isDepthwise ? (64 * filters) / groups : 4 * Math.max(fours, filters);
  // A band has at most twice the rows that one row of results reads, as in assembly/conv/kernels.ts.
  const tall = Math.min(span(rows) + reach(rows), 2 * reach(rows));
  const bytes = tall * (span(columns) + reach(columns)) * pixel;
  if (bytes <= MOST_BYTES) return;
  const expected = `windows that span at most ${MOST_BYTES} bytes of a padded image`;
  throw g.fail(op, `expected ${expected}, got ${Math.ceil(bytes)}`);
}

/** Returns scratch, multiply-adds and work of a pass. */
function needs(g: Recorder, of: Convolution) {
  checkBand(g, of);
  const { images, channels, filters, rows, columns, groups } = of;
  const sums = images * rows.count * columns.count * filters;
  const multiplyAdds = (sums * rows.size * columns.size * channels) / groups;
  const scratch = align(g.kernels.conv2dScratchBytes(...words(of)));
  return { scratch, multiplyAdds, work: multiplyAdds / MACS_PER_ELEMENT };
}

/** Returns the number of columns that strips of n columns have at most, whatever the tile. */
const striped = (n: number): number => Math.ceil(n / 16) * 16;

/** Bytes of scratch for packing a weight. */
const PACK_SCRATCH = 512;

/**
 * Appends the packed weight that a pass reads. Its gradient is the gradient of the weight itself,
 * because what reads it gives that.
 */
function packed(g: Recorder, of: Convolution, weight: Node, isGradient: boolean): Node {
  const { channels, filters, rows, columns, groups } = of;
  const isDepthwise = groups > 1 && groups === channels;
  const [inputs, outputs] = [channels / groups, filters / groups];
  const plain = isGradient ? filters * striped(inputs) : channels * striped(outputs);
  const depthwise = isGradient ? outputs * striped(channels) : striped(filters);
  const computation: Computation = {
    op: of.op,
    gradient: (_g, _node, dweight) => [() => dweight],
    scratch: PACK_SCRATCH,
    instruction: instruction("packConv2d", {
      weight,
      packed: OUTPUT,
      isGradient,
      scratch: SCRATCH,
      scratchBytes: PACK_SCRATCH,
      geometry: words(of),
    }),
  };
  return g.append(computation, [rows.size * columns.size * (isDepthwise ? depthwise : plain)]);
}

/**
 * Appends the packed weight [in, out] that products of rows read, or those with its transpose. Its
 * gradient is the gradient of the weight itself.
 */
export function packedProduct(g: Recorder, op: string, weight: Node, isTransposed: boolean): Node {
  const [channels, filters] = weight.shape as [number, number];
  const one = { images: 1, rows: ONE_ROW, columns: ONE_ROW, groups: 1 };
  return packed(g, { op, channels, filters, ...one }, weight, isTransposed);
}

/** Bias that a pass adds to its sums, and activation that it applies to them. */
interface Finish {
  readonly bias?: Node | undefined;
  /** Activation, which must be one that can fuse. */
  readonly activation?: ActivationChoice | undefined;
}

/** Floats of partial sums of a weight's gradient, at most: 4 MB. */
const MOST_PARTIALS = 2 ** 20;

/** Pixels that a range of images has at least. */
const RANGE = 2048;

/**
 * Returns the number of ranges whose sums of a weight's gradient are taken side by side.
 * @param pixels of all results
 * @param weights number of elements of the weight
 */
export function rangesOf(images: number, pixels: number, weights: number): number {
  const most = Math.floor(MOST_PARTIALS / weights);
  return Math.max(1, Math.min(images, 16, Math.ceil(pixels / RANGE), most));
}

/** Returns rules for the weight and, as the sums of dy, the bias of a convolution of x to dy's shape. */
function weightRules(
  g: Recorder,
  of: Convolution,
  x: Node,
  dy: Node,
  weight: Node,
): [GradientRule, GradientRule] {
  const pixels = of.images * of.rows.count * of.columns.count;
  const ranges = rangesOf(of.images, pixels, size(weight.shape));
  const need = needs(g, of);
  const computation: Computation = {
    op: `${of.op}WeightGrad`,
    ...need,
    instruction: instruction("conv2dWeightGrad", {
      x,
      dy,
      dw: outputAt(0),
      dbias: outputAt(1),
      ranges,
      scratch: SCRATCH,
      scratchBytes: need.scratch,
      geometry: words(of),
    }),
  };
  const outer = ranges > 1 ? [ranges] : [];
  const record = memo(() =>
    g.appendAll(computation, [
      { shape: [...outer, ...weight.shape] },
      { shape: [...outer, of.filters], isOptional: true },
    ]),
  );
  const total = (i: number) => () => {
    const partial = record()[i]!;
    return ranges > 1 ? sum(g, partial, 0) : partial;
  };
  return [total(0), total(1)];
}

/** Appends the forward pass: y of x. */
export function convolve(
  g: Recorder,
  of: Convolution,
  x: Node,
  weight: Node,
  { bias, activation }: Finish = {},
): Node {
  const { images, filters, rows, columns } = of;
  const gradient: Computation["gradient"] = (g, y, dy) => {
    const dz = activation ? activationGrad(g, activation, y, dy) : dy;
    const [dweight, dbias] = weightRules(g, of, x, dz, weight);
    return [() => transposed(g, of, dz, weight), dweight, ...(bias ? [dbias] : [])];
  };
  const shape = [images, rows.count, columns.count, filters];
  return correlate(g, of, x, weight, false, { bias, activation }, gradient, shape);
}

/** Appends the input gradient: x of y, the forward pass of a transposed convolution. */
export function transposed(
  g: Recorder,
  of: Convolution,
  y: Node,
  weight: Node,
  { bias, activation }: Finish = {},
): Node {
  const { images, channels, rows, columns } = of;
  const gradient: Computation["gradient"] = (g, x, dx) => {
    const dz = activation ? activationGrad(g, activation, x, dx) : dx;
    const [dweight] = weightRules(g, of, dz, y, weight);
    const dbias = (): Node => sumTo(g, dz, [channels]);
    return [() => convolve(g, of, dz, weight), dweight, ...(bias ? [dbias] : [])];
  };
  const shape = [images, rows.length, columns.length, channels];
  return correlate(g, of, y, weight, true, { bias, activation }, gradient, shape);
}

/** Appends either pass. */
function correlate(
  g: Recorder,
  of: Convolution,
  source: Node,
  weight: Node,
  isGradient: boolean,
  { bias, activation }: Finish,
  gradient: Computation["gradient"],
  shape: readonly number[],
): Node {
  const need = needs(g, of);
  const strips = packed(g, of, weight, isGradient);
  const make = ({ activation: applied, parameter }: Epilogue) =>
    instruction("conv2d", {
      isGradient,
      source,
      packed: strips,
      target: OUTPUT,
      bias: bias ?? 0,
      activation: applied,
      parameter,
      scratch: SCRATCH,
      scratchBytes: need.scratch,
      geometry: words(of),
    });
  const computed = withEpilogue(make, epilogueOf(activation));
  return g.append({ op: of.op, ...need, gradient, ...computed }, shape);
}
