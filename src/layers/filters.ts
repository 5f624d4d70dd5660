import { type Rules, anything, checkOptions, flag } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import type { Node, Shape } from "../graph/node.ts";
import type { ActivationChoice } from "../graph/ops/activations.ts";
import { owned } from "../graph/ops/windows.ts";
import { type Initializer, glorotUniform, initializer, zeros } from "../initializers.ts";
import { type Penalty, penalty } from "../penalties.ts";
import { type Activation, type ActivationOption, parseActivation } from "./activations.ts";
import type { Layer, LayerGraph } from "./layer.ts";

/** Options that all convolutional layers have. */
export interface FilterOptions {
  /**
   * Activation that is applied to the outputs, by name or as a function's result; "linear", which
   * applies nothing, by default, as in Keras.
   */
  readonly activation?: ActivationOption | Activation;
  /** True to add a bias to each filter's outputs; true by default. */
  readonly useBias?: boolean;
  /**
   * First values of the weight; glorotUniform() by default, as in Keras (PyTorch: U(±1/√fanIn)). A weight
   * counts as many inputs as its taps times its second last axis, and outputs as its taps times its last
   * one: a depthwise weight has one input for each tap, as in PyTorch.
   */
  readonly weightInitializer?: Initializer;
  /** First values of the bias [filters]; zeros() by default, as in Keras. */
  readonly biasInitializer?: Initializer;
  /** Penalty on the weight, such as l2(0.001); nothing by default. */
  readonly weightPenalty?: Penalty;
}

/** Rules for FilterOptions. */
const filterRules = (): Rules<FilterOptions> => ({
  activation: anything,
  useBias: flag(),
  weightInitializer: initializer(),
  biasInitializer: initializer(),
  weightPenalty: penalty(),
});

/**
 * Checks the options of a layer, and copies the lists and objects of numbers among them.
 * @param rules rules for those that are no FilterOptions
 */
export function checkFilterOptions<Options extends FilterOptions>(
  who: string,
  options: Options,
  rules: Rules<Omit<Options, keyof FilterOptions>>,
): Options {
  const all = { ...rules, ...filterRules() } as unknown as Rules<Options>;
  const chosen = checkOptions(who, options, all);
  for (const name of Object.keys(chosen) as (keyof Options)[]) {
    if (name in rules) chosen[name] = owned(chosen[name]);
  }
  return chosen;
}

/** Returns the options without those that all convolutional layers have: what the label shows. */
function windowOptions(options: FilterOptions): object {
  const names = Object.keys(filterRules());
  return Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name)));
}

/** Appends the op of a layer with its weight, bias and activation. */
type RecordOp = (
  g: LayerGraph,
  x: Node,
  parameters: FilterParameters,
  activation: ActivationChoice | undefined,
) => Node;

/** Makes the parameters of a layer, in the order in which they are asked for. */
export interface FilterParameters {
  weight(shape: Shape, name?: string): Node;
  bias(filters: number): Node | undefined;
}

function parametersOf(g: LayerGraph, options: FilterOptions): FilterParameters {
  const { useBias = true, weightPenalty } = options;
  const { weightInitializer = glorotUniform(), biasInitializer = zeros() } = options;
  return {
    weight(shape, name = "weight") {
      const weight = g.parameter(name, shape, weightInitializer);
      if (weightPenalty) g.addLoss(weightPenalty.record(g, weight), weight);
      return weight;
    },
    bias: (filters) => (useBias ? g.parameter("bias", [filters], biasInitializer) : undefined),
  };
}

/** Makes a layer from the op that it records. Its label shows what is no FilterOptions. */
export function filterLayer(
  kind: string,
  args: readonly unknown[],
  chosen: FilterOptions,
  record: RecordOp,
): Layer {
  const label = call(kind, ...args, windowOptions(chosen));
  const activation = parseActivation(label, chosen.activation);
  return immutable<Layer>(
    {
      kind,
      label,
      steps: "mixed",
      record(g, x) {
        const y = record(g, x, parametersOf(g, chosen), activation?.elementwise);
        return activation && !activation.elementwise ? activation.record(g, y) : y;
      },
    },
    call(kind, ...args, chosen),
  );
}
