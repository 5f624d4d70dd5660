import { type Array64, at, fill } from "./array64.ts";

/** Recurrent layers in float64: all steps of each sequence, and the gradient through them. */

/** Kinds of cells, in the order of the kernels' numbers. */
export type CellName = "lstm" | "gru" | "simpleRnn";

type Numbers = ArrayLike<number>;

/** Sizes and operands of a recurrent layer, whose products with x are there already. */
export interface Recurrence {
  readonly cell: CellName;
  readonly batch: number;
  readonly steps: number;
  readonly units: number;
  readonly isReverse?: boolean;
  /** Products with x and their bias, [batch, steps, gates · units]. */
  readonly z: Numbers;
  /** Recurrent weight, [units, gates · units]. */
  readonly weight: Numbers;
  /** Bias of a GRU's recurrent products, [3 · units]. */
  readonly bias?: Numbers | undefined;
  readonly h0?: Numbers | undefined;
  readonly c0?: Numbers | undefined;
  readonly lengths?: Numbers | undefined;
  /** f of simpleRnn and its slope, from f; tanh by default. */
  readonly activation?: readonly [f: (x: number) => number, slope: (y: number) => number];
}

/** Number of gates of each kind. */
export const gatesOf = { lstm: 4, gru: 3, simpleRnn: 1 } as const;

/** Blocks of numbers that a step keeps for the gradient. */
export const keptOf = { lstm: 4, gru: 4, simpleRnn: 1 } as const;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const sigmoidSlope = (y: number): number => y * (1 - y);
const tanhSlope = (y: number): number => 1 - y * y;
const TANH = [Math.tanh, tanhSlope] as const;

/** Steps of a row in the order in which they are taken. */
function orderOf({ steps, lengths, isReverse }: Recurrence, row: number): number[] {
  const length = Math.max(0, Math.min(steps, Math.trunc(lengths?.[row] ?? steps) || 0));
  const order = Array.from({ length }, (_, t) => t);
  return isReverse ? order.reverse() : order;
}

/** Returns h times the recurrent weight. */
function multiply({ cell, units, weight }: Recurrence, h: readonly number[]): number[] {
  const columns = gatesOf[cell] * units;
  return Array.from({ length: columns }, (_, j) => {
    return h.reduce((sum, value, i) => sum + value * weight[i * columns + j]!, 0);
  });
}

function row(values: Numbers | undefined, width: number, i: number): number[] {
  return Array.from({ length: width }, (_, j) => values?.[i * width + j] ?? 0);
}

/** States of a row, and what a step keeps for the gradient. */
interface Step {
  readonly gates: readonly number[];
  readonly h: readonly number[];
  readonly c: readonly number[];
}

function step(of: Recurrence, at: number, h: readonly number[], c: readonly number[]): Step {
  const { cell, units, z, bias, activation: [f] = TANH } = of;
  const ofX = row(z, gatesOf[cell] * units, at);
  const ofH = multiply(of, h).map((sum, j) => sum + (bias?.[j] ?? 0));
  const each = (make: (j: number) => number) => Array.from({ length: units }, (_, j) => make(j));
  const sum = (gate: number, j: number): number => ofX[gate * units + j]! + ofH[gate * units + j]!;
  if (cell === "simpleRnn") {
    const next = each((j) => f(sum(0, j)));
    return { gates: next, h: next, c };
  }
  const [first, second] = [0, 1].map((gate) => each((j) => sigmoid(sum(gate, j)))) as [
    number[],
    number[],
  ];
  if (cell === "gru") {
    const product = each((j) => ofH[2 * units + j]!);
    const candidate = each((j) => Math.tanh(ofX[2 * units + j]! + second[j]! * product[j]!));
    const next = each((j) => first[j]! * h[j]! + (1 - first[j]!) * candidate[j]!);
    return { gates: [...first, ...second, ...product, ...candidate], h: next, c };
  }
  const g = each((j) => Math.tanh(sum(2, j)));
  const o = each((j) => sigmoid(sum(3, j)));
  const cells = each((j) => second[j]! * c[j]! + first[j]! * g[j]!);
  const next = each((j) => o[j]! * Math.tanh(cells[j]!));
  return { gates: [...first, ...second, ...g, ...o], h: next, c: cells };
}

/** Results of a recurrent layer, row-major as the kernels have them. */
export interface RecurrentValues {
  readonly outputs: Float64Array;
  readonly gates: Float64Array;
  readonly cells: Float64Array;
  readonly h: Float64Array;
  readonly c: Float64Array;
}

/** Computes all steps. */
export function recurrent(of: Recurrence): RecurrentValues {
  const { cell, batch, steps, units, h0, c0 } = of;
  const kept = keptOf[cell] * units;
  const all = batch * steps;
  const [outputs, cells] = [new Float64Array(all * units), new Float64Array(all * units)];
  const gates = new Float64Array(all * kept);
  const [lastH, lastC] = [new Float64Array(batch * units), new Float64Array(batch * units)];
  for (let b = 0; b < batch; b++) {
    let [h, c] = [row(h0, units, b), row(c0, units, b)];
    const order = orderOf(of, b);
    const idle = Array.from({ length: steps }, (_, t) => t).filter((t) => !order.includes(t));
    const carry = (): void => idle.forEach((t) => cells.set(c, (b * steps + t) * units));
    if (of.isReverse) carry();
    for (const t of order) {
      const at = b * steps + t;
      const next = step(of, at, h, c);
      [h, c] = [[...next.h], [...next.c]];
      outputs.set(h, at * units);
      cells.set(c, at * units);
      gates.set(next.gates, at * kept);
    }
    if (!of.isReverse) carry();
    lastH.set(h, b * units);
    lastC.set(c, b * units);
  }
  return { outputs, gates, cells, h: lastH, c: lastC };
}

/** Gradients of what a recurrent layer gives. */
export interface RecurrentUpstream {
  readonly doutputs?: Numbers | undefined;
  readonly dh?: Numbers | undefined;
  readonly dc?: Numbers | undefined;
}

/** Gradients of a recurrent layer's operands, but for the weights, which are products of these. */
export interface RecurrentGradients {
  readonly dz: Float64Array;
  readonly drecurrent: Float64Array;
  readonly before: Float64Array;
  readonly dh0: Float64Array;
  readonly dc0: Float64Array;
}

/** Returns the gradients of the sums of one step with x and with h, and dh and dc of the step before. */
function stepGrad(
  of: Recurrence,
  gates: readonly number[],
  before: { readonly h: readonly number[]; readonly c: readonly number[] },
  c: readonly number[],
  dh: readonly number[],
  dc: readonly number[],
) {
  const { cell, units, activation: [, slope] = TANH } = of;
  const gate = (i: number, j: number): number => gates[i * units + j]!;
  const each = (make: (j: number) => number) => dh.map((_, j) => make(j));
  if (cell === "simpleRnn") {
    const dz = each((j) => dh[j]! * slope(gates[j]!));
    return { dz, drecurrent: dz, dh: each(() => 0), dc };
  }
  if (cell === "gru") {
    const sum = each((j) => dh[j]! * (1 - gate(0, j)) * tanhSlope(gate(3, j)));
    const dz = each((j) => dh[j]! * (before.h[j]! - gate(3, j)) * sigmoidSlope(gate(0, j)));
    const dr = each((j) => sum[j]! * gate(2, j) * sigmoidSlope(gate(1, j)));
    return {
      dz: [...dz, ...dr, ...sum],
      drecurrent: [...dz, ...dr, ...each((j) => sum[j]! * gate(1, j))],
      dh: each((j) => dh[j]! * gate(0, j)),
      dc,
    };
  }
  const total = each((j) => dc[j]! + dh[j]! * gate(3, j) * tanhSlope(Math.tanh(c[j]!)));
  const dz = [
    ...each((j) => total[j]! * gate(2, j) * sigmoidSlope(gate(0, j))),
    ...each((j) => total[j]! * before.c[j]! * sigmoidSlope(gate(1, j))),
    ...each((j) => total[j]! * gate(0, j) * tanhSlope(gate(2, j))),
    ...each((j) => dh[j]! * Math.tanh(c[j]!) * sigmoidSlope(gate(3, j))),
  ];
  return { dz, drecurrent: dz, dh: each(() => 0), dc: each((j) => total[j]! * gate(1, j)) };
}

/** Computes the gradient through all steps, from what the forward pass gave. */
export function recurrentGrad(
  of: Recurrence,
  { outputs, gates, cells }: Pick<RecurrentValues, "outputs" | "gates" | "cells">,
  { doutputs, dh, dc }: RecurrentUpstream,
): RecurrentGradients {
  const { cell, batch, steps, units, weight, h0, c0 } = of;
  const [columns, kept] = [gatesOf[cell] * units, keptOf[cell] * units];
  const [dz, drecurrent] = [0, 1].map(() => new Float64Array(batch * steps * columns)) as [
    Float64Array,
    Float64Array,
  ];
  const before = new Float64Array(batch * steps * units);
  const [dh0, dc0] = [new Float64Array(batch * units), new Float64Array(batch * units)];
  for (let b = 0; b < batch; b++) {
    let [dhRow, dcRow] = [row(dh, units, b), row(dc, units, b)];
    const order = orderOf(of, b);
    for (let i = order.length - 1; i >= 0; i--) {
      const at = b * steps + order[i]!;
      const old = b * steps + order[i - 1]!;
      const h = i > 0 ? row(outputs, units, old) : row(h0, units, b);
      const c = i > 0 ? row(cells, units, old) : row(c0, units, b);
      before.set(h, at * units);
      dhRow = dhRow.map((value, j) => value + (doutputs?.[at * units + j] ?? 0));
      const now = row(cells, units, at);
      const grads = stepGrad(of, row(gates, kept, at), { h, c }, now, dhRow, dcRow);
      dz.set(grads.dz, at * columns);
      drecurrent.set(grads.drecurrent, at * columns);
      dhRow = grads.dh.map((value, j) => {
        return grads.drecurrent.reduce((sum, d, k) => sum + d * weight[j * columns + k]!, value);
      });
      dcRow = [...grads.dc];
    }
    dh0.set(dhRow, b * units);
    dc0.set(dcRow, b * units);
  }
  return { dz, drecurrent, before, dh0, dc0 };
}

/** Options of the ops, with lengths as numbers, and a factor of both weights. */
interface FormulaOptions {
  readonly lengths?: readonly number[];
  readonly reverse?: boolean;
  readonly scale?: number;
}

/**
 * Returns the formula of an op: of x [batch, steps, features], weight, recurrent weight, bias, h0 and c0 it
 * gives outputs, h, and c of an LSTM, one after another.
 */
function formulaOf(cell: CellName) {
  return (inputs: readonly Array64[], options: FormulaOptions = {}): Array64 => {
    const { lengths, reverse = false, scale = 1 } = options;
    const [x, weight, recurrentWeight, bias, h0, c0] = inputs as [
      Array64,
      Array64,
      Array64,
      Array64?,
      Array64?,
      Array64?,
    ];
    const [batch, steps] = x.shape as [number, number];
    const units = recurrentWeight.shape[0]!;
    const columns = gatesOf[cell] * units;
    const z = fill([batch, steps, columns], ([b, t, j]) => {
      let sum = bias?.data[j!] ?? 0;
      for (let i = 0; i < x.shape[2]!; i++) {
        sum += at(x, [b!, t!, i]) * scale * at(weight, [i, j!]);
      }
      return sum;
    });
    const { outputs, h, c } = recurrent({
      ...{ cell, batch, steps, units, isReverse: reverse, z: z.data },
      weight: recurrentWeight.data.map((value) => scale * value),
      bias: cell === "gru" ? bias?.data.subarray(columns) : undefined,
      ...{ h0: h0?.data, c0: c0?.data, lengths },
    });
    const data = Float64Array.of(...outputs, ...h, ...(cell === "lstm" ? c : []));
    return { shape: [data.length], data };
  };
}

/** The formulas of the ops. */
export const recurrentFormulas = {
  lstm: formulaOf("lstm"),
  gru: formulaOf("gru"),
  simpleRnn: formulaOf("simpleRnn"),
};
