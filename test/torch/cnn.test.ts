import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import { adam, batchNorm, conv2d, createEngine, crossEntropy, dense } from "../../src/index.ts";
import { flatten, maxPool2d, relu, sequential } from "../../src/index.ts";
import { type Reference, expectClose } from "./reference.ts";
import { readTrained, shareOf, transposed } from "./trained.ts";

/** A convolutional network; images are [batch, channels, rows, columns]. */
const recorded = readTrained("cnn.json");

const BATCH = 6;

/** Channels, rows and columns of what is flattened. */
const FLAT = [8, 2, 3] as const;

/** [filters, channels, rows, columns] to [rows, columns, channels, filters]. */
const ofKernel = (weight: Reference): Reference => transposed(weight, [2, 3, 1, 0]);

/** [out, in] to [in, out]. */
const ofDense = (weight: Reference): Reference => transposed(weight);

/** The same where the inputs are an image that was flattened, whose channels come last here. */
function ofFlat({ shape, data }: Reference): Reference {
  const [out] = shape as [number, number];
  const { data: moved } = transposed({ shape: [out, ...FLAT], data }, [2, 3, 1, 0]);
  return { shape: [FLAT[0] * FLAT[1] * FLAT[2], out], data: moved };
}

const same = (array: Reference): Reference => array;

/** Arrays of the model by name: PyTorch's name, and how its axes move. */
const arrays: Readonly<Record<string, readonly [string, (array: Reference) => Reference]>> = {
  "conv2d1.weight": ["conv1.weight", ofKernel],
  "conv2d1.bias": ["conv1.bias", same],
  "batchNorm1.weight": ["bn1.weight", same],
  "batchNorm1.bias": ["bn1.bias", same],
  "batchNorm1.runningMean": ["bn1.running_mean", same],
  "batchNorm1.runningVariance": ["bn1.running_var", same],
  "conv2d2.weight": ["conv2.weight", ofKernel],
  "conv2d2.bias": ["conv2.bias", same],
  "dense1.weight": ["fc1.weight", ofFlat],
  "dense1.bias": ["fc1.bias", same],
  "dense2.weight": ["fc2.weight", ofDense],
  "dense2.bias": ["fc2.bias", same],
};

const engine = await createEngine();

function startedModel(): gradlane.Model {
  const layers = [
    conv2d(6, 3, { padding: 1 }),
    batchNorm({ momentum: 0.1, epsilon: 1e-5 }),
    relu(),
    maxPool2d(2),
    conv2d(8, 3, { stride: 2, padding: 1, activation: "relu" }),
    flatten(),
    dense(10, { activation: "relu" }),
    dense(4),
  ];
  const model = engine.compile(sequential(layers), {
    inputShape: [8, 12, 2],
    loss: crossEntropy(),
    optimizer: adam({ learningRate: 0.01 }),
    batchSize: BATCH,
  });
  for (const { name, shape, data } of [...model.parameters, ...model.buffers]) {
    const [theirs, move] = arrays[name]!;
    const start = move(recorded.start[theirs]!);
    expect(start.shape, name).toEqual(shape);
    data.set(start.data);
  }
  return model;
}

/** [batch, channels, rows, columns] to [batch, rows, columns, channels]. */
const images = recorded.x.map((x) => Float32Array.from(transposed(x, [0, 2, 3, 1]).data));

const labels = recorded.y.map(({ data }) => Int32Array.from(data));

/** Error as a share of an array's largest element: some roundings for each of the steps. */
const SHARE = 2e-6;

const close = shareOf(SHARE);

/**
 * A bias in front of a batch norm has the gradient 0. Adam divides the roundings of float32 that come
 * instead by their own size, so the bias wanders. The running mean follows it, and scores do not change.
 */
const adrift = ["conv2d1.bias", "batchNorm1.runningMean"];

describe("a convolutional network as in PyTorch", () => {
  it("has its scores, its losses in twelve steps, and the weights behind them", () => {
    const model = startedModel();
    const scores = () => model.predict(images[0]!);
    expectClose("scores", scores(), recorded.evaluated, close(recorded.evaluated));
    recorded.losses.forEach((expected, s) => {
      const batch = s % images.length;
      const loss = model.trainStep(images[batch]!, labels[batch]!);
      expectClose(`loss of step ${s}`, loss, [expected], () => SHARE * expected);
    });
    for (const { name, shape, data } of [...model.parameters, ...model.buffers]) {
      const [theirs, move] = arrays[name]!;
      const expected = move(recorded.trained[theirs]!);
      if (adrift.includes(name)) data.set(expected.data);
      else expectClose(name, { shape, data }, expected, close(expected));
    }
    expectClose("scores after", scores(), recorded.evaluatedAfter, close(recorded.evaluatedAfter));
    model.dispose();
  });
});
