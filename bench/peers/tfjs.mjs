// TensorFlow.js on its WebAssembly backend (XNNPACK), one thread, or in plain JavaScript.
import { installedVersion } from "./manifest.mjs";
import { ADAM, oneHot } from "./works.mjs";

export const version = () => installedVersion("@tensorflow/tfjs-backend-wasm");

const optimizerOf = (tf) => tf.train.adam(ADAM.learningRate, ADAM.beta1, ADAM.beta2, ADAM.epsilon);

/** A function whose last result can be read, and is freed when the next one comes. */
function held(compute) {
  let last;
  const run = () => {
    last?.dispose();
    last = compute();
  };
  return { run, values: () => last.dataSync() };
}

/** Largest batch of the convolutional network in plain JavaScript, which takes 4 s an image. */
const LARGEST_BATCH = 4;

/** @param options backend: "wasm", or "cpu", which is plain JavaScript and for the convolutions alone */
export async function open({ backend = "wasm" } = {}) {
  const { default: tf } = await import("@tensorflow/tfjs");
  if (backend === "wasm") await import("@tensorflow/tfjs-backend-wasm");
  await tf.setBackend(backend);

  const training = (network, shape, data) => {
    const variables = data.parameters.map(({ data: from, shape }) =>
      tf.variable(tf.tensor(from, shape)),
    );
    const x = tf.tensor(data.x, shape);
    const y = tf.tensor2d(oneHot(data), [shape[0], data.outputs]);
    const { sigmoidCrossEntropy, softmaxCrossEntropy } = tf.losses;
    const lossOf = data.outputs === 1 ? sigmoidCrossEntropy : softmaxCrossEntropy;
    const loss = () => lossOf(y, network(x, variables));
    const optimizer = optimizerOf(tf);
    let last;
    const run = () => {
      const cost = optimizer.minimize(loss, true, variables);
      last = cost.dataSync()[0];
      cost.dispose();
    };
    return { run, values: () => [last] };
  };

  /** Dense layers with relu between them. */
  const multilayer = (x, variables) => {
    let h = x;
    for (let i = 0; i < variables.length; i += 2) {
      const z = tf.add(tf.matMul(h, variables[i]), variables[i + 1]);
      h = i < variables.length - 2 ? tf.relu(z) : z;
    }
    return h;
  };

  const convnet = (work, data) => {
    if (backend === "cpu" && work.batch > LARGEST_BATCH) return undefined;
    const conv = (h, w, b) => tf.relu(tf.add(tf.conv2d(h, w, 1, "valid"), b));
    const network = (x, [w1, b1, w2, b2, ...dense]) => {
      const pooled = tf.maxPool(conv(conv(x, w1, b1), w2, b2), 2, 2, "valid");
      return multilayer(pooled.reshape([work.batch, -1]), dense);
    };
    return training(network, [work.batch, 28, 28, 1], data);
  };

  /** The last h of an LSTM, from the sums of each step with x. */
  const lstm = (sums, u, h, c) => {
    for (const z of sums) {
      const [i, f, g, o] = tf.split(tf.add(z, tf.matMul(h, u)), 4, 1);
      c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
      h = tf.mul(tf.sigmoid(o), tf.tanh(c));
    }
    return h;
  };

  /** The same of a GRU. tf.layers.gru cannot reset after the product with h, as all others do. */
  const gru = (sums, u, bias, h) => {
    for (const z of sums) {
      const [ofX, ofH] = [z, tf.add(tf.matMul(h, u), bias)].map((all) => tf.split(all, 3, 1));
      const [update, reset] = [0, 1].map((k) => tf.sigmoid(tf.add(ofX[k], ofH[k])));
      const candidate = tf.tanh(tf.add(ofX[2], tf.mul(reset, ofH[2])));
      h = tf.add(candidate, tf.mul(update, tf.sub(h, candidate)));
    }
    return h;
  };

  if (backend === "cpu") return { remark: "plain JavaScript", convnet };
  return {
    remark: "B stays packed from one product to the next",

    convnet,

    // XNNPACK keeps B packed as long as the tensor lives, so that packing is no part of the times:
    // with a new B for each product, as in training, 8x512x784 took six times as long.
    sgemm(work, { a, b }) {
      const left = tf.tensor2d(a, [work.m, work.k]);
      const right = tf.tensor2d(b, [work.k, work.n]);
      return held(() => tf.matMul(left, right));
    },

    map(work, source) {
      const x = tf.tensor1d(source.x);
      if (work.function !== "gelu") return held(() => tf[work.function](x));
      const gelu = tf.layers.activation({ activation: "gelu" });
      return held(() => tf.tidy(() => gelu.apply(x)));
    },

    adam(work, { p, g }) {
      const variable = tf.variable(tf.tensor1d(p));
      const gradient = tf.tensor1d(g);
      const optimizer = optimizerOf(tf);
      return {
        run: () => optimizer.applyGradients({ [variable.name]: gradient }),
        values: () => variable.dataSync(),
      };
    },

    // One product for x over all steps. tf.layers.lstm, which has one for each step, takes as long.
    recurrent({ cell, batch, steps, features, units }, data) {
      const network = (x, [w, u, bias, ...dense]) => {
        const [ofX, ofH] = cell === "gru" ? tf.unstack(bias) : [bias];
        const z = tf.add(tf.matMul(x.reshape([batch * steps, features]), w), ofX);
        const sums = tf.unstack(z.reshape([batch, steps, -1]), 1);
        const zeros = tf.zeros([batch, units]);
        const last = ofH ? gru(sums, u, ofH, zeros) : lstm(sums, u, zeros, zeros);
        return multilayer(last, dense);
      };
      return training(network, [batch, steps, features], data);
    },

    step: (work, data) => training(multilayer, [work.batch, work.layers[0]], data),
  };
}
