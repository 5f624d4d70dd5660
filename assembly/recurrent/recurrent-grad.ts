import { chunkStart, ownScratch } from "../chunks";
import { addRow } from "../loops/rows";
import { bytes } from "../simd";
import { Flag, Slope } from "../words";
import { GRU, LSTM, gruStepGrad, keptOf, lstmStepGrad, productsOf, simpleStepGrad } from "./cells";
import { copyOrZero, lengthOf, rowOf } from "./recurrent";
import { Product, productBytes } from "./rows";

/** @section Recurrent layers */

/**
 * Gradient of a recurrent layer through all its steps, the last first. What it gives for the products of each
 * step are the factors of the weights' gradients, one product each over all steps. Chunks are cut along
 * the batch.
 * @instruction recurrentGrad
 */
@unmanaged
export class RecurrentGrad {
  /** LSTM, GRU or SIMPLE. */
  cell: i32;
  batch: i32;
  steps: i32;
  /** Floats of a state. */
  units: i32;
  /** True if sequences were read from their last step to their first. */
  isReverse: Flag;
  /** The recurrent weight, as packConv2d packs a kernel of one row and column for the gradient. */
  packed: usize;
  /** h before the first step, f32[batch, units]; none if 0, for zeros. */
  h0: usize;
  /** c of an LSTM likewise; none if 0. */
  c0: usize;
  /** Length of each sequence, i32[batch] or f32[batch]; none if 0, for all steps. */
  lengths: usize;
  /** True if lengths are floats. */
  floating: Flag;
  /** Results of the forward pass. */
  outputs: usize;
  gates: usize;
  /** c of every step of an LSTM; none if 0. */
  cells: usize;
  /** Gradient of outputs; none if 0. */
  doutputs: usize;
  /** Gradient of h after the last step; none if 0. */
  dh: usize;
  /** Gradient of c; none if 0. */
  dc: usize;
  /** Gradient of the products with x, as z; 0 past a sequence's length. */
  dz: usize;
  /** The same of a GRU's recurrent products; none if 0. */
  drecurrent: usize;
  /** h before every step, f32[batch, steps, units]; 0 past a sequence's length. */
  before: usize;
  /** Gradient of h0, f32[batch, units]. */
  dh0: usize;
  /** Gradient of c0 of an LSTM; none if 0. */
  dc0: usize;
  /** f' of SIMPLE, from h, of the instruction mapGrad. */
  slope: Slope;
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
    const product = changetype<Product>(scratch);
    const dh = scratch + productBytes(columns);
    const dc = dh + <usize>rows * width;
    const room = dc + <usize>rows * width;
    product.setSizes(columns, units);
    for (let r = 0; r < rows; r++) {
      copyOrZero(dh + <usize>r * width, rowOf(this.dh, first + r, width), width);
      copyOrZero(dc + <usize>r * width, rowOf(this.dc, first + r, width), width);
    }
    const factors = this.cell == GRU ? this.drecurrent : this.dz;
    const sequence = <usize>this.steps * bytes(columns);
    for (let step = this.steps - 1; step >= 0; step--) {
      const t = this.isReverse ? this.steps - 1 - step : step;
      for (let r = 0; r < rows; r++) {
        this.step(first + r, t, dh + <usize>r * width, dc + <usize>r * width, room);
      }
      const source = factors + <usize>first * sequence + <usize>t * bytes(columns);
      product.add(source, sequence, dh, width, rows, columns, this.packed);
    }
    memory.copy(this.dh0 + <usize>first * width, dh, <usize>rows * width);
    if (this.cell == LSTM) memory.copy(this.dc0 + <usize>first * width, dc, <usize>rows * width);
  }

  /** Computes the gradients of a row's sums; dh becomes what reaches the step before without the weight. */
  private step(row: i32, t: i32, dh: usize, dc: usize, room: usize): void {
    const units = this.units;
    const width = bytes(units);
    const index = row * this.steps + t;
    const sums = bytes(productsOf(this.cell) * units);
    const at = <usize>index * width;
    const dz = this.dz + <usize>index * sums;
    const before = this.before + at;
    const length = lengthOf(this.lengths, <bool>this.floating, row, this.steps);
    if (t >= length) {
      memory.fill(dz, 0, sums);
      if (this.cell == GRU) memory.fill(this.drecurrent + <usize>index * sums, 0, sums);
      memory.fill(before, 0, width);
      return;
    }
    const isFirst = t == (this.isReverse ? length - 1 : 0);
    const previous = this.isReverse ? at + width : at - width;
    copyOrZero(before, isFirst ? rowOf(this.h0, row, width) : this.outputs + previous, width);
    if (this.doutputs) addRow(this.doutputs + at, dh, units);
    const gates = this.gates + <usize>index * bytes(keptOf(this.cell) * units);
    if (this.cell == LSTM) {
      // The room is for two rows: tanh(c), and zeros for c where nothing came before.
      let old = isFirst ? rowOf(this.c0, row, width) : this.cells + previous;
      if (!old) {
        old = room + width;
        memory.fill(old, 0, width);
      }
      lstmStepGrad(gates, units, this.cells + at, old, room, dh, dc, dz);
    } else if (this.cell == GRU) {
      gruStepGrad(gates, units, before, dh, dz, this.drecurrent + <usize>index * sums);
    } else simpleStepGrad(gates, units, this.slope, this.parameter, dh, dz);
  }
}
