import type { Node } from "../../../src/index.ts";
import type { Check } from "../check.ts";
import { Derivation } from "../derivation.ts";
import { type CaseTests, engine } from "../registry.ts";

/** Three neurons in a row, a = sigmoid(w a + b), from x on. */
function chain(d: Derivation, check: Check, x: Node): Node {
  return [1, 2, 3].reduce((a, i) => {
    const w = d.parameter(`w${i}`, check.parameter(`w${i}`));
    const b = d.parameter(`b${i}`, check.parameter(`b${i}`));
    const z = d.keep(`z${i}`, d.g.add(d.g.mul(w, a), b));
    return d.keep(`a${i}`, d.g.sigmoid(z));
  }, x);
}

/** Graphs of single numbers, and one layer as a procedure (seed 000). */
export const computationGraphs: CaseTests = {
  s0_graph_J_3_a_plus_bc(check) {
    const d = new Derivation(engine);
    const [a, b, c] = ["a", "b", "c"].map((name) => d.parameter(name, check.parameter(name)));
    const u = d.keep("u", d.g.mul(b!, c!));
    const v = d.keep("v", d.g.add(a!, u));
    d.run(d.g.mul(d.g.constant(3), v));
    check.agree("u", d.value("u"));
    check.agree("v", d.value("v"));
    check.agree("loss", d.loss);
    check.agreeAll("gradients", (name) => d.gradient(name));
    check.differ("gradients.c (literal l.35)", d.gradient("c"));
  },

  s0_neuron_chain_squared_error(check) {
    const one = new Derivation(engine);
    const a3 = chain(one, check, one.parameter("a0", check.input("x")));
    one.run(one.g.mse(a3, one.constant(check.input("y"))));
    const activations = ["a0", "a1", "a2", "a3"].map((name) => one.value(name) as number);
    check.agree("activations", activations);
    check.agree("loss", one.loss);
    check.agreeAll("gradients", (name) => one.gradient(name));
    check.differ("gradients.b3 (literal l.253)", one.gradient("b3"));

    // Both examples at once: the weights are broadcast, so their gradients are summed over them.
    const pairs = check.input("examplesForAverage").data;
    const two = new Derivation(engine);
    const x = two.constant({ data: pairs.filter((_, i) => i % 2 === 0), shape: [2] });
    const y = two.constant({ data: pairs.filter((_, i) => i % 2 === 1), shape: [2] });
    two.run(two.g.mse(chain(two, check, x), y));
    check.agree("averageOfTwo.loss", two.loss);
    check.agreeAll("averageOfTwo.gradients", (name) => two.gradient(name));
  },

  /** Forward and Backward for each activation; the scalar Σ dA ∘ A has dA as its upstream gradient. */
  s0_layer_forward_backward_cache(check) {
    for (const activation of ["sigmoid", "relu", "linear"] as const) {
      const d = new Derivation(engine);
      const w = d.parameter("W", check.parameter("W_out_by_in"));
      const b = d.parameter("b", check.parameter("b"));
      const previous = d.parameter("Aprev", check.input("A_prev"));
      const z = d.keep("Z", d.g.add(d.g.matmul(w, previous), b));
      const a = d.keep("A", activation === "linear" ? z : d.g[activation](z));
      d.run(d.g.sum(d.g.mul(d.constant(check.input("dA_upstream")), a)));
      check.agree("Z", d.value("Z"));
      check.agree(`${activation}.A`, d.value("A"));
      check.agreeAll(`${activation}.gradients`, (name) => d.gradient(name));
      check.differ("b gradient without the sum has shape", d.gradient("b"));
    }
  },
};
