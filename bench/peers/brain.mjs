// brain.js, plain JavaScript on the CPU. It has no batches and no softmax: its step is one pass
// over the batch, an update of the weights after each example, with its default optimizer (gradient
// descent with momentum), activation (sigmoid in every layer) and error (squared).
import { installedVersion } from "./manifest.mjs";
import { oneHot } from "./works.mjs";

export const version = () => installedVersion("brain.js");

export async function open() {
  const { default: brain } = await import("brain.js");
  return {
    remark: "no batches: gradient descent with momentum, a step after each example",

    step({ layers, batch }, data) {
      const net = new brain.NeuralNetwork({ hiddenLayers: layers.slice(1, -1) });
      net.sizes = layers;
      net.initialize();
      data.parameters.forEach(({ data: from, shape }, i) => {
        const layer = Math.floor(i / 2) + 1;
        if (shape.length === 1) net.biases[layer].set(from);
        else {
          const outputs = shape[1];
          for (let at = 0; at < from.length; at++) {
            net.weights[layer][at % outputs][Math.floor(at / outputs)] = from[at];
          }
        }
      });
      const targets = oneHot(data);
      const rows = Array.from({ length: batch }, (_, i) => ({
        input: data.x.subarray(i * layers[0], (i + 1) * layers[0]),
        output: targets.subarray(i * data.outputs, (i + 1) * data.outputs),
      }));
      const squaredError = ({ input, output }) =>
        net.runInput(input).reduce((sum, value, j) => sum + (value - output[j]) ** 2, 0);
      return {
        own: true,
        run: () => net.trainPatterns(rows),
        values: () => [rows.reduce((sum, row) => sum + squaredError(row), 0) / batch],
      };
    },
  };
}
