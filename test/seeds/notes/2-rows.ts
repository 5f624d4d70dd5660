import { bce, bceWithLogits, dense, sequential, sgd } from "../../../src/index.ts";
import type { DenseOptions, Model } from "../../../src/index.ts";
import { flat } from "../cases.ts";
import type { Check } from "../check.ts";
import { Derivation } from "../derivation.ts";
import { parameterOf, rowLayers, setParameters } from "../networks.ts";
import { type CaseTests, engine } from "../registry.ts";

const sigmoids = ["sigmoid", "sigmoid", "sigmoid"] as const;
const names = [1, 2, 3].flatMap((i) => [`W${i}`, `b${i}`]);

/** The note's g[3W] is the gradient of W3, its g[0a] that of the input. */
function ours(name: string): string {
  const [, layer, of] = /^(\d)([azWb])$/.exec(name)!;
  return `${of!.toUpperCase() === of ? of : { a: "A", z: "Z", b: "b" }[of!]}${layer}`;
}

/** The 4-3-2-1 network on one example or several, with a loss of its output and the labels. */
function network(check: Check, input: string, loss: "bce" | "half", y: string): Derivation {
  const d = new Derivation(engine);
  const output = rowLayers(d, check, d.parameter("A0", check.input(input)), [...sigmoids]);
  const target = d.constant({ ...check.input(y), shape: output.shape });
  d.run(loss === "bce" ? d.g.bce(output, target) : d.g.mse(output, target, { half: true }));
  return d;
}

/** The network as a model, up to the activation of its last layer. */
function model(check: Check, output: DenseOptions, onLogits: boolean): Model {
  const hidden = { activation: "sigmoid" } as const;
  const compiled = engine.compile(
    sequential([dense(3, hidden), dense(2, hidden), dense(1, output)]),
    {
      inputShape: [4],
      loss: onLogits ? bceWithLogits() : bce(),
      optimizer: sgd({ learningRate: check.hyper("alpha") }),
      batchSize: 1,
    },
  );
  setParameters(compiled, check, names);
  return compiled;
}

/** A 4-3-2-1 network of sigmoids with examples as rows (seed 001). */
export const rowConvention: CaseTests = {
  s1_sigmoid_and_derivative(check) {
    const d = new Derivation(engine);
    const a = d.keep("a", d.g.sigmoid(d.parameter("z", check.input("z"))));
    d.run(d.g.sum(a));
    check.agree("sigmoid", d.value("a"));
    // a(1 - a) turns an error e of a into (1 - 2a)·e, which is all there is where a is near 1: the
    // kernel's sigmoid is within 2 spacings of float32, 2⁻²³·a each.
    const a64 = flat(check.expected("sigmoid"));
    const bound = (i: number): number => 2 * 2 ** -23 * a64[i]! * Math.abs(1 - 2 * a64[i]!);
    check.agree("derivative", d.gradient("z"), bound);
    check.differ("1/(1-e^-z) for the same z (null = division by zero)", d.value("a"));
  },

  s1_4_3_2_1_row_bce(check) {
    const d = network(check, "x_1_by_4", "bce", "y");
    for (const i of [1, 2, 3]) {
      check.agree(`z${i}`, d.value(`Z${i}`));
      check.agree(`a${i}`, d.value(`A${i}`));
    }
    check.agree("loss", d.loss);
    check.agreeAll("gradients", (name) => d.gradient(ours(name)));
    const hidden = d.gradient("A1");
    const second = typeof hidden === "number" ? hidden : hidden.data[1]!;
    check.differ("gradients.1a[0][1] with the l.250 indices", second);
  },

  s1_4_3_2_1_row_half_squared(check) {
    const d = network(check, "x_1_by_4", "half", "y");
    check.agree("loss", d.loss);
    check.agreeAll("gradients", (name) => d.gradient(ours(name)));
  },

  /** Once with the loss on probabilities as the note has it, once on logits. */
  async s1_4_3_2_1_gd_step(check) {
    const data = { x: check.input("x_1_by_4").data, y: check.input("y").data };
    for (const onLogits of [false, true]) {
      const compiled = model(check, onLogits ? {} : { activation: "sigmoid" }, onLogits);
      check.agree("lossBefore", compiled.trainStep(data.x, data.y));
      check.agreeAll("afterStep", parameterOf(compiled, names));
      check.agree("lossAfter", (await compiled.evaluate(data)).loss);
    }
  },

  s1_4_3_2_1_row_batch_mean(check) {
    const d = network(check, "X_m_by_4", "bce", "Y_m_by_1");
    check.agree("A3", d.value("A3"));
    check.agree("loss", d.loss);
    check.agreeAll("gradients", (name) => d.gradient(name));
    check.agree("gradientsWrtX", d.gradient("A0"));
  },
};
