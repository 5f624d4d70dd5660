// gradlane itself, as built: dist/ of the checkout.
import { versionOf } from "./manifest.mjs";
import { ADAM, CLIP_NORM, DECAY } from "./works.mjs";

const dist = new URL("../../dist/", import.meta.url);

export const version = () => versionOf("../../package.json");

/** The kernels over a memory with room for float arrays, which come back as pointer and view. */
async function arena(kernelOptions, ...lengths) {
  const { loadKernels } = await import(new URL("kernels.js", dist));
  const LINE = 64;
  const starts = [LINE];
  for (const length of lengths) starts.push(Math.ceil((starts.at(-1) + 4 * length) / LINE) * LINE);
  const memory = new WebAssembly.Memory({ initial: Math.ceil(starts.at(-1) / 65536) });
  const kernels = await loadKernels({ memory, ...kernelOptions });
  const arrays = lengths.map((length, i) => ({
    at: starts[i],
    data: new Float32Array(memory.buffer, starts[i], length),
  }));
  return { kernels, arrays };
}

/**
 * @param options of createEngine; the kernels take math and tile from the engine, and are
 *   revectorized with it, because it sets V8's flag for the whole process
 */
export async function open(options = {}) {
  const gradlane = await import(new URL("index.js", dist));
  const engine = await gradlane.createEngine(options);
  const { build, math, tile, revectorize, notes } = engine.info;
  const kernelOptions = { math, tile };
  const traits = [`${build} build`, `tile ${tile}`, ...(revectorize ? ["revectorized"] : [])];

  const training = (layers, inputShape, batch, data, optimizer = gradlane.adam(ADAM)) => {
    const { parameters, x, y, outputs } = data;
    const model = engine.compile(gradlane.sequential(layers), {
      inputShape,
      loss: outputs === 1 ? gradlane.bceWithLogits() : gradlane.crossEntropy(),
      optimizer,
      batchSize: batch,
    });
    parameters.forEach(({ data }, i) => model.parameters[i].data.set(data));
    const xBatch = engine.tensor([batch, ...inputShape]);
    xBatch.data.set(x);
    const yBatch = outputs === 1 ? Float32Array.from(y) : y;
    let loss;
    return { run: () => (loss = model.trainStep(xBatch, yBatch)), values: () => [loss] };
  };

  return {
    remark: [...traits, ...notes].join(", "),

    async sgemm(work, source) {
      const { m, n, k } = work;
      const bytes = (await arena(kernelOptions)).kernels.sgemmScratchBytes(m, n, k);
      const lengths = [m * k, k * n, m * n, Math.ceil(bytes / 4)];
      const { kernels, arrays } = await arena(kernelOptions, ...lengths);
      const [a, b, c, scratch] = arrays;
      a.data.set(source.a);
      b.data.set(source.b);
      const { sgemm } = kernels;
      return {
        run: () => sgemm(false, false, m, n, k, 1, a.at, k, b.at, n, 0, c.at, n, scratch.at),
        values: () => c.data,
      };
    },

    async map(work, source) {
      const { kernels, arrays } = await arena(kernelOptions, work.n, work.n);
      const [x, y] = arrays;
      x.data.set(source.x);
      const kernel = kernels[work.function];
      return { run: () => kernel(x.at, y.at, work.n), values: () => y.data };
    },

    async adam(work, source) {
      const { n } = work;
      const { kernels, arrays } = await arena(kernelOptions, n, n, n, n);
      const [p, g] = arrays;
      const pointers = arrays.map(({ at }) => at);
      p.data.set(source.p);
      g.data.set(source.g);
      const { learningRate, beta1, beta2, epsilon } = ADAM;
      let [power1, power2] = [1, 1];
      const run = () => {
        power1 *= beta1;
        power2 *= beta2;
        const rates = [learningRate, beta1, beta2, epsilon, 1 - power1, 1 - power2];
        kernels.adam(...pointers, n, ...rates);
      };
      return { run, values: () => p.data };
    },

    async copy(work, source) {
      const { arrays } = await arena(kernelOptions, work.n, work.n);
      const [from, to] = arrays;
      from.data.set(source.x);
      return { run: () => to.data.set(from.data), values: () => to.data };
    },

    step(work, data) {
      const [features, ...units] = work.layers;
      const dense = units.map((width, i) =>
        gradlane.dense(width, { activation: i < units.length - 1 ? "relu" : "linear" }),
      );
      return training(dense, [features], work.batch, data);
    },

    convnet(work, data) {
      const { conv2d, dense, flatten, maxPool2d } = gradlane;
      const activation = "relu";
      const layers = [
        conv2d(32, 3, { activation }),
        conv2d(64, 3, { activation }),
        maxPool2d(2),
        flatten(),
        dense(128, { activation }),
        dense(10),
      ];
      return training(layers, [28, 28, 1], work.batch, data);
    },

    recurrent({ cell, batch, steps, features, units }, data) {
      const layers = [gradlane[cell](units), gradlane.dense(data.outputs)];
      return training(layers, [steps, features], batch, data);
    },

    gpt({ layers, heads, width, time, vocabulary, batch }, data) {
      const { adamW, embedding, layerNorm, positionEmbedding, unembedding } = gradlane;
      const options = { causal: true, normFirst: true, activation: "gelu" };
      const table = embedding(vocabulary, width);
      const block = () => gradlane.transformerBlock(heads, 4 * width, options);
      const blocks = Array.from({ length: layers }, block);
      const all = [table, positionEmbedding(time), ...blocks, layerNorm(), unembedding(table)];
      const optimizer = adamW({ ...ADAM, weightDecay: DECAY, clipNorm: CLIP_NORM });
      return training(all, [time], batch, data, optimizer);
    },
  };
}
