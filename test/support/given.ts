import type { Kernel } from "../../scripts/abi/read.ts";
import { lengthsOf } from "../../src/reference/convolution.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { geometryOf, packedLength } from "../../src/verify/families/convolution.ts";
import { drawAttentionCall } from "./attentions.ts";
import { gathers, scatter } from "./gathers.ts";
import { type Give, pick, row } from "./give.ts";
import { drawRecurrentCall } from "./recurrents.ts";
import { drawConvolution, sizesAsArguments } from "./convolutions.ts";
import {
  type Call,
  type Drawn,
  type Next,
  type NumberArray,
  drawCall,
  drawFloats,
  drawIntegers,
  drawLength,
} from "./draw.ts";

/** Calls of the kernels whose operands' shapes depend on more than their arguments. */

function product(lengths: readonly number[]): number {
  return lengths.reduce((result, length) => result * length, 1);
}

/** Returns the distance of a step along each axis of a dense array. */
function denseSteps(lengths: readonly number[]): number[] {
  return lengths.map((_, i) => product(lengths.slice(i + 1)));
}

const sgemm: Give = (kernel, next, { kernels }) => {
  // One in ten is of several tiles and too large to be multiplied where it lies.
  const [m, n, k] =
    next() < 0.9
      ? [drawLength(next), drawLength(next), drawLength(next)]
      : [9 + drawLength(next), 100 + drawLength(next), 90 + drawLength(next)];
  const [transA, transB] = [Number(next() < 0.5), Number(next() < 0.5)];
  const values = { m, n, k, transA, transB, alpha: pick([0, 1, 0.5], next) };
  const [lda, ldb] = [(transA ? m : k) + drawLength(next), (transB ? k : n) + drawLength(next)];
  const others = { lda, ldb, ldc: n + drawLength(next), beta: pick([0, 0, 1, 0.5], next) };
  const scratch = row("scratch", "scratch", kernels.sgemmScratchBytes(m, n, k) / 4);
  // C is poison where it is not to be read.
  const c = { ...row("c", "writes", 0), rows: m, cols: n, stride: others.ldc };
  const operands = others.beta === 0 ? [scratch, c] : [scratch];
  return drawCall(kernel, next, { ...values, ...others }, operands);
};

/** A walk over a source in any order, and over a dense destination that `give` fills. */
function strided(
  kernel: Kernel,
  next: Next,
  access: "writes" | "updates",
  give: (total: number) => NumberArray | number,
): Call {
  const rank = 1 + Math.floor(4 * next());
  const lengths = Array.from({ length: rank }, () => Math.floor(7 * next()));
  // The source's axes in any order, with gaps between neighbours now and then.
  const order = lengths.map((_, i) => [next(), i] as const).sort(([a], [b]) => a - b);
  const dense = denseSteps(order.map(([, i]) => lengths[i]!));
  const gap = pick([1, 1, 2], next);
  const steps = lengths.map((_, axis) => gap * dense[order.findIndex(([, i]) => i === axis)]!);
  const last = lengths.reduce((sum, length, i) => sum + (length - 1) * steps[i]!, 0);
  const total = product(lengths);
  const dstSteps = denseSteps(lengths);
  const axes = Int32Array.from(lengths.flatMap((length, i) => [length, steps[i]!, dstSteps[i]!]));
  return drawCall(kernel, next, { rank }, [
    row("src", "reads", drawFloats(total > 0 ? last + 1 : 0, next)),
    row("dst", access, give(total)),
    row("axes", "reads", axes),
  ]);
}

const copyStrided: Give = (kernel, next) => strided(kernel, next, "writes", (total) => total);

const addStrided: Give = (kernel, next) =>
  strided(kernel, next, "updates", (total) => drawFloats(total, next));

const padStrided: Give = (kernel, next) => {
  const rank = 1 + Math.floor(4 * next());
  const axes = Array.from({ length: rank }, () => {
    const [count, step] = [Math.floor(4 * next()), pick([1, 1, 2, 3], next)];
    const begin = Math.floor(3 * next());
    const end = begin + Math.max(0, count - 1) * step + Number(count > 0);
    return { length: end + Math.floor(3 * next()), begin, step, count };
  });
  const counts = axes.map(({ count }) => count);
  const lengths = axes.map(({ length }) => length);
  const [srcBlocks, dstBlocks] = [denseSteps(counts), denseSteps(lengths)];
  const words = axes.flatMap(({ length, begin, step, count }, i) => {
    return [length, begin, step, count, srcBlocks[i]!, dstBlocks[i]!];
  });
  return drawCall(kernel, next, { rank }, [
    row("src", "reads", drawFloats(product(counts), next)),
    row("dst", "writes", product(lengths)),
    row("axes", "reads", Int32Array.from(words)),
  ]);
};

const concat: Give = (kernel, next) => {
  const to = drawLength(next);
  const from = Math.floor(next() * (to + 1));
  const widths = Array.from({ length: Math.floor(5 * next()) }, () => drawLength(next));
  const total = widths.reduce((sum, width) => sum + width, 0);
  const parts = widths.map((width, i) => row(`part${i}`, "reads", drawFloats(to * width, next)));
  const list: Drawn = {
    ...row("parts", "reads", 2 * widths.length),
    content: (addresses) =>
      Uint32Array.from(widths.flatMap((width, i) => [addresses[`part${i}`]!, width])),
  };
  const dst = row("dst", "writes", (to - from) * total);
  return drawCall(kernel, next, { count: widths.length, from, to }, [...parts, list, dst]);
};

/** Windows along an axis, each with an element: length, size, stride, what lies before it, count. */
function drawWindows(next: Next, longest: number) {
  const [size, stride] = [1 + Math.floor(longest * next()), 1 + Math.floor(4 * next())];
  const length = 1 + Math.floor(9 * next());
  const before = Math.floor(Math.min(size, 4) * next());
  // The last one begins at the last position at the latest.
  const most = Math.floor((length - 1 + before) / stride) + 1;
  const whole = Math.floor((length + before - size) / stride) + 1;
  const count = Math.max(1, Math.min(most, whole + Math.floor(2 * next())));
  const fits = before < size && (count - 1) * stride - before + size > 0;
  return { length, size: fits ? size : before + 1, stride, before, count };
}

/** A max pool, whose places are bytes or 32 bits. */
function drawPool(next: Next) {
  // One in ten has windows of more places than bytes tell apart.
  const longest = next() < 0.9 ? 4 : 40;
  const axes = [drawWindows(next, longest), drawWindows(next, longest)] as const;
  const [rows, columns] = axes;
  const values = { batch: Math.floor(3 * next()), channels: drawLength(next, 1) };
  const { batch, channels } = values;
  const words = axes.flatMap(({ length, size, stride, before, count }) => {
    return [length, size, stride, before, count];
  });
  return {
    values,
    taps: rows.size * columns.size,
    windows: row("windows", "reads", Int32Array.from(words)),
    // Those of four channels lie together.
    places: batch * rows.count * columns.count * 4 * Math.ceil(channels / 4),
    inside: batch * rows.length * columns.length * channels,
    outside: batch * rows.count * columns.count * channels,
  };
}

const maxPool2d: Give = (kernel, next) => {
  const { values, taps, windows, places, inside, outside } = drawPool(next);
  return drawCall(kernel, next, values, [
    row("x", "reads", drawFloats(inside, next)),
    row("y", "writes", outside),
    { ...row("places", "writes", taps > 256 ? places : places / 4), isNone: next() < 0.3 },
    windows,
  ]);
};

const maxPool2dGrad: Give = (kernel, next) => {
  const { values, taps, windows, places, inside, outside } = drawPool(next);
  const drawn = drawIntegers(places, taps, next);
  return drawCall(kernel, next, values, [
    row("places", "reads", taps > 256 ? drawn : Uint8Array.from(drawn)),
    row("dy", "reads", drawFloats(outside, next)),
    row("dx", "writes", inside),
    windows,
  ]);
};

/** Weighted sums of neighbours along an axis, in the words of the kernel. */
function drawSums(next: Next) {
  const [length, count, most] = [1 + Math.floor(9 * next()), drawLength(next, 0, 20), 4];
  const words = [length, count, most];
  for (let i = 0; i < count; i++) {
    const terms = Math.floor(next() * (1 + Math.min(most, length)));
    const first = Math.floor(next() * (1 + length - terms));
    words.push(first, terms, ...new Int32Array(drawFloats(most, next).buffer));
  }
  return { length, count, words };
}

const resample2d: Give = (kernel, next) => {
  const [rows, columns] = [drawSums(next), drawSums(next)];
  const values = { batch: Math.floor(3 * next()), channels: drawLength(next, 1) };
  const pixels = values.batch * values.channels;
  return drawCall(kernel, next, values, [
    row("x", "reads", drawFloats(rows.length * columns.length * pixels, next)),
    row("y", "writes", rows.count * columns.count * pixels),
    row("axes", "reads", Int32Array.from([...rows.words, ...columns.words])),
  ]);
};

/** Windows that begin outside of the images too, and images that are not turned. */
const augment: Give = (kernel, next) => {
  const [firstRow, firstColumn] = [Math.floor(9 * next()) - 6, Math.floor(9 * next()) - 6];
  const [turn, zoom] = [pick([0, 0, 0.3, 3], next), pick([0, 0, 0.9], next)];
  return drawCall(kernel, next, { from: 0, firstRow, firstColumn, turn, zoom });
};

/** Returns the operands of a random convolution, those of its weight's packing and gradient among them. */
function drawImages(next: Next, { kernels }: Arena) {
  const sizes = drawConvolution(next);
  const lengths = lengthsOf(sizes);
  const bytes = kernels.conv2dScratchBytes(...sizesAsArguments(sizes));
  const geometry = row("geometry", "reads", geometryOf(sizes));
  return { sizes, lengths, geometry, scratch: row("scratch", "scratch", bytes / 4) };
}

const conv2dPack: Give = (kernel, next, arena) => {
  const { sizes, lengths, geometry } = drawImages(next, arena);
  const isGradient = Number(next() < 0.5);
  return drawCall(kernel, next, { isGradient }, [
    geometry,
    row("weight", "reads", drawFloats(lengths.weight, next)),
    // The tile decides how much of it is written.
    row("packed", "updates", drawFloats(packedLength(sizes, isGradient > 0), next)),
  ]);
};

/** The forward pass or the input gradient. */
function correlates(isGradient: boolean): Give {
  const [from, to] = isGradient ? ["dy", "dx"] : ["x", "y"];
  return (kernel, next, arena) => {
    const { sizes, lengths, geometry, scratch } = drawImages(next, arena);
    const channels = isGradient ? sizes.channels : sizes.filters;
    const bias = row("bias", "reads", drawFloats(channels, next));
    return drawCall(kernel, next, {}, [
      geometry,
      scratch,
      row(from, "reads", drawFloats(isGradient ? lengths.y : lengths.x, next)),
      row("packed", "reads", drawFloats(packedLength(sizes, isGradient), next)),
      { ...bias, isNone: next() < 1 / 3 },
      row(to, "writes", isGradient ? lengths.x : lengths.y),
    ]);
  };
}

const conv2dWeightGrad: Give = (kernel, next, arena) => {
  const { sizes, lengths, geometry, scratch } = drawImages(next, arena);
  const ranges = pick([1, 1, 2, 3, 7], next);
  return drawCall(kernel, next, { ranges }, [
    geometry,
    scratch,
    row("x", "reads", drawFloats(lengths.x, next)),
    row("dy", "reads", drawFloats(lengths.y, next)),
    row("dw", "writes", ranges * lengths.weight),
    { ...row("dbias", "writes", ranges * sizes.filters), isNone: next() < 1 / 3 },
  ]);
};

export const given: Readonly<Record<string, Give>> = {
  sgemm,
  gather: gathers(drawFloats),
  gatherBytes: gathers((length, next) => Uint8Array.from(drawIntegers(length, 256, next))),
  scatter,
  copyStrided,
  addStrided,
  padStrided,
  concat,
  maxPool2d,
  maxPool2dGrad,
  resample2d,
  augment,
  conv2dPack,
  conv2d: correlates(false),
  conv2dInputGrad: correlates(true),
  conv2dWeightGrad,
  attention: drawAttentionCall(false),
  attentionGrad: drawAttentionCall(true),
  recurrent: drawRecurrentCall(false),
  recurrentGrad: drawRecurrentCall(true),
};
