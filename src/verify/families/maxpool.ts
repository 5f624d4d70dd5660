import { type Array64, at, fill, length } from "../../reference/array64.ts";
import { type PoolSettings, maxPlaces, maxPool, maxPoolGrad } from "../../reference/pool.ts";
import { poolWindows } from "../../reference/pool.ts";
import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { U } from "../compare.ts";
import { floats, generator } from "../numbers.ts";

type Pair = readonly [rows: number, columns: number];

/** A pool of images, but for their channels. */
export interface ImagePool extends PoolSettings {
  readonly shape: readonly [batch: number, rows: number, columns: number];
  readonly poolSize: Pair;
  readonly stride: Pair;
}

export const pools: readonly ImagePool[] = [
  { shape: [1, 2, 2], poolSize: [2, 2], stride: [2, 2] },
  { shape: [2, 4, 6], poolSize: [2, 2], stride: [2, 2] },
  { shape: [2, 5, 7], poolSize: [2, 2], stride: [2, 2] },
  { shape: [1, 5, 7], poolSize: [2, 2], stride: [2, 2], padding: "same" },
  { shape: [1, 4, 4], poolSize: [3, 3], stride: [1, 1], padding: 1 },
  { shape: [2, 9, 8], poolSize: [3, 3], stride: [2, 2], padding: 1 },
  { shape: [1, 6, 5], poolSize: [2, 3], stride: [1, 2] },
  { shape: [1, 7, 6], poolSize: [2, 1], stride: [3, 4], padding: { bottom: 1 } },
  { shape: [2, 1, 9], poolSize: [1, 3], stride: [1, 2], padding: [0, 2] },
  { shape: [0, 4, 4], poolSize: [2, 2], stride: [2, 2] },
  // As many places as bytes tell apart, and more.
  { shape: [1, 17, 16], poolSize: [16, 16], stride: [1, 1] },
  { shape: [1, 17, 18], poolSize: [17, 16], stride: [1, 2] },
];

export const channelCounts = [1, 2, 3, 4, 5, 7, 8, 16, 19, 36];

/** Kinds of images: without and with equal elements, below 0, and with every special number. */
const kinds: Readonly<Record<string, (n: number) => Float32Array>> = {
  plain: (n) => floats(n, 3),
  ties: (n) => floats(n, 4, 0, 3).map(Math.floor),
  "below 0": (n) => floats(n, 5, -2, -1),
  special(n) {
    const numbers = [NaN, Infinity, -Infinity, -Infinity, -0, 0, 0, 3e38, -3e38, -1, 1, 1];
    const next = generator(6);
    return Float32Array.from({ length: n }, () => numbers[Math.floor(next() * numbers.length)]!);
  },
};

/** Returns the words that the kernels take for windows. */
export function windowWords({ shape, ...settings }: ImagePool): Int32Array<ArrayBuffer> {
  const { poolSize, stride } = settings;
  const axes = poolWindows([...shape, 1], poolSize, settings);
  return Int32Array.from(
    axes.flatMap((windows, axis) => {
      const { first, size } = windows[0]!;
      return [shape[axis + 1]!, size, stride[axis]!, -first, windows.length];
    }),
  );
}

/** Returns images with channels of zeros up to a multiple of four, which is how places are held. */
function filled({ shape, data }: Array64): Array64 {
  const channels = shape.at(-1)!;
  const whole = 4 * Math.ceil(channels / 4);
  return fill(shape.with(-1, whole), (index) => {
    return index.at(-1)! < channels ? at({ shape, data }, index) : 0;
  });
}

/** Returns the places of the largest elements of images as kernels hold them, in words. */
export function heldPlaces(pool: ImagePool, images: Array64): Uint32Array<ArrayBuffer> {
  const { data } = maxPlaces(filled(images), pool.poolSize, pool);
  const isWide = pool.poolSize[0] * pool.poolSize[1] > 256;
  return isWide ? Uint32Array.from(data) : new Uint32Array(Uint8Array.from(data).buffer);
}

function imagesOf({ shape }: ImagePool, channels: number, make: (n: number) => Float32Array) {
  const whole = [...shape, channels];
  const x = make(length(whole));
  return { x, image: { shape: whole, data: Float64Array.from(x) } };
}

const nameOf = ({ shape, poolSize, stride }: ImagePool, channels: number): string =>
  `${shape.join(" x ")} x ${channels}, ${poolSize.join(" x ")} by ${stride.join(" x ")}`;

function poolCase(pool: ImagePool, channels: number, kind: string): KernelCase {
  const { poolSize } = pool;
  const { x, image } = imagesOf(pool, channels, kinds[kind]!);
  return kernelCase({
    what: `${nameOf(pool, channels)}, ${kind}`,
    inputs: { x, windows: windowWords(pool) },
    results: {
      y: { expected: maxPool([image], poolSize, pool).data },
      places: { expected: heldPlaces(pool, image) },
    },
    call(kernels, { x, windows, y, places }) {
      kernels.maxPool2d(x, y, places, windows, pool.shape[0], channels);
    },
  });
}

function gradCase(pool: ImagePool, channels: number): KernelCase {
  const { image } = imagesOf(pool, channels, kinds.ties!);
  const places = maxPlaces(image, pool.poolSize, pool);
  const dy = floats(places.data.length, 8);
  const windows = poolWindows(image.shape, pool.poolSize, pool);
  // No element is the largest of more windows than there are positions in one.
  const terms = Math.min(9, pool.poolSize[0] * pool.poolSize[1]);
  return kernelCase({
    what: nameOf(pool, channels),
    inputs: { places: heldPlaces(pool, image), dy, windows: windowWords(pool) },
    results: {
      dx: {
        expected: maxPoolGrad(image.shape, windows, places, dy).data,
        allowed: () => terms * terms * U,
      },
    },
    call(kernels, { places, dy, windows, dx }) {
      kernels.maxPool2dGrad(places, dy, dx, windows, pool.shape[0], channels);
    },
  });
}

/** Channels to try a pool with; few where each element has hundreds of positions. */
const countsFor = ({ poolSize: [rows, columns] }: ImagePool): readonly number[] =>
  rows * columns < 100 ? channelCounts : [3, 16];

const all = (make: (pool: ImagePool, channels: number) => KernelCase[]): KernelCase[] =>
  pools.flatMap((pool) => countsFor(pool).flatMap((channels) => make(pool, channels)));

export const maxPoolFamily: Family<"maxPool2d" | "maxPool2dGrad"> = {
  name: "max pools",
  kernels: {
    maxPool2d: () =>
      all((pool, channels) => Object.keys(kinds).map((kind) => poolCase(pool, channels, kind))),
    maxPool2dGrad: () => all((pool, channels) => [gradCase(pool, channels)]),
  },
};
