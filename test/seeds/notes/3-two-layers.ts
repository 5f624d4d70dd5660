import type { Check } from "../check.ts";
import { Derivation } from "../derivation.ts";
import { columnLayers } from "../networks.ts";
import { type CaseTests, engine } from "../registry.ts";

/** The note calls the output of the second layer ŷ. */
function ours(name: string): string {
  return name.toLowerCase() === "yhat" ? "A2" : name;
}

/** Ŷ = sigmoid(W2 max(0, W1 X + b1) + b2), without biases where the case has none. */
function network(check: Check, x: string, y: string, reduction: "mean" | "sum"): Derivation {
  const d = new Derivation(engine);
  const output = columnLayers(d, check, d.constant(check.input(x)), ["relu", "sigmoid"]);
  d.run(d.g.bce(output, d.constant(check.input(y)), reduction));
  return d;
}

/** One example: the sum and the mean are the same. */
function oneExample(check: Check): void {
  const d = network(check, "x", "y", "mean");
  for (const name of ["Z1", "A1", "Z2", "yhat"]) check.agree(name, d.value(ours(name)));
  check.agree("loss", d.loss);
  check.agreeAll("gradients", (name) => d.gradient(ours(name)));
}

/** General m, for the sum of the losses as in the note's appendix and for their mean as in its J. */
function severalExamples(check: Check, values: readonly string[]): void {
  for (const reduction of ["sum", "mean"] as const) {
    const d = network(check, "X_n_by_m", "Y_1_by_m", reduction);
    for (const name of values) check.agree(name, d.value(ours(name)));
    check.agree(`${reduction}Loss.loss`, d.loss);
    check.agreeAll(`${reduction}Loss.gradients`, (name) => d.gradient(name));
    if (reduction === "mean" && check.example.mustNotEqual) {
      check.differ("meanLoss.gradients.W2 if the sum formula is used", d.gradient("W2"));
    }
  }
}

/** Two-layer and deeper networks of ReLU with a sigmoid output, in columns (seed 002). */
export const twoLayers: CaseTests = {
  s2_dnn2_no_bias_m1: oneExample,
  s2_dnn2_bias_m1: oneExample,

  s2_dnn2_no_bias_general_m(check) {
    severalExamples(check, ["Yhat"]);
  },

  s2_dnn2_bias_general_m(check) {
    severalExamples(check, ["Z1", "Yhat"]);
  },

  /** The slope of ReLU at exactly 0 is an option: 1 as in this note, 0 (default) as in seed 000. */
  s2_relu_at_zero_both_conventions(check) {
    const conventions = { "gradients_ge (seed 002)": 1, "gradients_gt (seed 000)": 0 };
    for (const [path, slopeAtZero] of Object.entries(conventions)) {
      const d = new Derivation(engine);
      const w1 = d.parameter("W1", check.parameter("W1"));
      const b1 = d.parameter("b1", check.parameter("b1"));
      const w2 = d.parameter("W2", check.parameter("W2"));
      const b2 = d.parameter("b2", check.parameter("b2"));
      const z1 = d.keep("Z1", d.g.add(d.g.matmul(w1, d.constant(check.input("x"))), b1));
      const a1 = d.keep("A1", d.g.relu(z1, slopeAtZero));
      const z2 = d.keep("Z2", d.g.add(d.g.matmul(w2, a1), b2));
      const output = d.keep("yhat", d.g.sigmoid(z2));
      d.run(d.g.bce(output, d.constant(check.input("y"))));
      check.agree("Z1", d.value("Z1"));
      check.agree("yhat", d.value("yhat"));
      check.agree("loss", d.loss);
      check.agreeAll(path, (name) => d.gradient(name));
    }
  },

  s2_dnn_L4(check) {
    const d = new Derivation(engine);
    const x = d.constant(check.input("X_n_by_m"));
    const output = columnLayers(d, check, x, ["relu", "relu", "relu", "sigmoid"]);
    d.run(d.g.bce(output, d.constant(check.input("Y_1_by_m"))));
    for (const name of ["Z1", "Z2", "Z3"]) check.agree(name, d.value(name));
    check.agree("Yhat", d.value("A4"));
    check.agree("loss", d.loss);
    check.agreeAll("gradients", (name) => d.gradient(name));
  },
};
