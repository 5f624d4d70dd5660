import { dense, mse, sequential, sgd } from "../../../src/index.ts";
import type { Node } from "../../../src/index.ts";
import { transposed } from "../cases.ts";
import type { Check } from "../check.ts";
import { Derivation } from "../derivation.ts";
import { meanOverColumns, rows } from "../networks.ts";
import { type CaseTests, engine } from "../registry.ts";

/** Z = W·X + b, Ŷ = H = ReLU(Z), with columns as examples. */
function reluLayer(check: Check): { d: Derivation; prediction: Node; m: number } {
  const d = new Derivation(engine);
  const x = check.input("X_k_by_m");
  const w = d.parameter("W", check.parameter("W"));
  const b = d.parameter("b", check.parameter("b"));
  const z = d.keep("Z", d.g.add(d.g.matmul(w, d.constant(x)), b));
  const h = d.keep("H", d.g.relu(z));
  return { d, prediction: d.keep("Yhat", h), m: x.shape[1]! };
}

/** Perceptrons with squared error, in columns (seed 000). */
export const perceptrons: CaseTests = {
  /** W is stored [from, to] here, so that the product is WᵀX; dW = A dZᵀ comes out as it is stored. */
  s0_mlp_3_4_1_column_WT_sqerr(check) {
    const d = new Derivation(engine);
    const output = [1, 2].reduce(
      (a, i) => {
        const w = d.parameter(`W${i}`, check.parameter(`W${i}`));
        const b = d.parameter(`b${i}`, check.parameter(`b${i}`));
        const z = d.keep(`Z${i}`, d.g.add(d.g.matmul(w, a, true), b));
        return d.keep(`A${i}`, d.g.sigmoid(z));
      },
      d.constant(check.input("X_n_by_m")),
    );
    d.run(d.g.mse(output, d.constant(check.input("Y_1_by_m"))));
    for (const name of ["Z1", "A1", "Z2", "A2"]) check.agree(name, d.value(name));
    check.agree("loss", d.loss);
    check.agreeAll("gradients", (name) => d.gradient(name));
  },

  s0_relu_mse_one_node(check) {
    const { d, prediction } = reluLayer(check);
    d.run(d.g.mse(prediction, d.constant(check.input("Y_1_by_m"))));
    check.agree("Z", d.value("Z"));
    check.agree("H", d.value("H"));
    check.agree("loss", d.loss);
    check.agreeAll("gradients", (name) => d.gradient(name));
    check.differ("gradients.Yhat with the sum of l.303 (a scalar)", d.gradient("Yhat"));
    check.differ("gradients.b without the sum", d.gradient("b"));
  },

  s0_relu_mse_multi_output(check) {
    const target = check.input("Y_n_by_m");
    const { d, prediction, m } = reluLayer(check);
    d.run(meanOverColumns(d.g, d.g.mse(prediction, d.constant(target), "sum"), m));
    check.agree("Z", d.value("Z"));
    check.agree("H", d.value("H"));
    check.agree("loss", d.loss);
    check.agreeAll("gradients", (name) => d.gradient(name));
    check.differ("gradients.W without the ReLU' mask (l.336)", d.gradient("W"));
    check.differ("gradients.W with 1/m (l.344)", d.gradient("W"));

    const all = reluLayer(check);
    all.d.run(all.d.g.mse(all.prediction, all.d.constant(target)));
    check.agree("ifMeanOverAllElements.loss", all.d.loss);
    check.agreeAll("ifMeanOverAllElements.gradients", (name) => all.d.gradient(name));
  },

  /** Runs as a model, whose rows are examples, so that W is the transpose of the note's. */
  async s0_relu_mse_gd_5_steps(check) {
    const data = { x: rows(check, "X_k_by_m"), y: rows(check, "Y_n_by_m") };
    const model = engine.compile(sequential([dense(3, { activation: "relu" })]), {
      inputShape: [2],
      loss: mse({ reduction: "meanOverExamples" }),
      optimizer: sgd({ learningRate: check.hyper("alpha") }),
      batchSize: 4,
    });
    const [weight, bias] = model.parameters;
    weight!.data.set(transposed(check.parameter("W")).data);
    bias!.data.set(check.parameter("b").data);
    const losses = Array.from({ length: check.hyper("steps") }, () =>
      model.trainStep(data.x, data.y),
    );
    check.agree("lossesBeforeEachStep", losses);
    check.agree("final.W", transposed(weight!));
    check.agree("final.b", bias!.data);
    check.agree("finalLoss", (await model.evaluate(data)).loss);
  },

  s0_linear_regression_mse(check) {
    const d = new Derivation(engine);
    const w = d.parameter("W", check.parameter("W"));
    const b = d.parameter("b", check.parameter("b"));
    const x = d.constant(check.input("X_k_by_m"));
    const z = d.keep("Z", d.g.add(d.g.matmul(w, x), b));
    d.run(d.g.mse(z, d.constant(check.input("Y_1_by_m"))));
    check.agree("Z", d.value("Z"));
    check.agree("loss", d.loss);
    check.agreeAll("gradients", (name) => d.gradient(name));
  },
};
