import { beforeAll, describe, it } from "vitest";
import { LINEAR } from "../../build/constants.ts";
import { type ConvolutionSizes, lengthsOf } from "../../src/reference/convolution.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { convolutions } from "../../src/verify/families/convolution-sizes.ts";
import { geometryOf, packedLength } from "../../src/verify/families/convolution.ts";
import { floats } from "../../src/verify/numbers.ts";
import { tileSize } from "../../src/wasm/tiles.ts";
import { float, instruction } from "../../src/wasm/instruction.ts";
import { createArena } from "../support/arena.ts";
import { sizesAsArguments } from "../support/convolutions.ts";
import { type Prepared, FunctionTable, checkChunks } from "../support/instructions.ts";

/** Instructions of convolutions: the bits of plain calls of their kernels, in any number of chunks. */

let arena: Arena;
let table: FunctionTable;
beforeAll(async () => {
  arena = await createArena();
  table = new FunctionTable(arena);
});

const MOST_CHUNKS = 8;

/** Geometries that are small, and one whose images are copied in bands, which chunks cut elsewhere. */
const tried = convolutions.filter((s) => {
  const { x, weight, y } = lengthsOf(s);
  return Math.max(x, weight, y) < 4000 || (s.rows === 45 && s.groups === 1);
});

/** Bytes of scratch that packing takes. */
const PACK_SCRATCH = 512;

/** A geometry in memory, the words of it, and scratch for each thread. */
function place(s: ConvolutionSizes) {
  const scratchBytes = arena.kernels.conv2dScratchBytes(...sizesAsArguments(s));
  return {
    at: arena.input(geometryOf(s)),
    geometry: [...geometryOf(s)],
    // Scratch of a thread begins at a multiple of 16 bytes.
    scratch: aligned(MOST_CHUNKS * scratchBytes),
    scratchBytes,
  };
}

function aligned(bytes: number): number {
  return Math.ceil(arena.inout(new Uint8Array(bytes + 16).fill(255)) / 16) * 16;
}

function preparePack(s: ConvolutionSizes, isGradient: boolean): Prepared {
  const { at, geometry } = place(s);
  const weight = arena.input(floats(lengthsOf(s).weight, 2));
  const count = packedLength(s, isGradient);
  // The tile decides how much of it is written.
  const packed = arena.inout(new Float32Array(count).fill(-7));
  const scratch = aligned(MOST_CHUNKS * PACK_SCRATCH);
  return {
    instruction: instruction("packConv2d", {
      weight,
      packed,
      isGradient,
      scratch,
      scratchBytes: PACK_SCRATCH,
      geometry,
    }),
    written: [{ at: packed, count }],
    plain: () => arena.kernels.conv2dPack(weight, packed, isGradient, at, scratch),
  };
}

/** @param isFull true for a bias and an activation */
function preparePass(s: ConvolutionSizes, isGradient: boolean, isFull: boolean): Prepared {
  const { at, geometry, scratch, scratchBytes } = place(s);
  const { x, y, weight } = lengthsOf(s);
  const [from, to] = isGradient ? [y, x] : [x, y];
  const channels = isGradient ? s.channels : s.filters;
  const source = arena.input(floats(from, 1));
  const bias = isFull ? arena.input(floats(channels, 3)) : 0;
  const target = arena.output(to);
  const packed = arena.inout(new Float32Array(packedLength(s, isGradient)).fill(NaN));
  const { conv2dPack, conv2d, conv2dInputGrad, leakyRelu } = arena.kernels;
  conv2dPack(arena.input(floats(weight, 2)), packed, isGradient, at, scratch);
  return {
    instruction: instruction("conv2d", {
      isGradient,
      source,
      packed,
      target,
      bias,
      activation: isFull ? "leakyRelu" : LINEAR,
      parameter: float(0.25),
      scratch,
      scratchBytes,
      geometry,
    }),
    written: [{ at: target, count: to }],
    plain() {
      const run = isGradient ? conv2dInputGrad : conv2d;
      run(source, packed, bias, target, at, scratch);
      if (isFull) leakyRelu(target, target, to, 0.25);
    },
  };
}

function prepareWeightGrad(s: ConvolutionSizes, ranges: number, isBiased: boolean): Prepared {
  const { at, geometry, scratch, scratchBytes } = place(s);
  const lengths = lengthsOf(s);
  const [x, dy] = [arena.input(floats(lengths.x, 1)), arena.input(floats(lengths.y, 2))];
  const dw = arena.output(ranges * lengths.weight);
  const count = isBiased ? ranges * s.filters : 0;
  const dbias = isBiased ? arena.output(count) : 0;
  const written = [{ at: dw, count: ranges * lengths.weight }];
  return {
    instruction: instruction("conv2dWeightGrad", {
      x,
      dy,
      dw,
      dbias,
      ranges,
      scratch,
      scratchBytes,
      geometry,
    }),
    written: isBiased ? [...written, { at: dbias, count }] : written,
    plain: () => arena.kernels.conv2dWeightGrad(x, dy, dw, dbias, ranges, at, scratch),
  };
}

describe.each(["4x8", "4x16"] as const)("with a tile of %s", (tile) => {
  function checkAll(prepare: (s: ConvolutionSizes, i: number) => Prepared): void {
    arena.kernels.setTile(...tileSize(tile));
    for (const [i, s] of tried.entries()) {
      arena.reset({ shift: i % 4 });
      checkChunks(arena, table, prepare(s, i), JSON.stringify(s));
    }
    arena.kernels.setTile(4, 8);
  }

  it.each([false, true])("packConv2d, for the gradient: %s", (isGradient) => {
    checkAll((s) => preparePack(s, isGradient));
  });

  it.each([false, true])("conv2d, the gradient: %s", (isGradient) => {
    checkAll((s, i) => preparePass(s, isGradient, i % 2 > 0));
    checkAll((s, i) => preparePass(s, isGradient, i % 2 === 0));
  });

  it.each([1, 2, 3, 7])("conv2dWeightGrad in %d ranges", (ranges) => {
    checkAll((s, i) => prepareWeightGrad(s, ranges, i % 2 > 0));
  });
});
