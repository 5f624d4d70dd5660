import { expect, it } from "vitest";
import { type Model, createEngine, dense, mse, network, sequential, sgd } from "../../src/index.ts";

/** Users' functions that a step calls may dispose of its model; another has its memory then. */

const engine = await createEngine();
const x = new Float32Array(16).fill(1);
const y = new Float32Array(32);

function options(learningRate: number | ((step: number) => number)) {
  const optimizer = sgd({ learningRate });
  return { inputShape: [4], loss: mse(), batchSize: 4, optimizer };
}

const weights = (model: Model) => model.parameters.map(({ data }) => [...data]);

it("a schedule that disposes of the model ends its step before it writes", () => {
  let other: Model | undefined;
  const rate = (step: number): number => {
    if (step === 1 && !other) {
      model.dispose();
      other = engine.compile(sequential([dense(8)]), options(0.01));
    }
    return 0.5;
  };
  const model = engine.compile(sequential([dense(8)]), options(rate));
  model.trainStep(x, y);
  expect(() => model.trainStep(x, y)).toThrow("expected a live model");
  const fresh = engine.compile(sequential([dense(8)]), options(0.01));
  expect(weights(other!)).toEqual(weights(fresh));
});

it("a network that disposes of the model ends the step that records it", () => {
  let disposes = false;
  const net = network((g, { x }) => {
    if (disposes) model.dispose();
    return g.use(dense(8), x);
  });
  const model: Model = engine.compile(net, options(0.5));
  disposes = true;
  expect(() => model.trainStep(x.subarray(0, 8), y.subarray(0, 16))).toThrow(
    "expected a live model",
  );
});
