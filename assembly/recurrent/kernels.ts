import { TANH } from "./cells";
import { Recurrent } from "./recurrent";
import { RecurrentGrad } from "./recurrent-grad";
import { WORDS, scratchBytesOf } from "./scratch";

/**
 * Recurrent layers over whole sequences. The products with x, z, are made before, all steps in one; the
 * products with h are made here, step by step.
 *
 * A cell is LSTM, GRU or SIMPLE. With σ for sigmoid, ∘ for element by element, U for the recurrent weight,
 * and the parts of z, U and a GRU's bias b in the order of the gates:
 *
 * - LSTM (Gers and others 2000), gates i, f, g, o: i, f, o = σ(z + h·U), g = tanh(z + h·U);
 *   c = f∘c + i∘g; h = o∘tanh(c);
 * - GRU with its reset gate after the product (as cuDNN has it), gates z, r, h̃: z, r = σ(z + h·U + b),
 *   h̃ = tanh(z + r∘(h·U + b)); h = z∘h + (1 - z)∘h̃;
 * - SIMPLE: h = tanh(z + h·U).
 *
 * @section Recurrent layers
 * @param cell 0 for LSTM, 1 for GRU, 2 for SIMPLE
 * @param h0 reads f32[batch, units]; none if 0; h before the first step, zeros by default
 * @param c0 reads f32[batch, units]; none if 0; c of an LSTM before the first step
 * @param lengths reads i32[batch], or f32[batch] where floating; none if 0; the length of each sequence, all
 *   steps by default. Steps past it give 0 and leave the state. One below 0 is taken as 0, one past steps as
 *   steps, and the part after the point of a float does not count
 * @param floating whether lengths are float32
 * @param batch sequences
 * @param steps steps of each
 * @param units floats of a state
 * @param isReverse whether sequences are read from their last step to their first
 * @param scratch scratch of recurrentScratchBytes bytes
 */

/**
 * Bytes of scratch that a thread needs for a recurrent layer or its gradient.
 * @kernel
 */
export function recurrentScratchBytes(cell: i32, batch: i32, units: i32): usize {
  return scratchBytesOf(cell, batch, units);
}

/**
 * The states of a recurrent layer after every step.
 * @kernel
 * @param z reads f32[batch, steps, gates, units], with 4 gates of an LSTM, 3 of a GRU, 1 of SIMPLE; the
 *   products of x with the weight, and their bias
 * @param packed reads U as conv2dPack packs a kernel of one row and one column, f32[units, gates · units]
 * @param bias reads f32[3, units]; none if 0; b of a GRU
 * @param outputs writes f32[batch, steps, units]; h of every step
 * @param gates writes f32[batch, steps, kept, units]; for the gradient: the gates, for a GRU h·U + b of h̃
 *   before h̃; kept is 4, 1 for SIMPLE
 * @param cells writes f32[batch, steps, units]; none if 0; c of an LSTM of every step, which it needs
 * @param h writes f32[batch, units]; h after the last step
 * @param c writes f32[batch, units]; none if 0; c of an LSTM, which it needs
 */
export function recurrent(
  cell: i32,
  batch: i32,
  steps: i32,
  units: i32,
  isReverse: bool,
  z: usize,
  packed: usize,
  bias: usize,
  h0: usize,
  c0: usize,
  lengths: usize,
  floating: bool,
  outputs: usize,
  gates: usize,
  cells: usize,
  h: usize,
  c: usize,
  scratch: usize,
): void {
  const words = changetype<Recurrent>(scratch);
  words.cell = cell;
  words.batch = batch;
  words.steps = steps;
  words.units = units;
  words.isReverse = isReverse;
  words.z = z;
  words.packed = packed;
  words.bias = bias;
  words.h0 = h0;
  words.c0 = c0;
  words.lengths = lengths;
  words.floating = floating;
  words.outputs = outputs;
  words.gates = gates;
  words.cells = cells;
  words.h = h;
  words.c = c;
  words.activation = TANH;
  words.parameter = 0;
  words.scratch = scratch + WORDS;
  words.scratchBytes = 0;
  words.run(0, 1);
}

/**
 * Gradient of a recurrent layer through all its steps: of the products with x and with h. Those of the
 * weights are products over all steps: dU = Σ before · drecurrent, of a GRU, or before · dz, and so on.
 * @kernel
 * @param packed reads U as conv2dPack packs a kernel of one row and one column for the gradient
 * @param outputs reads f32[batch, steps, units]; as recurrent gave them
 * @param gates reads f32[batch, steps, kept, units]; likewise
 * @param cells reads f32[batch, steps, units]; none if 0; likewise
 * @param doutputs reads f32[batch, steps, units]; none if 0; the gradient of outputs
 * @param dh reads f32[batch, units]; none if 0; that of h after the last step
 * @param dc reads f32[batch, units]; none if 0; that of c
 * @param dz writes f32[batch, steps, gates, units]; the gradient of z; 0 past a sequence's length
 * @param drecurrent writes f32[batch, steps, 3, units]; none if 0; the gradient of h·U + b of a GRU, which
 *   it needs
 * @param before writes f32[batch, steps, units]; h before each step; 0 past a sequence's length
 * @param dh0 writes f32[batch, units]; the gradient of h0
 * @param dc0 writes f32[batch, units]; none if 0; that of c0 of an LSTM, which it needs
 */
export function recurrentGrad(
  cell: i32,
  batch: i32,
  steps: i32,
  units: i32,
  isReverse: bool,
  packed: usize,
  h0: usize,
  c0: usize,
  lengths: usize,
  floating: bool,
  outputs: usize,
  gates: usize,
  cells: usize,
  doutputs: usize,
  dh: usize,
  dc: usize,
  dz: usize,
  drecurrent: usize,
  before: usize,
  dh0: usize,
  dc0: usize,
  scratch: usize,
): void {
  const words = changetype<RecurrentGrad>(scratch);
  words.cell = cell;
  words.batch = batch;
  words.steps = steps;
  words.units = units;
  words.isReverse = isReverse;
  words.packed = packed;
  words.h0 = h0;
  words.c0 = c0;
  words.lengths = lengths;
  words.floating = floating;
  words.outputs = outputs;
  words.gates = gates;
  words.cells = cells;
  words.doutputs = doutputs;
  words.dh = dh;
  words.dc = dc;
  words.dz = dz;
  words.drecurrent = drecurrent;
  words.before = before;
  words.dh0 = dh0;
  words.dc0 = dc0;
  words.slope = TANH;
  words.parameter = 0;
  words.scratch = scratch + WORDS;
  words.scratchBytes = 0;
  words.run(0, 1);
}
