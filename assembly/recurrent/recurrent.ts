import { chunkStart, ownScratch } from "../chunks";
import { bytes } from "../simd";
import { Epilogue, Flag } from "../words";
import { GRU, LSTM, gruStep, keptOf, lstmStep, productsOf, simpleStep } from "./cells";
import { Product, productBytes } from "./rows";

/** @section Recurrent layers */

/** Length of a row's sequence, within the steps that there are; 0 for NaN. */
@inline
export function lengthOf(lengths: usize, floating: bool, row: i32, steps: i32): i32 {
  if (!lengths) return steps;
  const at = lengths + bytes(row);
  return min(steps, max(0, floating ? <i32>load<f32>(at) : load<i32>(at)));
}

/** Copies a row, or fills it with zeros if there is none. */
export function copyOrZero(target: usize, source: usize, width: usize): void {
  if (source) memory.copy(target, source, width);
  else memory.fill(target, 0, width);
}

/** Address of a row of an array, or 0 if there is no array. */
@inline
export function rowOf(array: usize, row: i32, width: usize): usize {
  return array ? array + <usize>row * width : 0;
}

/**
 * A recurrent layer over whole sequences: all its steps, row by row. Chunks are cut along the batch, so no
 * thread waits for another, and a row's bits depend on nothing but the row.
 * @instruction recurrent
 */
@unmanaged
export class Recurrent {
  /** LSTM, GRU or SIMPLE. */
  cell: i32;
  batch: i32;
  steps: i32;
  /** Floats of a state. */
  units: i32;
  /** True if sequences are read from their last step to their first. */
  isReverse: Flag;
  /** Products with x and their bias, f32[batch, steps, 4, 3 or 1, units]. */
  z: usize;
  /** The recurrent weight, as packConv2d packs a kernel of one row and column. */
  packed: usize;
  /** f32[3, units], added to the recurrent products of a GRU; none if 0. */
  bias: usize;
  /** h before the first step, f32[batch, units]; none if 0, for zeros. */
  h0: usize;
  /** c of an LSTM likewise; none if 0. */
  c0: usize;
  /** Length of each sequence, i32[batch] or f32[batch]; none if 0, for all steps. */
  lengths: usize;
  /** True if lengths are floats. */
  floating: Flag;
  /** h of every step, f32[batch, steps, units]; 0 past a sequence's length. */
  outputs: usize;
  /** Numbers of every step that gradients need, f32[batch, steps, 4 or 1, units]. */
  gates: usize;
  /** c of every step of an LSTM, f32[batch, steps, units]; none if 0. */
  cells: usize;
  /** h after the last step, f32[batch, units]. */
  h: usize;
  /** c of an LSTM likewise; none if 0. */
  c: usize;
  /** f of SIMPLE. */
  activation: Epilogue;
  /** Parameter of f. */
  parameter: f32;
  /** A block of scratch for each thread. */
  scratch: usize;
  /** Bytes of such a block: recurrentScratchBytes. */
  scratchBytes: i32;

  /** Computes a chunk of the batch. */
  run(chunk: i32, chunks: i32): void {
    const from = chunkStart(this.batch, 4, chunk, chunks);
    const to = chunkStart(this.batch, 4, chunk + 1, chunks);
    if (from < to) this.runRows(from, to - from, ownScratch(this.scratch, this.scratchBytes));
  }

  private runRows(first: i32, rows: i32, scratch: usize): void {
    const units = this.units;
    const width = bytes(units);
    const columns = productsOf(this.cell) * units;
    const keptRow = bytes(keptOf(this.cell) * units);
    const product = changetype<Product>(scratch);
    const states = scratch + productBytes(columns);
    const memories = states + <usize>rows * width;
    product.setSizes(units, columns);
    for (let r = 0; r < rows; r++) {
      copyOrZero(states + <usize>r * width, rowOf(this.h0, first + r, width), width);
      copyOrZero(memories + <usize>r * width, rowOf(this.c0, first + r, width), width);
    }
    const sequence = <usize>this.steps * keptRow;
    for (let step = 0; step < this.steps; step++) {
      const t = this.isReverse ? this.steps - 1 - step : step;
      const gates = this.gates + <usize>first * sequence + <usize>t * keptRow;
      for (let r = 0; r < rows; r++) this.prepare(first + r, t, gates + <usize>r * sequence);
      product.add(states, width, gates, sequence, rows, units, this.packed);
      for (let r = 0; r < rows; r++) {
        const at = <usize>r * width;
        this.finish(first + r, t, gates + <usize>r * sequence, states + at, memories + at);
      }
    }
    memory.copy(this.h + <usize>first * width, states, <usize>rows * width);
    if (this.cell == LSTM)
      memory.copy(this.c + <usize>first * width, memories, <usize>rows * width);
  }

  /** Address of the products with x of a step. */
  private productsAt(row: i32, t: i32): usize {
    return this.z + <usize>(row * this.steps + t) * bytes(productsOf(this.cell) * this.units);
  }

  /** Writes what the recurrent products are added to. */
  private prepare(row: i32, t: i32, gates: usize): void {
    const width = bytes(productsOf(this.cell) * this.units);
    copyOrZero(gates, this.cell == GRU ? this.bias : this.productsAt(row, t), width);
  }

  /** Makes gates, output and states of a row of the sums. */
  private finish(row: i32, t: i32, gates: usize, h: usize, c: usize): void {
    const units = this.units;
    const width = bytes(units);
    const at = <usize>(row * this.steps + t) * width;
    if (t >= lengthOf(this.lengths, <bool>this.floating, row, this.steps)) {
      memory.fill(gates, 0, bytes(keptOf(this.cell) * units));
      memory.fill(this.outputs + at, 0, width);
    } else {
      if (this.cell == LSTM) lstmStep(gates, units, h, c);
      else if (this.cell == GRU) gruStep(this.productsAt(row, t), gates, units, h);
      else {
        simpleStep(gates, units, this.activation, this.parameter);
        memory.copy(h, gates, width);
      }
      memory.copy(this.outputs + at, h, width);
    }
    if (this.cell == LSTM) memory.copy(this.cells + at, c, width);
  }
}
