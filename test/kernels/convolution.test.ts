import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ConvolutionSizes, lengthsOf } from "../../src/reference/convolution.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { type Chosen, convolutionSizes } from "../../src/verify/families/convolution-sizes.ts";
import { convolutions } from "../../src/verify/families/convolution-sizes.ts";
import { geometryOf, packedLength } from "../../src/verify/families/convolution.ts";
import { floats, generator } from "../../src/verify/numbers.ts";
import { type Tile, tileSize } from "../../src/wasm/tiles.ts";
import { build, createArena } from "../support/arena.ts";
import { drawConvolution, passes, sizesAsArguments } from "../support/convolutions.ts";
import { bitsOf, expectSameBits, expectWithin } from "../support/expect.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

afterEach(() => {
  arena.kernels.setTile(4, 8);
});

/** Operands of a convolution, and what its kernels made of them. */
interface Passed {
  readonly x: Float32Array;
  readonly weight: Float32Array;
  readonly dy: Float32Array;
  readonly y: Float32Array;
  readonly dx: Float32Array;
  readonly dw: Float32Array;
  readonly dbias: Float32Array;
}

/** Runs all passes over poisoned outputs, with a tile. */
function run(s: ConvolutionSizes, tile: Tile = "4x8", ranges = 1): Passed {
  arena.reset();
  const { kernels } = arena;
  kernels.setTile(...tileSize(tile));
  const lengths = lengthsOf(s);
  const [x, dy] = [floats(lengths.x, 1), floats(lengths.y, 3)];
  const weight = floats(lengths.weight, 2);
  const [xAt, dyAt, wAt] = [arena.input(x), arena.input(dy), arena.input(weight)];
  const [y, dx] = [arena.output(lengths.y), arena.output(lengths.x)];
  const [dw, dbias] = [arena.output(ranges * lengths.weight), arena.output(ranges * s.filters)];
  const geometry = arena.input(geometryOf(s));
  const scratch = arena.output(kernels.conv2dScratchBytes(...sizesAsArguments(s)) / 4);
  const pack = (isGradient: boolean): number => {
    const packed = arena.output(packedLength(s, isGradient));
    kernels.conv2dPack(wAt, packed, isGradient, geometry, arena.output(128));
    return packed;
  };
  kernels.conv2d(xAt, pack(false), 0, y, geometry, scratch);
  kernels.conv2dInputGrad(dyAt, pack(true), 0, dx, geometry, scratch);
  kernels.conv2dWeightGrad(xAt, dyAt, dw, dbias, ranges, geometry, scratch);
  arena.checkCanaries();
  return {
    ...{ x, weight, dy },
    y: arena.floats(y, lengths.y),
    dx: arena.floats(dx, lengths.x),
    dw: arena.floats(dw, ranges * lengths.weight),
    dbias: arena.floats(dbias, ranges * s.filters),
  };
}

/** The windows of a group as the rows of a matrix: one for each pixel of y, taps and then channels. */
function windowsOf(s: ConvolutionSizes, x: Float32Array, group: number): Float32Array {
  const inputs = s.channels / s.groups;
  const [taps, pixels] = [s.kernelRows * s.kernelColumns, s.images * s.rows * s.columns];
  return Float32Array.from({ length: pixels * taps * inputs }, (_, at) => {
    const [pixel, k] = [Math.floor(at / (taps * inputs)), at % (taps * inputs)];
    const [tap, c] = [Math.floor(k / inputs), k % inputs];
    const image = Math.floor(pixel / (s.rows * s.columns));
    const i = Math.floor(pixel / s.columns) % s.rows;
    const row = i * s.strideRows + Math.floor(tap / s.kernelColumns) * s.dilationRows - s.top;
    const column =
      (pixel % s.columns) * s.strideColumns + (tap % s.kernelColumns) * s.dilationColumns - s.left;
    if (row < 0 || row >= s.height || column < 0 || column >= s.width) return 0;
    return x[((image * s.height + row) * s.width + column) * s.channels + group * inputs + c]!;
  });
}

/** y as products of the matrices of all windows. */
function asProducts(s: ConvolutionSizes, x: Float32Array, weight: Float32Array): Float32Array {
  arena.reset();
  const { sgemm, sgemmScratchBytes } = arena.kernels;
  const [inputs, n] = [s.channels / s.groups, s.filters / s.groups];
  const k = s.kernelRows * s.kernelColumns * inputs;
  const m = s.images * s.rows * s.columns;
  const [b, c] = [arena.input(weight), arena.output(m * s.filters)];
  const scratch = arena.output(sgemmScratchBytes(m, n, k) / 4);
  for (let group = 0; group < s.groups; group++) {
    const a = arena.input(windowsOf(s, x, group));
    const at = 4 * group * n;
    sgemm(false, false, m, n, k, 1, a, k, b + at, s.filters, 0, c + at, s.filters, scratch);
  }
  return arena.floats(c, m * s.filters);
}

const small = convolutions.filter((s) => lengthsOf(s).x < 10_000);

// Fused multiply-adds round once; the two kernels may fuse other operations.
describe.runIf(build !== "relaxed")("the forward pass", () => {
  const titles = small.map((s) => [JSON.stringify(geometryOf(s)), s] as const);

  it.each(titles)("has the bits of products of all windows: %s", (_, s) => {
    for (const tile of ["4x8", "4x16"] as const) {
      const { x, weight, y } = run(s, tile);
      expectSameBits(bitsOf(y), bitsOf(asProducts(s, x, weight)), tile);
    }
  });

  it("is among sums of more than a block", () => {
    const depths = small.map((s) => (s.kernelRows * s.kernelColumns * s.channels) / s.groups);
    expect(depths.filter((k) => k > 384).length).toBeGreaterThan(1);
    expect(depths).toContain(3 * 3 * 64);
  });
});

it("strips of eight and of sixteen columns give the same bits in all passes", () => {
  for (const s of convolutions) {
    const [narrow, wide] = [run(s, "4x8"), run(s, "4x16")];
    for (const name of ["y", "dx", "dw", "dbias"] as const) {
      expectSameBits(bitsOf(wide[name]), bitsOf(narrow[name]), `${name} of ${JSON.stringify(s)}`);
    }
  }
});

/** Error as a share of the largest result: some hundred roundings. */
const LARGEST_ERROR = 2e-5;

describe.each(["4x8", "4x16"] as const)("random geometries with a tile of %s", (tile) => {
  it("are their formulas", () => {
    const next = generator(11);
    for (let i = 0; i < 200; i++) {
      const s = drawConvolution(next);
      const { x, weight, dy, ...came } = run(s, tile);
      const expected = passes(s, x, weight, dy);
      for (const name of ["y", "dx", "dw"] as const) {
        const largest = expected[name].reduce((most, v) => Math.max(most, Math.abs(v)), 0);
        const near = () => LARGEST_ERROR * largest;
        expectWithin(came[name], expected[name], near, `${name} of ${JSON.stringify(s)}`);
      }
    }
  });
});

describe("ranges of images", () => {
  const chosen: Chosen = { images: 3, channels: 5, filters: 9, kernel: [3, 2], windows: [3, 4] };
  const s = convolutionSizes(chosen);
  const image = { ...s, images: 1 };

  it("have the bits of a call for each image, and zeros where no image is left", () => {
    const { x, dy, dw, dbias } = run(s, "4x8", 5);
    const [weights, total] = [lengthsOf(s).weight, lengthsOf(image)];
    const { kernels } = arena;
    // Five ranges of three images: none, the first, none, the second, the third.
    [undefined, 0, undefined, 1, 2].forEach((index, range) => {
      const part = dw.subarray(range * weights, (range + 1) * weights);
      const sums = dbias.subarray(range * s.filters, (range + 1) * s.filters);
      if (index === undefined) {
        expect([...part, ...sums]).toEqual(new Array(weights + s.filters).fill(0));
        return;
      }
      arena.reset();
      const [at, scratch] = [arena.input(geometryOf(image)), arena.output(2 ** 18)];
      const [xAt, dyAt] = [arena.input(x), arena.input(dy)];
      const [own, ownBias] = [arena.output(weights), arena.output(s.filters)];
      const [from, to] = [xAt + 4 * index * total.x, dyAt + 4 * index * total.y];
      kernels.conv2dWeightGrad(from, to, own, ownBias, 1, at, scratch);
      expectSameBits(bitsOf(part), arena.words(own, weights));
      expectSameBits(bitsOf(sums), arena.words(ownBias, s.filters));
    });
  });
});
