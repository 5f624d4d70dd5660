import { type Engine, type Loss, type Optimizer, dense, sequential } from "../../src/index.ts";
import { sum } from "../../src/graph/ops/reduce.ts";

/** The prediction itself: its gradient by the weight of a dense(1) layer is the example. */
const prediction: Loss = {
  name: "prediction",
  takesClasses: false,
  reduction: "sum",
  record: (g, y) => sum(g, y),
};

/** A model of one parameter, whose training steps have just the gradients that they are given. */
export function follower(engine: Engine, optimizer: Optimizer, start: readonly number[]) {
  const model = engine.compile(sequential([dense(1, { useBias: false })]), {
    inputShape: [start.length],
    loss: prediction,
    optimizer,
    batchSize: 1,
  });
  const parameter = model.parameters[0]!;
  parameter.data.set(start);
  const none = new Float32Array(1);
  const step = (gradient: readonly number[]) => model.trainStep(Float32Array.from(gradient), none);
  return { model, parameter, step };
}
