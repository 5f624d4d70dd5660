import { given } from "../runtime/shape.ts";
import { describe } from "../graph/node.ts";
import {
  type ActivationChoice,
  type ActivationName,
  activationNames,
  chooseActivation,
} from "../graph/ops/activations.ts";
import { dense as denseOp } from "../graph/ops/matmul.ts";
import { type Initializer, glorotUniform, zeros } from "../initializers.ts";
import type { Layer } from "./layer.ts";

export interface DenseOptions {
  /** Applied to the outputs; "linear" (none) by default, as in Keras. */
  readonly activation?: ActivationName | "linear";
  /** Whether a bias is added; true by default. */
  readonly useBias?: boolean;
  /** Of the weight [in, out]; glorotUniform() by default, as in Keras (PyTorch has U(±1/√in)). */
  readonly weightInitializer?: Initializer;
  /** Of the bias [out]; zeros() by default, as in Keras. */
  readonly biasInitializer?: Initializer;
}

/** The activation of that name, or undefined for "linear". */
function parseActivation(label: string, name: string): ActivationChoice | undefined {
  if (name === "linear") return undefined;
  if (!(activationNames as string[]).includes(name)) {
    const known = ["linear", ...activationNames].join(", ");
    throw new RangeError(`${label}: expected an activation of ${known}, got ${given(name)}`);
  }
  return chooseActivation(name as ActivationName);
}

/**
 * A fully connected layer, y = f(x·W + b): x [batch, in], W [in, units], b [units].
 * @param units outputs for each example, at least 1
 * @throws RangeError if units is not a whole number from 1 on, or the activation is unknown
 */
export function dense(units: number, options: DenseOptions = {}): Layer {
  const label = `dense(${units})`;
  if (!Number.isInteger(units) || units < 1) {
    throw new RangeError(`${label}: expected a whole number of units from 1 on, got ${units}`);
  }
  const { useBias = true, biasInitializer = zeros() } = options;
  const { weightInitializer = glorotUniform() } = options;
  const activation = parseActivation(label, options.activation ?? "linear");
  return {
    kind: "dense",
    label,
    record(g, x) {
      const features = x.shape[1];
      if (x.shape.length !== 2 || features === undefined) {
        const came = describe(x.shape);
        throw g.fail("dense", `expected examples of one axis, got a batch ${came}; add flatten()`);
      }
      const weight = g.parameter("weight", [features, units], weightInitializer);
      const bias = useBias ? g.parameter("bias", [units], biasInitializer) : undefined;
      return denseOp(g, x, weight, bias, activation);
    },
  };
}
