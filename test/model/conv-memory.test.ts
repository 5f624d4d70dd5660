import { expect, it } from "vitest";
import {
  adam,
  conv2d,
  createEngine,
  crossEntropy,
  dense,
  dropout,
  flatten,
  maxPool2d,
  sequential,
} from "../../src/index.ts";

/** Bytes of the floats of some shapes for a batch. */
function bytesOf(batch: number, shapes: readonly (readonly number[])[]): number {
  return shapes.reduce((sum, shape) => sum + 4 * batch * shape.reduce((a, b) => a * b), 0);
}

it("a convolutional network takes memory for activations and their gradients, and none for windows", async () => {
  const [engine, batch] = [await createEngine(), 64];
  const net = sequential([
    conv2d(32, 3, { activation: "relu" }),
    conv2d(64, 3, { activation: "relu" }),
    maxPool2d(2),
    dropout(0.25),
    flatten(),
    dense(128, { activation: "relu" }),
    dropout(0.5),
    dense(10),
  ]);
  const [loss, optimizer] = [crossEntropy(), adam()];
  const model = engine.compile(net, { inputShape: [28, 28, 1], loss, optimizer });
  model.trainStep(new Float32Array(batch * 784), new Uint8Array(batch));
  const { activations, scratch } = model.memoryPlan;
  const outputs = [[26, 26, 32], [24, 24, 64], [12, 12, 64], [12, 12, 64], [128], [128], [10]];
  // With their gradients, and 1 MB for sums of parts of the batch; scratch is a copy of a few images.
  expect(activations).toBeLessThan(2 * bytesOf(batch, outputs) + 2 ** 20);
  expect(scratch).toBeLessThan(2 ** 19);
  // The windows of the second convolution, side by side as a matrix, would be larger than all of it.
  expect(activations + scratch).toBeLessThan(bytesOf(batch, [[24, 24, 3, 3, 32]]));
  engine.dispose();
});
