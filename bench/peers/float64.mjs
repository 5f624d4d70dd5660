// Layers, a loss and Adam in float64, by loops that do nothing but follow the formulas.
import { ADAM, CLIP_NORM, DECAY } from "./works.mjs";

/** Adam (Kingma and Ba 2015, algorithm 1) over one array; t counts steps from 1. */
export function adam(p, g, state, t) {
  const { learningRate, beta1, beta2, epsilon } = ADAM;
  for (let i = 0; i < p.length; i++) {
    state.m[i] = beta1 * state.m[i] + (1 - beta1) * g[i];
    state.v[i] = beta2 * state.v[i] + (1 - beta2) * g[i] ** 2;
    const divisor = Math.sqrt(state.v[i] / (1 - beta2 ** t)) + epsilon;
    p[i] -= ((learningRate / (1 - beta1 ** t)) * state.m[i]) / divisor;
  }
}

export const moments = (n) => ({ m: new Float64Array(n), v: new Float64Array(n) });

/** x [rows, inputs] · w [inputs, outputs] + b. */
export function affine(x, w, b, rows) {
  const outputs = b.length;
  const inputs = w.length / outputs;
  const y = new Float64Array(rows * outputs);
  for (let i = 0; i < rows; i++) {
    const row = y.subarray(i * outputs, (i + 1) * outputs);
    row.set(b);
    for (let k = 0; k < inputs; k++) {
      const xi = x[i * inputs + k];
      for (let j = 0; j < outputs; j++) row[j] += xi * w[k * outputs + j];
    }
  }
  return y;
}

/** Gradients of x, w and b for y = x · w + b. */
export function affineGradient(x, w, dy, rows) {
  const outputs = dy.length / rows;
  const inputs = w.length / outputs;
  const dw = new Float64Array(w.length);
  const db = new Float64Array(outputs);
  const dx = new Float64Array(x.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < outputs; j++) db[j] += dy[i * outputs + j];
    for (let k = 0; k < inputs; k++) {
      const xi = x[i * inputs + k];
      let sum = 0;
      for (let j = 0; j < outputs; j++) {
        const d = dy[i * outputs + j];
        dw[k * outputs + j] += xi * d;
        sum += w[k * outputs + j] * d;
      }
      dx[i * inputs + k] = sum;
    }
  }
  return { dw, db, dx };
}

/** Gradient of what a relu made y of. */
export const reluGradient = (y, dy) => dy.map((d, i) => (y[i] > 0 ? d : 0));

/** AdamW (Loshchilov and Hutter 2019): decay first, then a step of Adam. */
export function adamW(p, g, state, t) {
  for (let i = 0; i < p.length; i++) p[i] -= ADAM.learningRate * DECAY * p[i];
  adam(p, g, state, t);
}

/** Scales gradients together, so that their norm is at most CLIP_NORM. */
export function clipNorm(gradients) {
  const squares = gradients.map((g) => g.reduce((sum, d) => sum + d * d, 0));
  const norm = Math.sqrt(squares.reduce((sum, part) => sum + part));
  const factor = Math.min(1, CLIP_NORM / norm);
  return gradients.map((g) => g.map((d) => factor * d));
}

/** Mean softmax cross-entropy, or of sigmoid where there is one output, and its gradient. */
export function crossEntropy(logits, y) {
  const rows = y.length;
  const outputs = logits.length / rows;
  const gradient = new Float64Array(logits.length);
  let loss = 0;
  for (let i = 0; i < rows; i++) {
    // The sigmoid is the softmax of the logit beside a 0.
    const own = Array.from(logits.subarray(i * outputs, (i + 1) * outputs));
    const row = outputs === 1 ? [0, ...own] : own;
    const exps = row.map(Math.exp);
    const total = exps.reduce((sum, e) => sum + e);
    loss += (Math.log(total) - row[y[i]]) / rows;
    const slopes = exps.map((e, j) => (e / total - (j === y[i] ? 1 : 0)) / rows);
    gradient.set(slopes.slice(-outputs), i * outputs);
  }
  return { loss, gradient };
}

/**
 * Calls visit(x, w, y) with the places of every product of a convolution without padding: x
 * [images, edge, edge, channels], w [3, 3, channels, filters], y [images, edge - 2, edge - 2, filters]. The
 * filters are left to the caller: w and y are those of the first.
 */
function eachProduct({ images, edge, channels, filters }, visit) {
  const side = edge - 2;
  for (let pixel = 0; pixel < images * side * side; pixel++) {
    const [column, row] = [pixel % side, Math.floor(pixel / side) % side];
    const image = Math.floor(pixel / (side * side));
    for (let tap = 0; tap < 9; tap++) {
      const [i, j] = [row + Math.floor(tap / 3), column + (tap % 3)];
      const x = ((image * edge + i) * edge + j) * channels;
      for (let c = 0; c < channels; c++) {
        visit(x + c, (tap * channels + c) * filters, pixel * filters);
      }
    }
  }
}

/** Convolution of 3x3 with bias; sizes as in eachProduct. */
export function convolution(x, w, b, sizes) {
  const { images, edge, filters } = sizes;
  const y = new Float64Array(images * (edge - 2) ** 2 * filters);
  for (let i = 0; i < y.length; i += filters) y.set(b, i);
  eachProduct(sizes, (from, tap, to) => {
    for (let f = 0; f < filters; f++) y[to + f] += x[from] * w[tap + f];
  });
  return y;
}

/** Gradients of x, w and b for y = convolution(x, w, b). */
export function convolutionGradient(x, w, dy, sizes) {
  const { filters } = sizes;
  const dw = new Float64Array(w.length);
  const db = new Float64Array(filters);
  const dx = new Float64Array(x.length);
  dy.forEach((d, i) => (db[i % filters] += d));
  eachProduct(sizes, (from, tap, to) => {
    for (let f = 0; f < filters; f++) {
      dw[tap + f] += x[from] * dy[to + f];
      dx[from] += w[tap + f] * dy[to + f];
    }
  });
  return { dw, db, dx };
}

/** The largest of each 2x2 pixels of x [images, edge, edge, channels], and the places of the first of them. */
export function maxPool(x, { images, edge, channels }) {
  const side = edge / 2;
  const places = Int32Array.from({ length: images * side * side * channels }, (_, to) => {
    const [c, pixel] = [to % channels, Math.floor(to / channels)];
    const [column, row] = [pixel % side, Math.floor(pixel / side) % side];
    const image = Math.floor(pixel / (side * side));
    const at = (i, j) => ((image * edge + 2 * row + i) * edge + 2 * column + j) * channels + c;
    const all = [at(0, 0), at(0, 1), at(1, 0), at(1, 1)];
    return all.reduce((best, place) => (x[place] > x[best] ? place : best));
  });
  return { y: Float64Array.from(places, (place) => x[place]), places };
}
