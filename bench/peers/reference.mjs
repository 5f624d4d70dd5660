// Plain float64 formulas of the works: what every peer's result is held against.
import { adam, affine, affineGradient, convolution, convolutionGradient } from "./float64.mjs";
import { crossEntropy, maxPool, moments } from "./float64.mjs";
import { inputs, spread } from "./works.mjs";

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

/** Activations of the convolutional network of works.mjs, from the images to the logits. */
function forward(values, x, images) {
  const relu = (z) => z.map((value) => Math.max(value, 0));
  const [w1, b1, w2, b2, w3, b3, w4, b4] = values;
  const first = { images, edge: 28, channels: 1, filters: 32 };
  const second = { images, edge: 26, channels: 32, filters: 64 };
  const y1 = relu(convolution(x, w1, b1, first));
  const y2 = relu(convolution(y1, w2, b2, second));
  const pool = maxPool(y2, { images, edge: 24, channels: 64 });
  const y3 = relu(affine(pool.y, w3, b3, images));
  return { first, second, y1, y2, pool, y3, logits: affine(y3, w4, b4, images) };
}

/** Gradients of the parameters of that network. */
function backward(values, x, images, { first, second, y1, y2, pool, y3 }, gradient) {
  const last = affineGradient(y3, values[6], gradient, images);
  const hidden = affineGradient(pool.y, values[4], last.dx, images);
  const dy2 = new Float64Array(y2.length);
  // A pixel that is 0 came out of a relu, whose slope there is 0: affineGradient has masked it.
  pool.places.forEach((place, i) => (dy2[place] = hidden.dx[i]));
  const conv2 = convolutionGradient(y1, values[2], dy2, second);
  const conv1 = convolutionGradient(x, values[0], conv2.dx, first);
  return [conv1, conv2, hidden, last].flatMap(({ dw, db }) => [dw, db]);
}

/** The losses of the first steps of the convolutional network. */
function convolutionalLosses({ batch, calls }, { parameters, x, y }) {
  const values = parameters.map(({ data }) => Float64Array.from(data));
  const states = values.map(({ length }) => moments(length));
  return Array.from({ length: calls }, (_, step) => {
    const activations = forward(values, x, batch);
    const { loss, gradient } = crossEntropy(activations.logits, y);
    if (step < calls - 1) {
      const gradients = backward(values, x, batch, activations, gradient);
      values.forEach((value, i) => adam(value, gradients[i], states[i], step + 1));
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
  convnet: convolutionalLosses,
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
