import { GRU, LSTM } from "../../../build/constants.ts";
import { align } from "../../memory/heap.ts";
import { type Computation, type Node, type Recorder, describe } from "../node.ts";
import { SCRATCH, float, instruction, memo, outputAt } from "../node.ts";
import { type ActivationChoice, epilogueOf } from "./activations.ts";
import { packedProduct } from "./convolution.ts";
import { MACS_PER_ELEMENT, dense, matmul } from "./matmul.ts";
import { sumTo } from "./reduce.ts";
import { reshape, slice } from "./shape.ts";

/** The steps of recurrent layers, which are one instruction, and their gradient. */

/** Traits of a kind of recurrent layer. */
export interface Cell {
  readonly op: "lstm" | "gru" | "simpleRnn";
  /** Number by which the kernels know it. */
  readonly kind: number;
  /** Blocks of `units` columns of both weights. */
  readonly gates: number;
  /** Blocks of `units` floats that a step keeps for its gradient. */
  readonly kept: number;
  readonly activation?: ActivationChoice | undefined;
}

/** Sizes and nodes of a recurrent layer over sequences. */
interface Recurrence extends Cell {
  readonly batch: number;
  readonly steps: number;
  readonly units: number;
  readonly z: Node;
  readonly recurrentWeight: Node;
  /** Bias of the recurrent products, [gates · units]. */
  readonly bias: Node | undefined;
  readonly h0: Node | undefined;
  readonly c0: Node | undefined;
  readonly lengths: Node | undefined;
  readonly isReverse: boolean;
}

/** @throws RangeError unless a node that is given has this shape */
function checkShapeOf(
  g: Recorder,
  op: string,
  name: string,
  node: Node | undefined,
  shape: readonly number[],
): void {
  if (!node || describe(node.shape) === describe(shape)) return;
  throw g.fail(op, `expected ${name} ${describe(shape)}, got ${describe(node.shape)}`);
}

/**
 * Checks the shapes of x and of both weights.
 * @returns the number of units
 */
function unitsOf(g: Recorder, { op, gates }: Cell, x: Node, weight: Node, recurrent: Node): number {
  if (x.shape.length !== 3) {
    throw g.fail(op, `expected sequences [batch, steps, features], got ${describe(x.shape)}`);
  }
  const [units = 0] = recurrent.shape;
  const columns = gates * units;
  if (units === 0 || recurrent.shape.length !== 2) {
    const expected = `a recurrent weight [units, ${gates === 1 ? "" : `${gates} · `}units]`;
    throw g.fail(op, `expected ${expected}, got ${describe(recurrent.shape)}`);
  }
  checkShapeOf(g, op, "a recurrent weight", recurrent, [units, columns]);
  checkShapeOf(g, op, "a weight", weight, [x.shape[2]!, columns]);
  return units;
}

/** Returns scratch, multiply-adds and work of all steps. */
function needs(g: Recorder, { kind, batch, steps, units, gates }: Recurrence) {
  const multiplyAdds = batch * steps * units * gates * units;
  const scratch = align(g.kernels.recurrentScratchBytes(kind, batch, units));
  return { scratch, multiplyAdds, work: multiplyAdds / MACS_PER_ELEMENT };
}

/** Appends the gradients: of z, of the recurrent products, h before each step, and of h0 and c0. */
function backward(
  g: Recorder,
  of: Recurrence,
  given: readonly Node[],
  [doutputs, dh, dc]: readonly (Node | undefined)[],
): Node[] {
  const { op, kind, batch, steps, units, gates, activation } = of;
  const need = needs(g, of);
  const [outputs, kept, , cells] = given as [Node, Node, Node, Node?];
  const isLstm = kind === LSTM;
  const isGru = kind === GRU;
  const computation: Computation = {
    op: `${op}Grad`,
    ints: of.lengths ? [of.lengths] : [],
    ...need,
    instruction: instruction("recurrentGrad", {
      cell: kind,
      batch,
      steps,
      units,
      isReverse: of.isReverse,
      packed: packedProduct(g, op, of.recurrentWeight, true),
      h0: of.h0 ?? 0,
      c0: of.c0 ?? 0,
      lengths: of.lengths ?? 0,
      floating: of.lengths?.type === "float",
      outputs,
      gates: kept,
      cells: cells ?? 0,
      doutputs: doutputs ?? 0,
      dh: dh ?? 0,
      dc: dc ?? 0,
      dz: outputAt(0),
      drecurrent: isGru ? outputAt(3) : 0,
      before: outputAt(1),
      dh0: outputAt(2),
      dc0: isLstm ? outputAt(3) : 0,
      slope: activation ? `${activation.name}Grad` : -1,
      parameter: epilogueOf(activation)?.parameter ?? float(0),
      scratch: SCRATCH,
      scratchBytes: need.scratch,
    }),
  };
  const sums = { shape: [batch, steps, gates * units] };
  const state = { shape: [batch, units] };
  return g.appendAll(computation, [
    ...[sums, { shape: [batch, steps, units] }, state],
    ...(isGru ? [sums] : isLstm ? [state] : []),
  ]);
}

/** Appends all steps; returns outputs, gates, h, and cells and c of an LSTM. */
function forward(g: Recorder, of: Recurrence): Node[] {
  const { op, kind, batch, steps, units, gates, kept, bias, h0, c0, lengths, activation } = of;
  const need = needs(g, of);
  const isLstm = kind === LSTM;
  const computation: Computation = {
    op,
    ints: lengths ? [lengths] : [],
    wholes: lengths && { node: lengths, what: "lengths", most: steps },
    ...need,
    gradientOfOutputs(g, given, [doutputs, , dh, , dc]) {
      const grads = memo(() => backward(g, of, given, [doutputs, dh, dc]));
      const factors = (): Node => grads()[kind === GRU ? 3 : 0]!;
      const rows = (node: Node, columns: number): Node =>
        reshape(g, node, [batch * steps, columns]);
      const dweight = (): Node =>
        matmul(g, rows(grads()[1]!, units), rows(factors(), gates * units), true);
      return [
        () => grads()[0]!,
        dweight,
        ...(bias ? [() => sumTo(g, factors(), [gates * units])] : []),
        ...(h0 ? [() => grads()[2]!] : []),
        ...(c0 ? [() => grads()[3]!] : []),
        ...(lengths ? [null] : []),
      ];
    },
    instruction: instruction("recurrent", {
      cell: kind,
      batch,
      steps,
      units,
      isReverse: of.isReverse,
      z: of.z,
      packed: packedProduct(g, op, of.recurrentWeight, false),
      bias: bias ?? 0,
      h0: h0 ?? 0,
      c0: c0 ?? 0,
      lengths: lengths ?? 0,
      floating: lengths?.type === "float",
      outputs: outputAt(0),
      gates: outputAt(1),
      cells: isLstm ? outputAt(3) : 0,
      h: outputAt(2),
      c: isLstm ? outputAt(4) : 0,
      activation: activation?.name ?? -1,
      parameter: epilogueOf(activation)?.parameter ?? float(0),
      scratch: SCRATCH,
      scratchBytes: need.scratch,
    }),
  };
  const every = { shape: [batch, steps, units] };
  const state = { shape: [batch, units] };
  return g.appendAll(computation, [
    ...[every, { shape: [batch, steps, kept * units] }, state],
    ...(isLstm ? [every, state] : []),
  ]);
}

/** Options of any recurrent op. */
interface Options {
  readonly h0?: Node;
  readonly c0?: Node;
  readonly lengths?: Node;
  readonly reverse?: boolean;
}

/** Appends a recurrent layer; returns outputs, gates, h, and cells and c of an LSTM. */
export function record(
  g: Recorder,
  cell: Cell,
  x: Node,
  weight: Node,
  recurrentWeight: Node,
  bias: Node | undefined,
  { h0, c0, lengths, reverse = false }: Options,
): Node[] {
  const { op, gates } = cell;
  const units = unitsOf(g, cell, x, weight, recurrentWeight);
  const columns = gates * units;
  const [batch, steps] = x.shape as [number, number, number];
  // A GRU has a bias of its own for the products with h, because r acts on one of them.
  const isDouble = cell.kind === GRU;
  checkShapeOf(g, op, "a bias", bias, isDouble ? [2, columns] : [columns]);
  checkShapeOf(g, op, "h0", h0, [batch, units]);
  checkShapeOf(g, op, "c0", c0, [batch, units]);
  checkShapeOf(g, op, "lengths", lengths, [batch]);
  const row = (all: Node, i: number): Node => reshape(g, slice(g, all, [i], [i + 1]), [columns]);
  const z = dense(g, x, weight, bias && isDouble ? row(bias, 0) : bias);
  const ofH = bias && isDouble ? row(bias, 1) : undefined;
  const sizes = { batch, steps, units, z, recurrentWeight, bias: ofH };
  return forward(g, { ...cell, ...sizes, h0, c0, lengths, isReverse: reverse });
}
