import type { ArrayValue } from "../../../src/index.ts";
import type { Check } from "../check.ts";
import { Derivation } from "../derivation.ts";
import { columnLayers } from "../networks.ts";
import { type CaseTests, engine } from "../registry.ts";

/** The 2-3-1 network of sigmoids on examples in columns. */
function network(check: Check, x: string, t: string, reduction: "mean" | "sum"): Derivation {
  const d = new Derivation(engine);
  const a = columnLayers(d, check, d.parameter("X", check.input(x)), ["sigmoid", "sigmoid"]);
  d.run(d.g.bce(a, d.constant(check.input(t)), reduction));
  return d;
}

/** A 2-3-1 network of sigmoids with examples as columns (seed 003). */
export const columnConvention: CaseTests = {
  s3_2_3_1_column_single(check) {
    const d = network(check, "x_2_by_1", "t", "mean");
    for (const name of ["Z1", "A1", "Z2"]) check.agree(name, d.value(name));
    check.agree("prediction", d.value("A2"));
    check.agree("loss", d.loss);
    check.agreeAll("gradients", (name) => d.gradient(name));
  },

  s3_2_3_1_column_n3(check) {
    for (const reduction of ["sum", "mean"] as const) {
      const d = network(check, "X_2_by_3", "T_1_by_3", reduction);
      for (const name of ["Z1", "A1", "Z2"]) check.agree(name, d.value(name));
      check.agree("predictions", d.value("A2"));
      check.agree(`${reduction}Loss.loss`, d.loss);
      check.agreeAll(`${reduction}Loss.gradients`, (name) => d.gradient(name));
    }
  },

  /** One reverse sweep for each element of Z: an upstream gradient that is 1 there and 0 elsewhere. */
  s3_dZ_dW_jacobian(check) {
    const d = new Derivation(engine);
    const x = d.constant(check.input("X_2_by_3"));
    const w = d.parameter("W", check.parameter("W"));
    const z = d.keep("Z", d.g.add(d.g.matmul(w, x), d.parameter("b", check.parameter("b"))));
    d.run(d.g.sum(d.g.mul(z, d.g.input("upstream", z.shape))));
    check.agree("Z", d.value("Z"));
    for (const path of Object.keys(check.expected("dZ_dW") as object)) {
      const [j, k, r, i] = Array.from(path.matchAll(/\d/g), ([digit]) => Number(digit));
      const upstream = new Float32Array(9);
      upstream[j! * 3 + k!] = 1;
      d.again({ upstream });
      const { data, shape } = d.gradient("W") as ArrayValue;
      check.agree(`dZ_dW.${path}`, data[r! * shape[1]! + i!]!);
    }
  },
};
