import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import {
  adam,
  createEngine,
  crossEntropy,
  dense,
  gru,
  sequential,
  zeros,
} from "../../src/index.ts";
import { type Reference, expectClose } from "./reference.ts";
import { type State, readTrained, shareOf, transposed } from "./trained.ts";

/** Recurrent networks that PyTorch trained for twelve steps in float64, in PyTorch's layout. */

/** Returns the rows of PyTorch's gates r, z, n in the order z, r, n. */
function reordered({ shape, data }: Reference): Reference {
  const third = data.length / 3;
  const gate = (i: number) => data.slice(i * third, (i + 1) * third);
  return { shape, data: [...gate(1), ...gate(0), ...gate(2)] };
}

/** Arrays of the models by name, from PyTorch's. */
const arrays: Readonly<Record<string, Readonly<Record<string, (s: State) => Reference>>>> = {
  lstm: {
    "lstm1.weight": (s) => transposed(s["rnn.weight_ih_l0"]!),
    "lstm1.recurrentWeight": (s) => transposed(s["rnn.weight_hh_l0"]!),
    "lstm1.bias": (s) => s["rnn.bias_ih_l0"]!,
    "lstm1.recurrentBias": (s) => s["rnn.bias_hh_l0"]!,
  },
  gru: {
    "gru1.weight": (s) => transposed(reordered(s["rnn.weight_ih_l0"]!)),
    "gru1.recurrentWeight": (s) => transposed(reordered(s["rnn.weight_hh_l0"]!)),
    "gru1.bias": ({ "rnn.bias_ih_l0": a, "rnn.bias_hh_l0": b }) => {
      const rows = [reordered(a!), reordered(b!)];
      return { shape: [2, a!.data.length], data: rows.flatMap(({ data }) => data) };
    },
  },
};

const outputs: Readonly<Record<string, (s: State) => Reference>> = {
  "dense1.weight": (s) => transposed(s["out.weight"]!),
  "dense1.bias": (s) => s["out.bias"]!,
};

const engine = await createEngine();

/** Error as a share of an array's largest element: some roundings for each of the steps. */
const SHARE = 4e-6;

const close = shareOf(SHARE);

/** A layer with two biases, as PyTorch has them: each takes steps of its own, and so their sum takes two. */
const twoBiases: gradlane.Layer = {
  kind: "lstm",
  label: "lstm(9)",
  record(g, x) {
    const weight = g.parameter("weight", [5, 36], zeros());
    const recurrentWeight = g.parameter("recurrentWeight", [9, 36], zeros());
    const biases = ["bias", "recurrentBias"].map((name) => g.parameter(name, [36], zeros()));
    return g.lstm(x, weight, recurrentWeight, g.add(biases[0]!, biases[1]!)).h;
  },
};

describe.each([
  ["lstm", twoBiases],
  ["gru", gru(9)],
] as const)("%s as in PyTorch", (name, layer) => {
  const recorded = readTrained(`${name}.json`);
  const all = { ...arrays[name], ...outputs };

  it("has its scores, its losses in twelve steps, and the weights behind them", () => {
    const model = engine.compile(sequential([layer, dense(3)]), {
      inputShape: [7, 5],
      loss: crossEntropy(),
      optimizer: adam({ learningRate: 0.01 }),
      batchSize: 4,
    });
    for (const parameter of model.parameters) {
      const start = all[parameter.name]!(recorded.start);
      expect(start.shape, parameter.name).toEqual(parameter.shape);
      parameter.data.set(start.data);
    }
    const x = recorded.x.map(({ data }) => Float32Array.from(data));
    const y = recorded.y.map(({ data }) => Int32Array.from(data));
    expectClose("scores", model.predict(x[0]!), recorded.evaluated, close(recorded.evaluated));
    recorded.losses.forEach((expected, s) => {
      const loss = model.trainStep(x[s % x.length]!, y[s % x.length]!);
      expectClose(`loss of step ${s}`, loss, [expected], () => SHARE * expected);
    });
    for (const { name, shape, data } of model.parameters) {
      const expected = all[name]!(recorded.trained);
      expectClose(name, { shape, data }, expected, close(expected));
    }
    const after = recorded.evaluatedAfter;
    expectClose("scores after", model.predict(x[0]!), after, close(after));
    model.dispose();
  });
});
