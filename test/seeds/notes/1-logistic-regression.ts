import { bceWithLogits, dense, sequential, sgd } from "../../../src/index.ts";
import type { ArrayValue, Model } from "../../../src/index.ts";
import type { Check } from "../check.ts";
import { Derivation } from "../derivation.ts";
import { setParameters } from "../networks.ts";
import { type CaseTests, engine } from "../registry.ts";

const names = ["w", "b"];

/** z = wᵀx + b for one example x, a = sigmoid(z) and its logistic loss, on scalars and vectors. */
function oneExample(check: Check, x: ArrayValue, y: number): Derivation {
  const d = new Derivation(engine);
  const w = d.parameter("w", check.parameter("w"));
  const b = d.parameter("b", check.parameter("b"));
  const z = d.keep("z", d.g.add(d.g.sum(d.g.mul(w, d.constant(x))), b));
  const a = d.keep("a", d.g.sigmoid(z));
  d.run(d.g.bce(a, d.g.constant(y)));
  return d;
}

/** The model of the note: one neuron, trained by plain gradient descent on the mean loss. */
function logisticModel(check: Check, batchSize: number): Model {
  const model = engine.compile(sequential([dense(1)]), {
    inputShape: [2],
    loss: bceWithLogits(),
    optimizer: sgd({ learningRate: check.hyper("alpha") }),
    batchSize,
  });
  setParameters(model, check, names);
  return model;
}

/** The examples of the loop, one in each row. */
function examples(check: Check): { x: Float32Array; y: Float32Array } {
  return { x: check.input("X_rows_are_examples").data, y: check.input("Y").data };
}

function agreeParameters(check: Check, path: string, model: Model): void {
  check.agree(`${path}.w`, model.parameters[0]!.data);
  check.agree(`${path}.b`, model.parameters[1]!.data);
}

/** Logistic regression: one example, a loop over examples, and vectorised (seed 000). */
export const logisticRegression: CaseTests = {
  s0_logreg_single_example(check) {
    const x = check.input("x");
    const d = oneExample(check, x, check.input("y").data[0]!);
    check.agree("z", d.value("z"));
    check.agree("a", d.value("a"));
    check.agree("loss", d.loss);
    check.agreeAll("gradients", (name) => d.gradient(name));
    d.descend(names, check.hyper("alpha"));
    d.again();
    check.agree("afterStep.w", d.value("w"));
    check.agree("afterStep.b", d.value("b"));
    check.agree("afterStep.loss", d.loss);
    check.differ("afterStep.loss with the seed sign (+alpha)", d.loss);

    const label = 0;
    const other = oneExample(check, x, label);
    check.agree("sameInputsWithLabel0.y", label);
    check.agree("sameInputsWithLabel0.loss", other.loss);
    check.agreeAll("sameInputsWithLabel0.gradients", (name) => other.gradient(name));
    check.differ("label0 gradients.a from l.63", other.gradient("a"));
  },

  async s0_logreg_loop_m4(check) {
    const { x, y } = examples(check);
    const loop = Array.from(y, (label, i) =>
      oneExample(check, { data: x.subarray(2 * i, 2 * i + 2), shape: [2] }, label),
    );
    check.agree(
      "A",
      loop.map((d) => d.value("a") as number),
    );
    check.agree(
      "dZ_per_example",
      loop.map((d) => d.gradient("z") as number),
    );

    // The loop: gradients of one example after the other are added up, then one step is taken.
    const model = logisticModel(check, 4);
    await model.fit({ x, y }, { batchSize: 4, microBatchSize: 1, shuffle: false });
    agreeParameters(check, "afterStep", model);
    check.agree("afterStep.loss", (await model.evaluate({ x, y })).loss);

    const vectorised = logisticModel(check, 4);
    check.agree("loss", vectorised.trainStep(x, y));
    const [w, b] = vectorised.parameters;
    check.agree("gradients.w", w!.grad);
    check.agree("gradients.b", b!.grad);
    agreeParameters(check, "afterStep", vectorised);
    const literal = "read literally for one scalar x (sum outside x), using x of the last example";
    check.differ(`gradients.w from l.152 ${literal}`, w!.grad);
    check.differ("gradients.w from l.99 (overwrite, last example only, /m)", w!.grad);
  },

  s0_logreg_vectorised_m5_n3(check) {
    const d = new Derivation(engine);
    const x = d.constant(check.input("X_n_by_m"));
    const w = d.parameter("w_n_by_1", check.parameter("w_n_by_1"));
    const b = d.parameter("b", check.parameter("b"));
    const z = d.keep("Z", d.g.add(d.g.matmul(w, x, true), b));
    const a = d.keep("A_1_by_m", d.g.sigmoid(z));
    d.run(d.g.bce(a, d.constant(check.input("Y_1_by_m"))));
    check.agree("A_1_by_m", d.value("A_1_by_m"));
    check.agree("loss", d.loss);
    check.agreeAll("gradients", (name) => d.gradient(name));
    // The note's dZ = A - Y belongs to the sum of the losses; 1/m comes in with dw and db.
    const sum = new Derivation(engine);
    const logits = sum.parameter("Z", d.value("Z") as ArrayValue);
    sum.run(sum.g.bceWithLogits(logits, sum.constant(check.input("Y_1_by_m")), "sum"));
    check.agree("dZ_1_by_m", sum.gradient("Z"));
  },

  async s0_logreg_gd_10_steps(check) {
    const data = examples(check);
    const model = logisticModel(check, 4);
    const losses: number[] = [];
    await model.fit(data, {
      epochs: check.hyper("steps"),
      shuffle: false,
      onBatchEnd: ({ loss }) => losses.push(loss),
    });
    check.agree("lossesBeforeEachStep", losses);
    agreeParameters(check, "final", model);
    check.agree("finalLoss", (await model.evaluate(data)).loss);
  },

  async s0_logreg_update_after_each_example(check) {
    const data = examples(check);
    const model = logisticModel(check, check.hyper("batchSize"));
    await model.fit(data, {
      shuffle: false,
      onBatchEnd: ({ batch }) => {
        agreeParameters(check, `paramsAfterEachExample.${batch}`, model);
      },
    });
    agreeParameters(check, "final", model);
    check.agree("finalLossOverAll", (await model.evaluate(data)).loss);
  },
};
