import { bce, dense, sequential, sgd } from "../../../src/index.ts";
import type { ArrayValue, Model, Node, Reduction } from "../../../src/index.ts";
import type { Check } from "../check.ts";
import { Derivation } from "../derivation.ts";
import { setParameters } from "../networks.ts";
import { type CaseTests, engine } from "../registry.ts";

const names = ["Wh", "Wout"];

/** Rows with the bias unit a₀ = 1 in front, so that row 0 of the next weight is the bias. */
function withBiasUnit(d: Derivation, a: Node): Node {
  const ones = d.g.constant(new Float32Array(a.shape[0]!).fill(1), [a.shape[0]!, 1]);
  return d.g.concat([ones, a], 1);
}

/** The m-d-t perceptron of the note: sigmoids, one yes or no for each output, bias units. */
function perceptron(check: Check, x: ArrayValue, y: ArrayValue, reduction: Reduction): Derivation {
  const d = new Derivation(engine);
  const input = d.keep("A_in", withBiasUnit(d, d.constant(x)));
  const wh = d.parameter("Wh", check.parameter("Wh"));
  const zh = d.keep("Z_h", d.g.matmul(input, wh));
  const hidden = d.keep("A_h_with_bias_unit", withBiasUnit(d, d.g.sigmoid(zh)));
  const wout = d.parameter("Wout", check.parameter("Wout"));
  const zout = d.keep("Z_out", d.g.matmul(hidden, wout));
  const output = d.keep("A_out", d.g.sigmoid(zout));
  d.run(d.g.bce(output, d.constant(y), reduction));
  return d;
}

/** The note's δ is the gradient of z. */
function ours(name: string): string {
  return name.replace(/^delta_/, "Z_");
}

/** The same network as a model: dense layers whose bias is the weight's first row. */
function model(check: Check, reduction: Reduction, batchSize: number): Model {
  const layers = [4, 2].map((units) => dense(units, { activation: "sigmoid", biasUnit: true }));
  const compiled = engine.compile(sequential(layers), {
    inputShape: [3],
    loss: bce({ reduction }),
    optimizer: sgd({ learningRate: 0 }),
    batchSize,
  });
  setParameters(compiled, check, names);
  return compiled;
}

/** The gradient of a model's parameter after a step, by the note's name. */
function gradientOf(compiled: Model) {
  return (name: string): ArrayValue => {
    const { grad, shape } = compiled.parameters[names.indexOf(name)]!;
    return { data: grad, shape };
  };
}

/** Row i of a matrix, as a matrix of one row. */
function row({ data, shape }: ArrayValue, i: number): ArrayValue {
  const width = shape[1]!;
  return { data: data.subarray(i * width, (i + 1) * width), shape: [1, width] };
}

/** Multi-label networks with bias units, in rows (seed 004), and the loss from the logit. */
export const multiLabel: CaseTests = {
  s4_mdt_3_4_2_single_example(check) {
    const [x, y] = [check.input("x_1_by_m"), check.input("y_1_by_t")];
    const d = perceptron(check, x, y, "sum");
    for (const name of ["A_in", "Z_h", "A_h_with_bias_unit", "Z_out", "A_out"]) {
      check.agree(name, d.value(name));
    }
    check.agree("loss", d.loss);
    check.differ("loss if the minus covers only the first term (l.19 literal)", d.loss);
    check.agreeAll("gradients", (name) => d.gradient(ours(name)));
    check.agree("dJ_da_out", d.gradient("A_out"));

    const compiled = model(check, "sum", 1);
    check.agree("loss", compiled.trainStep(x.data, y.data));
    check.agree("gradients.Wh", gradientOf(compiled)("Wh"));
    check.agree("gradients.Wout", gradientOf(compiled)("Wout"));
  },

  async s4_mdt_3_4_2_n3_accumulated(check) {
    const [x, y] = [check.input("X_n_by_m"), check.input("Y_n_by_t")];
    const d = perceptron(check, x, y, "sum");
    check.agree("A_h_with_bias_unit", d.value("A_h_with_bias_unit"));
    check.agree("A_out", d.value("A_out"));
    check.agree("loss", d.loss);
    check.agreeAll("gradients", (name) => d.gradient(ours(name)));
    [0, 1, 2].forEach((i) => {
      const one = perceptron(check, row(x, i), row(y, i), "sum");
      check.agree(`perExampleGradients_Wout.${i}`, one.gradient("Wout"));
    });
    const mean = perceptron(check, x, y, "meanOverExamples");
    check.agree("meanOverExamples.loss", mean.loss);
    check.agreeAll("meanOverExamples.gradients", (name) => mean.gradient(name));

    // One example after the other, their gradients added up, against the batch at once.
    for (const [reduction, path] of [
      ["sum", ""],
      ["meanOverExamples", "meanOverExamples."],
    ] as const) {
      for (const microBatchSize of [1, 3]) {
        const compiled = model(check, reduction, 3);
        await compiled.fit(
          { x: x.data, y: y.data },
          { batchSize: 3, microBatchSize, shuffle: false },
        );
        check.agree(`${path}gradients.Wh`, gradientOf(compiled)("Wh"));
        check.agree(`${path}gradients.Wout`, gradientOf(compiled)("Wout"));
      }
    }
  },

  x_bce_with_logits_stability(check) {
    const d = new Derivation(engine);
    const z = d.parameter("z", { data: new Float32Array(1), shape: [1] });
    d.run(d.g.bceWithLogits(z, d.g.input("y", [1])));
    const cases = check.expected("rows") as { z: number; y: number }[];
    cases.forEach(({ z, y }, i) => {
      d.set("z", z);
      d.again({ y });
      check.agree(`rows.${i}.z`, d.value("z"));
      check.agree(`rows.${i}.y`, y);
      check.agree(`rows.${i}.loss`, d.loss);
      check.agree(`rows.${i}.dz`, d.gradient("z"));
    });
  },
};
