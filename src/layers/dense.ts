import { BIAS_UNIT_STREAM } from "../base/random-streams.ts";
import { type Node, describe } from "../graph/node.ts";
import { dense as denseOp } from "../graph/ops/matmul.ts";
import { reshape, slice } from "../graph/ops/shape.ts";
import { type Initializer, glorotUniform, initializer, zeros } from "../initializers.ts";
import { type Activation, type ActivationOption, parseActivation } from "./activations.ts";
import { anything, checkOptions, checkWhole, flag } from "../base/arguments.ts";
import { type Penalty, penalty } from "../penalties.ts";
import { call, immutable } from "../base/printable.ts";
import type { Layer, LayerGraph } from "./layer.ts";

/** Options of dense. */
export interface DenseOptions {
  /**
   * Activation that is applied to the outputs, by name or as a function's result: "relu", or
   * relu({ slopeAtZero: 1 }); "linear", which applies nothing, by default, as in Keras.
   */
  readonly activation?: ActivationOption | Activation;
  /** True to add a bias; true by default. */
  readonly useBias?: boolean;
  /**
   * True to keep the bias as the first row of the weight, [1 + in, units], as the weights of a unit
   * that is always 1, instead of as an array of its own; false by default.
   */
  readonly biasUnit?: boolean;
  /** Penalty on the weight, such as l2(0.001), without a bias unit's row; nothing by default. */
  readonly weightPenalty?: Penalty;
  /**
   * First values of the weight [in, units]; glorotUniform() by default, as in Keras (PyTorch:
   * U(±1/√in)).
   */
  readonly weightInitializer?: Initializer;
  /** First values of the bias [units]; zeros() by default, as in Keras. */
  readonly biasInitializer?: Initializer;
}

/** Returns the initializer of a weight whose first row is the bias. */
function biasUnitInitializer(weight: Initializer, bias: Initializer, units: number): Initializer {
  return {
    name: `${bias.name}, ${weight.name}`,
    fill(draw, fanIn, fanOut) {
      const stream = draw.stream + BIAS_UNIT_STREAM;
      bias.fill({ ...draw, count: units, stream }, 1, fanOut);
      const [at, count] = [draw.at + units * 4, draw.count - units];
      weight.fill({ ...draw, at, count }, fanIn - 1, fanOut);
    },
  };
}

/**
 * Fully connected layer on the last axis, y = f(x·W + b): x [batch, ..., in], W [in, units], b [units].
 * @param units number of outputs for each example, at least 1
 * @throws TypeError if units or an option has the wrong type
 * @throws RangeError if units is not a whole number ≥ 1, or an option or the activation is unknown
 * @example
 * const hidden = dense(64, { activation: "relu", weightPenalty: l2(0.001) });
 * const net = sequential([hidden, dense(10)]);
 */
export function dense(units: number, options: DenseOptions = {}): Layer {
  checkWhole("dense", "units", units, 1);
  const label = `dense(${units})`;
  const chosen = checkOptions(label, options, {
    activation: anything,
    useBias: flag(),
    biasUnit: flag(),
    weightPenalty: penalty(),
    weightInitializer: initializer(),
    biasInitializer: initializer(),
  });
  const { useBias = true, biasUnit = false, weightPenalty } = chosen;
  const { weightInitializer = glorotUniform(), biasInitializer = zeros() } = chosen;
  if (biasUnit && !useBias)
    throw new RangeError(`${label}: expected useBias for a biasUnit, got false`);
  const activation = parseActivation(label, chosen.activation);
  const penalise = (g: LayerGraph, parameter: Node, weight: Node): void => {
    if (weightPenalty) g.addLoss(weightPenalty.record(g, weight), parameter);
  };
  const withBias = (g: LayerGraph, features: number): [Node, Node?] => {
    const weight = g.parameter("weight", [features, units], weightInitializer);
    penalise(g, weight, weight);
    return useBias ? [weight, g.parameter("bias", [units], biasInitializer)] : [weight];
  };
  const withUnit = (g: LayerGraph, features: number): [Node, Node] => {
    const initializer = biasUnitInitializer(weightInitializer, biasInitializer, units);
    const all = g.parameter("weight", [1 + features, units], initializer);
    const weight = slice(g, all, [1]);
    penalise(g, all, weight);
    return [weight, reshape(g, slice(g, all, [0], [1]), [units])];
  };
  return immutable<Layer>(
    {
      kind: "dense",
      label,
      record(g, x) {
        const features = x.shape.at(-1);
        if (x.shape.length < 2 || features === undefined) {
          const came = describe(x.shape);
          throw g.fail("dense", `expected examples of at least one axis, got a batch ${came}`);
        }
        const [weight, bias] = biasUnit ? withUnit(g, features) : withBias(g, features);
        const y = denseOp(g, x, weight, bias, activation?.elementwise);
        return activation && !activation.elementwise ? activation.record(g, y) : y;
      },
    },
    call("dense", units, chosen),
  );
}
