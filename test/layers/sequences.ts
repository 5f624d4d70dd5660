import * as gradlane from "../../src/index.ts";
import { createEngine, mse, sequential, sgd } from "../../src/index.ts";
import { floats } from "../../src/verify/numbers.ts";

export const engine = await createEngine();

/** Returns a model of layers whose weights are random, and their biases too. */
export function modelOf(
  net: gradlane.Network | readonly gradlane.Layer[],
  inputShape: readonly number[] | Readonly<Record<string, readonly number[]>>,
  options: { batchSize?: number; learningRate?: number } = {},
): gradlane.Model {
  const model = engine.compile("record" in net ? net : sequential(net), {
    inputShape,
    loss: mse(),
    optimizer: sgd({ learningRate: options.learningRate ?? 0 }),
    batchSize: options.batchSize ?? 2,
    seed: 4,
  });
  model.parameters.forEach(({ data }, i) => data.set(floats(data.length, i + 10, -0.5, 0.5)));
  return model;
}

/** Returns the outputs of layers on x [batch, ...]. */
export function outputs(
  layers: readonly gradlane.Layer[],
  shape: readonly number[],
  x: Float32Array,
) {
  const model = modelOf(layers, shape.slice(1), { batchSize: shape[0]! });
  const { data } = model.predict(x);
  const own = data.slice();
  model.dispose();
  return own;
}
