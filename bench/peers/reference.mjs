// Plain float64 formulas of the works: what every peer's result is held against.
import { ADAM, inputs, spread } from "./works.mjs";

/** erf by its power series, which float64 can sum to 1e-12 for the arguments here, |x| < 3. */
function erf(x) {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const functions = {
  exp: Math.exp,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  gelu: (x) => (x / 2) * (1 + erf(x / Math.SQRT2)),
};

/** Adam (Kingma and Ba 2015, algorithm 1) over one array; t counts steps from 1. */
function adam(p, g, state, t) {
  const { learningRate, beta1, beta2, epsilon } = ADAM;
  for (let i = 0; i < p.length; i++) {
    state.m[i] = beta1 * state.m[i] + (1 - beta1) * g[i];
    state.v[i] = beta2 * state.v[i] + (1 - beta2) * g[i] ** 2;
    const divisor = Math.sqrt(state.v[i] / (1 - beta2 ** t)) + epsilon;
    p[i] -= ((learningRate / (1 - beta1 ** t)) * state.m[i]) / divisor;
  }
}

const moments = (n) => ({ m: new Float64Array(n), v: new Float64Array(n) });

/** x [rows, inputs] · w [inputs, outputs] + b. */
function affine(x, w, b, rows) {
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

/** Gradients of w and b, and of x where x > 0 (it came out of a relu), for y = x · w + b. */
function affineGradient(x, w, dy, rows) {
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
      dx[i * inputs + k] = xi > 0 ? sum : 0;
    }
  }
  return { dw, db, dx };
}

/** Mean softmax cross-entropy, or of sigmoid where there is one output, and its gradient. */
function crossEntropy(logits, y) {
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

/** The losses of the first steps of a network. */
function losses(work, { parameters, x, y }) {
  const values = parameters.map(({ data }) => Float64Array.from(data));
  const states = values.map(({ length }) => moments(length));
  return Array.from({ length: work.calls }, (_, step) => {
    const layers = values.length / 2;
    const activations = [x];
    for (let l = 0; l < layers; l++) {
      const z = affine(activations[l], values[2 * l], values[2 * l + 1], y.length);
      activations.push(l < layers - 1 ? z.map((value) => Math.max(value, 0)) : z);
    }
    const { loss, gradient } = crossEntropy(activations[layers], y);
    if (step === work.calls - 1) return loss;
    for (let l = layers - 1, dy = gradient; l >= 0; l--) {
      const { dw, db, dx } = affineGradient(activations[l], values[2 * l], dy, y.length);
      adam(values[2 * l], dw, states[2 * l], step + 1);
      adam(values[2 * l + 1], db, states[2 * l + 1], step + 1);
      dy = dx;
    }
    return loss;
  });
}

const kinds = {
  sgemm({ m, n, k }, { a, b }) {
    return spread(m * n).map((at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      let sum = 0;
      for (let l = 0; l < k; l++) sum += a[i * k + l] * b[l * n + j];
      return sum;
    });
  },
  map(work, { x }) {
    return spread(x.length).map((at) => functions[work.function](x[at]));
  },
  step: losses,
  adam(work, { p, g }) {
    const indices = spread(p.length);
    const [chosen, slopes] = [p, g].map((all) => indices.map((at) => all[at]));
    const state = moments(chosen.length);
    return Array.from({ length: work.calls }, (_, t) => {
      adam(chosen, slopes, state, t + 1);
      return chosen.slice();
    }).flat();
  },
  copy(work, { x }) {
    return spread(x.length).map((at) => x[at]);
  },
};

/** Returns the values that the checked calls of a work have to give, in order. */
export function expected(work) {
  return kinds[work.kind](work, inputs[work.kind](work));
}

/** Far above what float32 loses here, far below what a call that did not run would leave. */
const TOLERANCE = 1e-4;

/**
 * Throws unless the values of the checked calls are the formula's, or, for a peer with an algorithm
 * of its own, unless the error it reports falls.
 */
export function check(wanted, values, own) {
  if (own) {
    if (values.at(-1) < values[0]) return;
    throw new RangeError(`expected an error that falls, got ${values.join(", ")}`);
  }
  if (values.length !== wanted.length) {
    throw new RangeError(`expected ${wanted.length} values, got ${values.length}`);
  }
  wanted.forEach((want, i) => {
    if (Math.abs(values[i] - want) <= TOLERANCE * Math.max(1, Math.abs(want))) return;
    throw new RangeError(`expected value ${i} to be ${want}, got ${values[i]}`);
  });
}
