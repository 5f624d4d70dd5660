import { adam, bceWithLogits, sgd } from "../../../src/index.ts";
import type { Model, Optimizer } from "../../../src/index.ts";
import { number } from "../cases.ts";
import type { Check } from "../check.ts";
import { columnNetwork, parameterOf, rows, setParameters } from "../networks.ts";
import { type CaseTests, engine } from "../registry.ts";

const names = ["W1", "b1", "W2", "b2"];

/** The note's two-layer network, as it is written, on the logit of ŷ. */
function twoLayerModel(check: Check, optimizer: Optimizer, batchSize: number): Model {
  const model = engine.compile(columnNetwork([[3, "relu"], [1]]), {
    inputShape: [2],
    loss: bceWithLogits(),
    optimizer,
    batchSize,
  });
  setParameters(model, check, names);
  return model;
}

function data(check: Check): { x: Float32Array; y: Float32Array } {
  return { x: rows(check, "X_n_by_m"), y: rows(check, "Y_1_by_m") };
}

/** The optimizers that the note names, as the case calls them. */
function optimizerOf(check: Check, name: string): Optimizer {
  const learningRate = number(check.expected(`${name}.alpha`));
  // The case's hyper-parameter is "momentum.beta", with the dot in its name.
  const momentum = number(check.example.hyper!["momentum.beta"]);
  const [beta1, beta2, epsilon] = ["beta1", "beta2", "eps"].map((key) => check.hyper(key));
  const moments = { learningRate, beta1: beta1!, beta2: beta2!, epsilon: epsilon! };
  const optimizers: Record<string, Optimizer> = {
    gd: sgd({ learningRate }),
    momentum: sgd({ learningRate, momentum, momentumForm: "average" }),
    momentum_bc: sgd({ learningRate, momentum, momentumForm: "correctedAverage" }),
    adam_inside: adam({ ...moments, epsilonInside: true }),
    adam_outside: adam(moments),
  };
  return optimizers[name]!;
}

/** Training the two-layer network: batches, epochs, and five optimizers (seed 002). */
export const training: CaseTests = {
  async s2_minibatch_steps_and_epochs(check) {
    const batchSize = check.hyper("batchSize");
    const model = twoLayerModel(check, sgd({ learningRate: check.hyper("alpha") }), batchSize);
    check.agree("fullLossBefore", (await model.evaluate(data(check))).loss);
    const losses: number[] = [];
    await model.fit(data(check), {
      batchSize,
      epochs: check.hyper("epochs"),
      shuffle: false,
      onBatchEnd({ loss, batches }) {
        losses.push(loss);
        check.agree("stepsPerEpoch", batches);
      },
      onEpochEnd({ epoch }) {
        check.agreeAll(`paramsAfterEpoch${epoch + 1}`, parameterOf(model, names));
      },
    });
    check.agree("batchLossBeforeEachStep", losses);
    check.agree("fullLossAfter", (await model.evaluate(data(check))).loss);
  },

  async s2_optimizers_on_dnn2(check) {
    for (const name of Object.keys(check.example.expected)) {
      const model = twoLayerModel(check, optimizerOf(check, name), 4);
      const { x, y } = data(check);
      check.agree(`${name}.alpha`, model.learningRate);
      const losses = Array.from({ length: 5 }, () => model.trainStep(x, y));
      check.agree(`${name}.lossesBeforeEachStep`, losses);
      check.agreeAll(`${name}.final`, parameterOf(model, names));
      check.agree(`${name}.finalLoss`, (await model.evaluate({ x, y })).loss);
    }
  },
};
