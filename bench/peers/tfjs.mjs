// TensorFlow.js on its WebAssembly backend (XNNPACK), one thread.
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

export async function open() {
  const { default: tf } = await import("@tensorflow/tfjs");
  await import("@tensorflow/tfjs-backend-wasm");
  await tf.setBackend("wasm");
  return {
    remark: "B stays packed from one product to the next",

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

    step(work, data) {
      const { outputs } = data;
      const variables = data.parameters.map(({ data: from, shape }) =>
        tf.variable(tf.tensor(from, shape)),
      );
      const x = tf.tensor2d(data.x, [work.batch, work.layers[0]]);
      const y = tf.tensor2d(oneHot(data), [work.batch, outputs]);
      const { sigmoidCrossEntropy, softmaxCrossEntropy } = tf.losses;
      const lossOf = outputs === 1 ? sigmoidCrossEntropy : softmaxCrossEntropy;
      const loss = () => {
        let h = x;
        for (let i = 0; i < variables.length; i += 2) {
          const z = tf.add(tf.matMul(h, variables[i]), variables[i + 1]);
          h = i < variables.length - 2 ? tf.relu(z) : z;
        }
        return lossOf(y, h);
      };
      const optimizer = optimizerOf(tf);
      let last;
      const run = () => {
        const cost = optimizer.minimize(loss, true, variables);
        last = cost.dataSync()[0];
        cost.dispose();
      };
      return { run, values: () => [last] };
    },
  };
}
