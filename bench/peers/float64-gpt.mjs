// Loss and gradients of the GPT in float64. Each op puts a function on a tape that adds its gradients.
import { affine, affineGradient, crossEntropy } from "./float64.mjs";

/** Term that keeps the divisor of layer normalisation from 0, as in PyTorch. */
const EPSILON = 1e-5;

/** erf by its power series, which float64 can sum to 1e-12 for the arguments here, |x| < 3. */
export function erf(x) {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const node = (value) => ({ value, gradient: new Float64Array(value.length) });

function accumulate({ gradient }, amounts) {
  for (let i = 0; i < amounts.length; i++) gradient[i] += amounts[i];
}

/** Records y, whose gradient `backward` takes. */
function record(tape, value, backward) {
  const y = node(value);
  tape.push(() => backward(y.gradient));
  return y;
}

function add(tape, a, b) {
  const sum = a.value.map((value, i) => value + b.value[i]);
  return record(tape, sum, (dy) => {
    accumulate(a, dy);
    accumulate(b, dy);
  });
}

/** x [rows, inputs] · w [inputs, outputs] + b. */
function dense(tape, x, [w, b], rows) {
  return record(tape, affine(x.value, w.value, b.value, rows), (dy) => {
    const { dx, dw, db } = affineGradient(x.value, w.value, dy, rows);
    accumulate(x, dx);
    accumulate(w, dw);
    accumulate(b, db);
  });
}

/** x · Φ(x) with the normal distribution Φ (Hendrycks and Gimpel 2016). */
function gelu(tape, x) {
  const below = x.value.map((z) => (1 + erf(z / Math.SQRT2)) / 2);
  const y = x.value.map((z, i) => z * below[i]);
  return record(tape, y, (dy) => {
    const density = (z) => Math.exp(-(z * z) / 2) / Math.sqrt(2 * Math.PI);
    accumulate(
      x,
      x.value.map((z, i) => dy[i] * (below[i] + z * density(z))),
    );
  });
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Layer normalisation (Ba and others 2016) of rows as long as the weight. */
function layerNorm(tape, x, [weight, bias]) {
  const width = weight.value.length;
  const rows = Array.from({ length: x.value.length / width }, (_, i) => {
    const row = x.value.subarray(i * width, (i + 1) * width);
    const centre = mean(row);
    const scale = 1 / Math.sqrt(mean(row.map((value) => (value - centre) ** 2)) + EPSILON);
    return { scale, unit: row.map((value) => (value - centre) * scale) };
  });
  const y = new Float64Array(x.value.length);
  rows.forEach(({ unit }, i) => {
    y.set(
      unit.map((value, j) => value * weight.value[j] + bias.value[j]),
      i * width,
    );
  });
  return record(tape, y, (dy) => {
    rows.forEach(({ scale, unit }, i) => {
      const d = dy.subarray(i * width, (i + 1) * width);
      accumulate(bias, d);
      accumulate(
        weight,
        d.map((value, j) => value * unit[j]),
      );
      const slopes = d.map((value, j) => value * weight.value[j]);
      const [shift, turn] = [mean(slopes), mean(slopes.map((value, j) => value * unit[j]))];
      for (let j = 0; j < width; j++) {
        x.gradient[i * width + j] += scale * (slopes[j] - shift - unit[j] * turn);
      }
    });
  });
}

const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

function addTimes(target, factor, values) {
  for (let i = 0; i < values.length; i++) target[i] += factor * values[i];
}

/** Softmax of the scores of query i with the keys up to its own. */
function weightsOf(q, keys, i, scale) {
  const scores = keys.slice(0, i + 1).map((k) => scale * dot(q, k));
  const exps = scores.map((score) => Math.exp(score - Math.max(...scores)));
  const total = exps.reduce((sum, e) => sum + e);
  return exps.map((e) => e / total);
}

/** Causal attention of heads; a row of x has queries, keys and values of all heads behind each other. */
function attention(tape, x, { batch, heads, width, time }) {
  const depth = width / heads;
  const scale = 1 / Math.sqrt(depth);
  const y = new Float64Array(batch * time * width);
  const rowsOf = (array, columns, at, from) =>
    Array.from({ length: time }, (_, i) => {
      const start = (at * time + i) * columns + from;
      return array.subarray(start, start + depth);
    });
  const all = Array.from({ length: batch * heads }, (_, part) => {
    const [at, from] = [Math.floor(part / heads), (part % heads) * depth];
    const thirds = (array) => [0, 1, 2].map((k) => rowsOf(array, 3 * width, at, k * width + from));
    const [q, k, v] = thirds(x.value);
    const weights = q.map((row, i) => weightsOf(row, k, i, scale));
    const results = rowsOf(y, width, at, from);
    weights.forEach((row, i) => row.forEach((p, j) => addTimes(results[i], p, v[j])));
    return { at, from, q, k, v, weights, gradients: thirds(x.gradient) };
  });
  return record(tape, y, (dy) => {
    for (const { at, from, q, k, v, weights, gradients } of all) {
      const [dq, dk, dv] = gradients;
      rowsOf(dy, width, at, from).forEach((d, i) => {
        const slopes = weights[i].map((_, j) => dot(d, v[j]));
        const centre = dot(weights[i], slopes);
        weights[i].forEach((p, j) => {
          const ds = scale * p * (slopes[j] - centre);
          addTimes(dq[i], ds, k[j]);
          addTimes(dk[j], ds, q[i]);
          addTimes(dv[j], p, d);
        });
      });
    }
  });
}

/** Rows of two tables: of the ids, and of their positions. */
function embed(tape, ids, table, positions, { width, time }) {
  const place = (i) => [ids[i] * width, (i % time) * width];
  const value = new Float64Array(ids.length * width);
  for (let i = 0; i < ids.length; i++) {
    const [a, b] = place(i);
    for (let j = 0; j < width; j++)
      value[i * width + j] = table.value[a + j] + positions.value[b + j];
  }
  return record(tape, value, (dy) => {
    for (let i = 0; i < ids.length; i++) {
      const [a, b] = place(i);
      const d = dy.subarray(i * width, (i + 1) * width);
      addTimes(table.gradient.subarray(a, a + width), 1, d);
      addTimes(positions.gradient.subarray(b, b + width), 1, d);
    }
  });
}

/** x [rows, width] times the transposed table [vocabulary, width]. */
function unembed(tape, x, table, { width, vocabulary }) {
  const transposed = (a, rows) =>
    a.map((_, i) => a[(i % rows) * (a.length / rows) + Math.floor(i / rows)]);
  const rows = x.value.length / width;
  const w = transposed(table.value, vocabulary);
  return record(tape, affine(x.value, w, new Float64Array(vocabulary), rows), (dy) => {
    const { dx, dw } = affineGradient(x.value, w, dy, rows);
    accumulate(x, dx);
    accumulate(table, transposed(dw, width));
  });
}

/** A block of GPT-2, with its parameters in the order of works.mjs. */
function block(tape, x, [n1, c1, wa, ba, wo, bo, n2, c2, w1, b1, w2, b2], work) {
  const rows = work.batch * work.time;
  const heads = dense(tape, layerNorm(tape, x, [n1, c1]), [wa, ba], rows);
  const attended = dense(tape, attention(tape, heads, work), [wo, bo], rows);
  const y = add(tape, x, attended);
  const hidden = gelu(tape, dense(tape, layerNorm(tape, y, [n2, c2]), [w1, b1], rows));
  return add(tape, y, dense(tape, hidden, [w2, b2], rows));
}

const BLOCK_PARAMETERS = 12;

/** Loss and gradients of the GPT of works.mjs. */
export function gptGradients(work, values, { x: ids, y }) {
  const tape = [];
  const parameters = values.map(node);
  const [table, positions, ...others] = parameters;
  let x = embed(tape, ids, table, positions, work);
  for (let l = 0; l < work.layers; l++) {
    x = block(tape, x, others.slice(BLOCK_PARAMETERS * l, BLOCK_PARAMETERS * (l + 1)), work);
  }
  const logits = unembed(tape, layerNorm(tape, x, others.slice(-2)), table, work);
  const { loss, gradient } = crossEntropy(logits.value, y);
  const gradients = () => {
    logits.gradient.set(gradient);
    for (const backward of tape.toReversed()) backward();
    return parameters.map((parameter) => parameter.gradient);
  };
  return { loss, gradients };
}
