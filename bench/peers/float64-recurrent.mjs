// Loss and gradients of the recurrent networks in float64, element by element.
import { affine, affineGradient, crossEntropy } from "./float64.mjs";
import { GATES } from "./works.mjs";

const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const slope = (y) => y * (1 - y);

/** An LSTM's gates i, f, g and o, from the sums of a unit with x (z) and with h (r). */
function lstmGates(z, r) {
  const [i, f, , o] = z.map((value, k) => sigmoid(value + r[k]));
  return { i, f, g: Math.tanh(z[2] + r[2]), o };
}

/** A GRU's gates z (here u), r (here reset) and h̃ (here n). */
function gruGates(z, r) {
  const [u, reset] = [0, 1].map((k) => sigmoid(z[k] + r[k]));
  return { u, reset, n: Math.tanh(z[2] + reset * r[2]) };
}

/**
 * A step of one unit: `next` gives its states; `gradient` takes those of the states behind it, and gives those of
 * both sums and of the states before, without what the product with h leads there.
 */
const cells = {
  lstm: {
    next(z, r, h, c) {
      const { i, f, g, o } = lstmGates(z, r);
      const memory = f * c + i * g;
      return { h: o * Math.tanh(memory), c: memory };
    },
    gradient(z, r, h, c, dh, dc) {
      const { i, f, g, o } = lstmGates(z, r);
      const t = Math.tanh(f * c + i * g);
      const d = dc + dh * o * (1 - t * t);
      const dz = [d * g * slope(i), d * c * slope(f), d * i * (1 - g * g), dh * t * slope(o)];
      return { dz, dr: dz, dh: 0, dc: d * f };
    },
  },
  gru: {
    next(z, r, h) {
      const { u, n } = gruGates(z, r);
      return { h: u * h + (1 - u) * n, c: 0 };
    },
    gradient(z, r, h, c, dh) {
      const { u, reset, n } = gruGates(z, r);
      const dn = dh * (1 - u) * (1 - n * n);
      const du = dh * (h - n) * slope(u);
      const dreset = dn * r[2] * slope(reset);
      return { dz: [du, dreset, dn], dr: [du, dreset, dn * reset], dh: dh * u, dc: 0 };
    },
  },
};

/**
 * The steps of all sequences.
 * @returns the last h, and what each step began with: sums with x and with h, h and c
 */
function run({ cell, batch, steps, units }, [w, u, bias], x) {
  const gates = GATES[cell];
  const columns = gates * units;
  // The second bias of a GRU goes with h.
  const ofH = cell === "gru" ? bias.subarray(columns) : new Float64Array(columns);
  const all = affine(x, w, bias.subarray(0, columns), batch * steps);
  let [h, c] = [new Float64Array(batch * units), new Float64Array(batch * units)];
  const kept = Array.from({ length: steps }, (_, t) => {
    const step = { z: new Float64Array(batch * columns), r: affine(h, u, ofH, batch), h, c };
    for (let i = 0; i < batch; i++) {
      const from = (i * steps + t) * columns;
      step.z.set(all.subarray(from, from + columns), i * columns);
    }
    [h, c] = [h.slice(), c.slice()];
    eachUnit(step, { batch, gates, units }, (at, z, r) => {
      const next = cells[cell].next(z, r, step.h[at], step.c[at]);
      [h[at], c[at]] = [next.h, next.c];
    });
    return step;
  });
  return { h, kept };
}

/** Calls visit(at, z, r, places) for every unit of a step, with the places of its sums. */
function eachUnit({ z, r }, { batch, gates, units }, visit) {
  const columns = gates * units;
  for (let at = 0; at < batch * units; at++) {
    const [i, j] = [Math.floor(at / units), at % units];
    const places = Array.from({ length: gates }, (_, k) => i * columns + k * units + j);
    visit(
      at,
      places.map((place) => z[place]),
      places.map((place) => r[place]),
      places,
    );
  }
}

/** Gradients of the weights and the bias, from that of the last h. */
function unroll(work, [w, u], x, kept, dlast) {
  const { cell, batch, steps, units } = work;
  const gates = GATES[cell];
  const columns = gates * units;
  const all = new Float64Array(batch * steps * columns);
  const [du, dbias] = [new Float64Array(u.length), new Float64Array(columns)];
  let [dh, dc] = [dlast, new Float64Array(dlast.length)];
  for (let t = steps - 1; t >= 0; t--) {
    const dr = new Float64Array(batch * columns);
    const before = { h: dh.slice(), c: dc.slice() };
    eachUnit(kept[t], { batch, gates, units }, (at, z, r, places) => {
      const { h, c } = kept[t];
      const d = cells[cell].gradient(z, r, h[at], c[at], dh[at], dc[at]);
      [before.h[at], before.c[at]] = [d.dh, d.dc];
      const i = Math.floor(at / units);
      places.forEach((place, k) => {
        all[(i * steps + t) * columns + (place % columns)] = d.dz[k];
        dr[place] = d.dr[k];
      });
    });
    const product = affineGradient(kept[t].h, u, dr, batch);
    product.dw.forEach((d, i) => (du[i] += d));
    product.db.forEach((d, i) => (dbias[i] += d));
    dh = before.h.map((d, i) => d + product.dx[i]);
    dc = before.c;
  }
  const { dw, db } = affineGradient(x, w, all, batch * steps);
  return [dw, du, cell === "gru" ? Float64Array.of(...db, ...dbias) : db];
}

/** Loss and gradients of a recurrent layer with a dense layer behind its last state. */
export function recurrentGradients(work, values, { x, y }) {
  const [outputWeight, outputBias] = values.slice(-2);
  const { h, kept } = run(work, values, x);
  const { loss, gradient } = crossEntropy(affine(h, outputWeight, outputBias, work.batch), y);
  const gradients = () => {
    const { dw, db, dx } = affineGradient(h, outputWeight, gradient, work.batch);
    return [...unroll(work, values, x, kept, dx), dw, db];
  };
  return { loss, gradients };
}
