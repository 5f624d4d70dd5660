// Plain float64 formulas of the works: what every peer's result is held against.
import { adam, adamW, affine, affineGradient, clipNorm, convolution } from "./float64.mjs";
import { convolutionGradient, crossEntropy, maxPool, moments, reluGradient } from "./float64.mjs";
import { erf, gptGradients } from "./float64-gpt.mjs";
import { recurrentGradients } from "./float64-recurrent.mjs";
import { inputs, spread } from "./works.mjs";

const functions = {
  exp: Math.exp,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  gelu: (x) => (x / 2) * (1 + erf(x / Math.SQRT2)),
};

/**
 * The losses of the first steps of a network.
 * @param gradientsOf (work, values, data) => the loss, and a function that gives the parameters' gradients
 * @param step of the optimizer, for all arrays
 */
function losses(gradientsOf, step, work, data) {
  const values = data.parameters.map(({ data: from }) => Float64Array.from(from));
  const states = values.map(({ length }) => moments(length));
  return Array.from({ length: work.calls }, (_, t) => {
    const { loss, gradients } = gradientsOf(work, values, data);
    if (t < work.calls - 1) step(values, gradients(), states, t + 1);
    return loss;
  });
}

const byAdam = (values, gradients, states, t) =>
  values.forEach((value, i) => adam(value, gradients[i], states[i], t));

const byClippedAdamW = (values, gradients, states, t) => {
  const clipped = clipNorm(gradients);
  values.forEach((value, i) => adamW(value, clipped[i], states[i], t));
};

/** Loss and gradients of dense layers with relu between them. */
function multilayer(work, values, { x, y }) {
  const layers = values.length / 2;
  const activations = [x];
  for (let l = 0; l < layers; l++) {
    const z = affine(activations[l], values[2 * l], values[2 * l + 1], y.length);
    activations.push(l < layers - 1 ? z.map((value) => Math.max(value, 0)) : z);
  }
  const { loss, gradient } = crossEntropy(activations[layers], y);
  const gradients = () => {
    const all = [];
    for (let l = layers - 1, dy = gradient; l >= 0; l--) {
      const { dw, db, dx } = affineGradient(activations[l], values[2 * l], dy, y.length);
      all.unshift(dw, db);
      dy = reluGradient(activations[l], dx);
    }
    return all;
  };
  return { loss, gradients };
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
  const hidden = affineGradient(pool.y, values[4], reluGradient(y3, last.dx), images);
  const dpool = new Float64Array(y2.length);
  pool.places.forEach((place, i) => (dpool[place] = hidden.dx[i]));
  const conv2 = convolutionGradient(y1, values[2], reluGradient(y2, dpool), second);
  const conv1 = convolutionGradient(x, values[0], reluGradient(y1, conv2.dx), first);
  return [conv1, conv2, hidden, last].flatMap(({ dw, db }) => [dw, db]);
}

/** Loss and gradients of that network. */
function convnet({ batch }, values, { x, y }) {
  const activations = forward(values, x, batch);
  const { loss, gradient } = crossEntropy(activations.logits, y);
  return { loss, gradients: () => backward(values, x, batch, activations, gradient) };
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
  step: (...of) => losses(multilayer, byAdam, ...of),
  convnet: (...of) => losses(convnet, byAdam, ...of),
  recurrent: (...of) => losses(recurrentGradients, byAdam, ...of),
  gpt: (...of) => losses(gptGradients, byClippedAdamW, ...of),
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
