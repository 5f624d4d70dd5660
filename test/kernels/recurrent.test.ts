import { beforeAll, describe, it } from "vitest";
import { LINEAR } from "../../build/constants.ts";
import { type CellName, gatesOf, keptOf } from "../../src/reference/recurrent.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { striped } from "../../src/verify/families/convolution.ts";
import { cells as cellNames } from "../../src/verify/families/recurrent.ts";
import { floats } from "../../src/verify/numbers.ts";
import { float, instruction } from "../../src/wasm/instruction.ts";
import { createArena } from "../support/arena.ts";
import { type Prepared, FunctionTable, checkChunks } from "../support/instructions.ts";

/** Instructions of recurrent layers: the bits of plain calls of their kernels, in any number of chunks. */

let arena: Arena;
let table: FunctionTable;
beforeAll(async () => {
  arena = await createArena();
  table = new FunctionTable(arena);
});

const MOST_CHUNKS = 8;

interface Sizes {
  readonly batch: number;
  readonly steps: number;
  readonly units: number;
  readonly lengths?: Int32Array | Float32Array;
  readonly isReverse: boolean;
}

const tried: readonly Sizes[] = [
  { batch: 1, steps: 3, units: 5, isReverse: false },
  { batch: 9, steps: 4, units: 8, isReverse: true },
  { batch: 33, steps: 2, units: 17, isReverse: false },
  {
    ...{ batch: 7, steps: 5, units: 6, isReverse: true },
    lengths: Int32Array.of(5, 0, 1, 4, 2, 3, 5),
  },
  { ...{ batch: 4, steps: 5, units: 6, isReverse: false }, lengths: Float32Array.of(5, 0, 1, 4) },
];

/** Places what both passes read, and scratch for each thread. */
function place(cell: number, { batch, units, lengths }: Sizes) {
  const scratchBytes = arena.kernels.recurrentScratchBytes(cell, batch, units);
  const bytes = MOST_CHUNKS * scratchBytes + 16;
  return {
    h0: arena.input(floats(batch * units, 4)),
    c0: cell === 0 ? arena.input(floats(batch * units, 5)) : 0,
    lengths: lengths ? arena.input(lengths) : 0,
    floating: lengths instanceof Float32Array,
    // Scratch of a thread begins at a multiple of 16 bytes.
    scratch: Math.ceil(arena.inout(new Uint8Array(bytes).fill(255)) / 16) * 16,
    scratchBytes,
  };
}

function prepareForward(name: CellName, sizes: Sizes): Prepared {
  const cell = cellNames.indexOf(name);
  const { batch, steps, units, isReverse } = sizes;
  const { h0, c0, lengths, floating, scratch, scratchBytes } = place(cell, sizes);
  const columns = gatesOf[name] * units;
  const every = batch * steps * units;
  const z = arena.input(floats(batch * steps * columns, 1));
  const packed = arena.input(floats(units * striped(columns), 2));
  const bias = cell === 1 ? arena.input(floats(columns, 3)) : 0;
  const written = [every, batch * steps * keptOf[name] * units, batch * units];
  if (cell === 0) written.push(every, batch * units);
  const at = written.map((count) => arena.output(count));
  const [outputs = 0, gates = 0, h = 0, cells = 0, c = 0] = at;
  const first = [cell, batch, steps, units, isReverse] as const;
  return {
    instruction: instruction("recurrent", {
      cell,
      batch,
      steps,
      units,
      isReverse,
      z,
      packed,
      bias,
      h0,
      c0,
      lengths,
      floating,
      outputs,
      gates,
      cells,
      h,
      c,
      activation: cell === 2 ? "tanh" : LINEAR,
      parameter: float(0),
      scratch,
      scratchBytes,
    }),
    written: written.map((count, i) => ({ at: at[i]!, count })),
    plain() {
      const states = [h0, c0, lengths, floating] as const;
      const last = [outputs, gates, cells, h, c, scratch] as const;
      arena.kernels.recurrent(...first, z, packed, bias, ...states, ...last);
    },
  };
}

function prepareGradient(name: CellName, sizes: Sizes): Prepared {
  const cell = cellNames.indexOf(name);
  const { batch, steps, units, isReverse } = sizes;
  const { h0, c0, lengths, floating, scratch, scratchBytes } = place(cell, sizes);
  const columns = gatesOf[name] * units;
  const every = batch * steps * units;
  const packed = arena.input(floats(columns * striped(units), 2));
  const outputs = arena.input(floats(every, 6));
  const gates = arena.input(floats(batch * steps * keptOf[name] * units, 7));
  const cells = cell === 0 ? arena.input(floats(every, 8)) : 0;
  const doutputs = arena.input(floats(every, 9));
  const dh = arena.input(floats(batch * units, 10));
  const dc = cell === 0 ? arena.input(floats(batch * units, 11)) : 0;
  const written = [batch * steps * columns, every, batch * units];
  if (cell === 0) written.push(batch * units);
  if (cell === 1) written.push(batch * steps * columns);
  const at = written.map((count) => arena.output(count));
  const [dz = 0, before = 0, dh0 = 0, last = 0] = at;
  const [dc0, drecurrent] = [cell === 0 ? last : 0, cell === 1 ? last : 0];
  const first = [cell, batch, steps, units, isReverse] as const;
  return {
    instruction: instruction("recurrentGrad", {
      cell,
      batch,
      steps,
      units,
      isReverse,
      packed,
      h0,
      c0,
      lengths,
      floating,
      outputs,
      gates,
      cells,
      doutputs,
      dh,
      dc,
      dz,
      drecurrent,
      before,
      dh0,
      dc0,
      slope: cell === 2 ? "tanhGrad" : LINEAR,
      parameter: float(0),
      scratch,
      scratchBytes,
    }),
    written: written.map((count, i) => ({ at: at[i]!, count })),
    plain() {
      const given = [packed, h0, c0, lengths, floating, outputs, gates, cells] as const;
      const results = [dz, drecurrent, before, dh0, dc0, scratch] as const;
      arena.kernels.recurrentGrad(...first, ...given, doutputs, dh, dc, ...results);
    },
  };
}

describe.each([
  ["recurrent", prepareForward],
  ["recurrentGrad", prepareGradient],
] as const)("%s", (_, prepare) => {
  it.each(cellNames)("of %s", (cell) => {
    for (const [i, sizes] of tried.entries()) {
      arena.reset({ shift: i % 4 });
      checkChunks(arena, table, prepare(cell, sizes), JSON.stringify(sizes));
    }
  });
});
