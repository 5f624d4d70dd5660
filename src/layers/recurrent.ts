import { type Rules, anything, checkOptions, checkWhole, flag } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import { type Node, type Shape, describe } from "../graph/node.ts";
import { type ActivationChoice, canFuse } from "../graph/ops/activations.ts";
import type { LstmOptions, LstmOutputs, RecurrentOutputs } from "../graph/ops/recurrent.ts";
import { lengthsOf } from "../graph/ops/lengths.ts";
import { gru as gruOp, lstm as lstmOp, simpleRnn as simpleRnnOp } from "../graph/ops/recurrent.ts";
import { type Initializer, glorotUniform, initializer } from "../initializers.ts";
import { orthogonal, zeros } from "../initializers.ts";
import { type Penalty, penalty } from "../penalties.ts";
import { type Activation, type ActivationOption, parseActivation } from "./activations.ts";
import { type Layer, type LayerGraph, newSteps } from "./layer.ts";

/** Options of all recurrent layers. */
export interface RecurrentLayerOptions {
  /**
   * True to give h of every step, [batch, steps, units]; false, the default, for h after the last step,
   * [batch, units], as in Keras.
   */
  readonly returnSequences?: boolean;
  /**
   * True to read sequences from their last step to their first; false by default. h of every step stays
   * where the step is, as in PyTorch (Keras's go_backwards reverses it, too).
   */
  readonly reverse?: boolean;
  /**
   * True to begin each batch with the states that the same rows had at the end of the batch before, as in
   * Keras; false, which begins with zeros, by default. Every batch has batchSize rows then, and fit takes them
   * in order (shuffle: false). The states are zeros again at the start of an epoch and of evaluate, and
   * after resetStates; no gradient reaches the batch before.
   */
  readonly stateful?: boolean;
  /** True to add biases; true by default. */
  readonly useBias?: boolean;
  /** First values of the weight of x; glorotUniform() by default, as in Keras (PyTorch: U(±1/√units)). */
  readonly weightInitializer?: Initializer;
  /** First values of the weight of h; orthogonal() by default, as in Keras. */
  readonly recurrentInitializer?: Initializer;
  /** First values of the bias; zeros() by default, but 1 for the forget gate of lstm, as in Keras. */
  readonly biasInitializer?: Initializer;
  /** Penalty on the weight of x, such as l2(0.001); nothing by default. */
  readonly weightPenalty?: Penalty;
}

/** Options of the layer simpleRnn. */
export interface SimpleRnnLayerOptions extends RecurrentLayerOptions {
  /**
   * Activation of each step, by name or as a function's result; "tanh" by default, as in Keras. Its
   * gradient must need its result alone.
   */
  readonly activation?: ActivationOption | Activation;
}

/** A recurrent layer, which can be made anew for the other direction. */
export interface RecurrentLayer extends Layer {
  /** Makes the layer with weights of its own that reads sequences the other way. */
  readonly reversed: () => RecurrentLayer;
}

const recurrentRules = (): Rules<RecurrentLayerOptions> => ({
  returnSequences: flag(),
  reverse: flag(),
  stateful: flag(),
  useBias: flag(),
  weightInitializer: initializer(),
  recurrentInitializer: initializer(),
  biasInitializer: initializer(),
  weightPenalty: penalty(),
});

/** Zeros, but ones for the forget gate, so that an LSTM first learns to keep (Jozefowicz and others 2015). */
const forgetOnes = (): Initializer => ({
  name: "zeros, 1 for the forget gate",
  fill({ runtime, at, count }) {
    const bias = runtime.heap.floats.subarray(at / 4, at / 4 + count);
    bias.fill(0);
    bias.fill(1, count / 4, count / 2);
  },
});

/** Traits of a kind of recurrent layer. */
interface Kind {
  readonly name: "lstm" | "gru" | "simpleRnn";
  /** Blocks of `units` columns of both weights. */
  readonly gates: number;
  /** Shape of the bias, for a number of columns. */
  readonly bias: (columns: number) => Shape;
  readonly biasInitializer: () => Initializer;
  /** Results that the next step needs. */
  readonly states: readonly ("h" | "c")[];
  readonly record: (
    g: LayerGraph,
    x: Node,
    weights: readonly [weight: Node, recurrentWeight: Node, bias: Node | undefined],
    options: LstmOptions,
  ) => RecurrentOutputs & Partial<LstmOutputs>;
}

/** @throws RangeError unless a decoder can go on with the layer */
function checkDecoding(
  g: LayerGraph,
  op: string,
  x: Node,
  { reverse, lengths }: LstmOptions,
): void {
  if (reverse) throw g.fail(op, "expected to read forwards in a decoder, got reverse");
  newSteps(g, op, x);
  if (!lengths) return;
  throw g.fail(op, "expected no lengths in a decoder, which is given real steps alone");
}

/** Records a kind of layer that goes on from the states of the batch or the steps before. */
function recordKept(
  g: LayerGraph,
  kind: Kind,
  x: Node,
  weights: Parameters<Kind["record"]>[2],
  options: LstmOptions,
): RecurrentOutputs {
  if (g.decoding) checkDecoding(g, kind.name, x, options);
  const shape = [x.shape[0]!, weights[1].shape[0]!];
  const before = kind.states.map((name) => [name, g.state(name, shape)] as const);
  const starts = Object.fromEntries(before.map(([name, state]) => [`${name}0`, state]));
  const results = kind.record(g, x, weights, { ...options, ...starts });
  for (const [name, state] of before) g.update(state, results[name]!);
  return results;
}

/** Makes a layer of a kind from options that have been checked. */
function recurrentLayer(
  kind: Kind,
  units: number,
  chosen: RecurrentLayerOptions,
  label: string,
): RecurrentLayer {
  const { returnSequences = false, reverse = false, stateful = false } = chosen;
  const { useBias = true, weightPenalty } = chosen;
  const { weightInitializer = glorotUniform(), recurrentInitializer = orthogonal() } = chosen;
  const { biasInitializer = kind.biasInitializer() } = chosen;
  const columns = kind.gates * units;
  return immutable<RecurrentLayer>(
    {
      kind: kind.name,
      label,
      takes: ["lengths"],
      reversed: () => recurrentLayer(kind, units, { ...chosen, reverse: !reverse }, label),
      record(g, x, { lengths } = {}) {
        const features = x.shape[2];
        if (x.shape.length !== 3 || features === undefined) {
          const expected = "sequences [batch, steps, features]";
          const help = x.shape.length === 2 ? "; returnSequences: true gives all steps" : "";
          throw g.fail(kind.name, `expected ${expected}, got ${describe(x.shape)}${help}`);
        }
        const weight = g.parameter("weight", [features, columns], weightInitializer);
        if (weightPenalty) g.addLoss(weightPenalty.record(g, weight), weight);
        const shape = [units, columns];
        const recurrentWeight = g.parameter("recurrentWeight", shape, recurrentInitializer);
        const bias = useBias ? g.parameter("bias", kind.bias(columns), biasInitializer) : undefined;
        const weights = [weight, recurrentWeight, bias] as const;
        const options = {
          reverse,
          ...(lengths && { lengths: lengthsOf(g, kind.name, lengths, x.shape[0]!) }),
        };
        const keeps = stateful || g.decoding;
        const { outputs, h } = keeps
          ? recordKept(g, kind, x, weights, options)
          : kind.record(g, x, weights, options);
        return returnSequences ? outputs : h;
      },
    },
    call(kind.name, units, chosen),
  );
}

/** Checks the arguments of a kind of layer, and makes it. */
function checkedLayer(kind: Kind, units: number, options: RecurrentLayerOptions): RecurrentLayer {
  checkWhole(kind.name, "units", units, 1);
  const label = `${kind.name}(${units})`;
  return recurrentLayer(kind, units, checkOptions(label, options, recurrentRules()), label);
}

const LSTM: Kind = {
  name: "lstm",
  gates: 4,
  bias: (columns) => [columns],
  biasInitializer: forgetOnes,
  states: ["h", "c"],
  record: (g, x, weights, options) => lstmOp(g, x, ...weights, options),
};

const GRU: Kind = {
  name: "gru",
  gates: 3,
  bias: (columns) => [2, columns],
  biasInitializer: zeros,
  states: ["h"],
  record: (g, x, weights, options) => gruOp(g, x, ...weights, options),
};

/**
 * Long short-term memory over sequences [batch, steps, features]: the last h [batch, units], or h of every
 * step. The weight is [features, 4 · units], the recurrentWeight [units, 4 · units], the bias [4 · units],
 * with gates in the order i, f, g, o, as in Keras; PyTorch has the transposes and two biases. States begin
 * as zeros.
 *
 * In a network, `g.use(layer, x, { lengths })` takes the length of each sequence, [batch], or [batch, 1] as an
 * input of a network is: whole numbers from 0 to the number of steps. A sequence's last step is then the last
 * one within its length, and the steps past it give 0. A model refuses inputs of other numbers before it
 * computes anything; those that the network itself computes count as the nearest length.
 * @param units length of h and c, at least 1
 * @throws TypeError if an argument or an option has the wrong type
 * @throws RangeError if one is out of range, or an option is unknown. Recording throws one if x is not a
 * batch of sequences.
 * @example
 * const net = sequential([lstm(64, { returnSequences: true }), lstm(32), dense(1)]);
 * engine.compile(net, { inputShape: [50, 8], loss: mse(), optimizer: adam() });
 */
export function lstm(units: number, options: RecurrentLayerOptions = {}): RecurrentLayer {
  return checkedLayer(LSTM, units, options);
}

/**
 * Gated recurrent unit over sequences [batch, steps, features]: the last h [batch, units], or h of every
 * step. The weight is [features, 3 · units], the recurrentWeight [units, 3 · units], the bias [2,
 * 3 · units], with gates in the order z, r, h̃, and the reset gate after the product, as in Keras; PyTorch
 * has the transposes, and z and r exchanged. The state begins as zeros. It takes `lengths` as lstm does.
 * @param units length of h, at least 1
 * @throws TypeError if an argument or an option has the wrong type
 * @throws RangeError if one is out of range, or an option is unknown. Recording throws one if x is not a
 * batch of sequences.
 * @example
 * const net = sequential([gru(64), dense(10)]);
 * engine.compile(net, { inputShape: [50, 8], loss: crossEntropy(), optimizer: adam() });
 */
export function gru(units: number, options: RecurrentLayerOptions = {}): RecurrentLayer {
  return checkedLayer(GRU, units, options);
}

/** The activation "linear" as one of the table: x for either sign. */
const LINEAR: ActivationChoice = { name: "leakyRelu", parameter: 1 };

/** @throws RangeError unless it acts element by element and its gradient needs its result alone */
function stepActivation(label: string, option: ActivationOption | Activation): ActivationChoice {
  const activation = parseActivation(label, option);
  if (!activation) return LINEAR;
  if (activation.elementwise && canFuse(activation.elementwise)) return activation.elementwise;
  const expected = "an activation whose gradient needs its result alone, such as tanh or relu";
  throw new RangeError(`${label}: expected ${expected}, got ${activation.label}`);
}

/**
 * Simple recurrent layer (Elman 1990) over sequences [batch, steps, features], h = f(x·weight +
 * h·recurrentWeight + bias): the last h [batch, units], or h of every step. The weight is [features,
 * units], the recurrentWeight [units, units], the bias [units]. The state begins as zeros. It takes `lengths`
 * as lstm does.
 * @param units length of h, at least 1
 * @throws TypeError if an argument or an option has the wrong type
 * @throws RangeError if one is out of range, or an option or the activation is unknown. Recording throws
 * one if x is not a batch of sequences.
 * @example
 * const net = sequential([simpleRnn(32, { activation: "relu" }), dense(1)]);
 * engine.compile(net, { inputShape: [20, 3], loss: mse(), optimizer: adam() });
 */
export function simpleRnn(units: number, options: SimpleRnnLayerOptions = {}): RecurrentLayer {
  checkWhole("simpleRnn", "units", units, 1);
  const label = `simpleRnn(${units})`;
  const rules: Rules<SimpleRnnLayerOptions> = { ...recurrentRules(), activation: anything };
  const chosen = checkOptions(label, options, rules);
  const activation = stepActivation(label, chosen.activation ?? "tanh");
  const kind: Kind = {
    name: "simpleRnn",
    gates: 1,
    bias: (columns) => [columns],
    biasInitializer: zeros,
    states: ["h"],
    record: (g, x, weights, options) => simpleRnnOp(g, x, ...weights, { ...options, activation }),
  };
  return recurrentLayer(kind, units, chosen, label);
}
