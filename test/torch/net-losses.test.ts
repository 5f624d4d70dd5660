import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import type { Layer, Loss, Reduction } from "../../src/index.ts";
import { type Reference, expectClose } from "./reference.ts";

/** A loss that PyTorch 1.13 computed in float64, drawn with seed 11. */
interface LossCase {
  readonly name: string;
  readonly attrs: {
    readonly note: string;
    readonly reduction?: Reduction;
    readonly labels?: readonly (readonly number[])[];
    readonly ignoreIndex?: number;
    readonly classWeights?: Reference | null;
    readonly labelSmoothing?: number;
    readonly sampleWeights?: Reference;
  };
  readonly inputs: { readonly prediction: Reference; readonly target?: Reference };
  readonly output: Reference;
  readonly grads: { readonly prediction: Reference };
}

const { cases } = JSON.parse(readFileSync(new URL("net-losses.json", import.meta.url), "utf8")) as {
  readonly cases: readonly LossCase[];
};

const titled = cases.map((example) => {
  const { name, attrs } = example;
  return [[name, attrs.reduction, attrs.note].join(" "), example] as const;
});

const ofLabels = titled.filter(([, { name }]) => name === "crossEntropy");

const engine = await gradlane.createEngine();

function optionsOf({ attrs }: LossCase): gradlane.CrossEntropyOptions {
  const { reduction, ignoreIndex, classWeights, labelSmoothing } = attrs;
  return {
    reduction: reduction!,
    ignoreIndex: ignoreIndex!,
    labelSmoothing: labelSmoothing!,
    ...(classWeights && { classWeights: classWeights.data }),
  };
}

/** A layer that gives its parameter as the prediction, whatever x is. */
function given(shape: readonly number[]): Layer {
  return {
    kind: "given",
    label: "given",
    record: (g) => g.parameter("values", shape, gradlane.constant(0)),
  };
}

/** Options of the cases whose notes name one, by their losses. */
const OPTIONS: Readonly<Record<string, object>> = { smoothL1: { beta: 0.7 } };

const ofElements = titled.filter(([, { name }]) => name !== "crossEntropy");

describe("losses of elements as in PyTorch", () => {
  it.each(ofElements)("%s: the op", (_, example) => {
    const { name, attrs, inputs, output, grads } = example;
    const { shape, data } = inputs.prediction;
    const g = engine.graph();
    const x = g.parameter(shape, Float32Array.from(data));
    const t = g.constant(Float32Array.from(inputs.target!.data), inputs.target!.shape);
    const { sampleWeights } = attrs;
    // msle takes numbers from 0 on: the case gives their logarithms.
    const prediction = name === "msle" ? g.exp(x) : x;
    const options = { ...OPTIONS[name], reduction: sampleWeights ? "none" : "mean" } as const;
    const losses = g[name as "mse"](prediction, t, options);
    const weights = sampleWeights && g.constant(Float32Array.from(sampleWeights.data), [4, 1]);
    const loss = weights ? g.mean(g.mul(losses, weights)) : losses;
    const step = g.compile(loss);
    step.run();
    expectClose("loss", step.value(loss), output);
    expectClose("gradient", step.gradient(x), grads.prediction);
    g.dispose();
  });

  it.each(ofElements.filter(([, { name }]) => name !== "msle"))(
    "%s: the loss of a model",
    (_, example) => {
      const { name, attrs, inputs, output, grads } = example;
      const { shape, data } = inputs.prediction;
      const makeLoss = gradlane[name as "mse"] as (options: object) => Loss;
      const model = engine.compile(gradlane.sequential([given(shape)]), {
        inputShape: [1],
        loss: makeLoss(OPTIONS[name] ?? {}),
        optimizer: gradlane.sgd({ learningRate: 0 }),
        batchSize: shape[0]!,
      });
      const [values] = model.parameters;
      values!.data.set(data);
      const target = Float32Array.from(inputs.target!.data);
      const weights = attrs.sampleWeights && Float32Array.from(attrs.sampleWeights.data);
      expectClose("loss", model.trainStep(new Float32Array(shape[0]!), target, weights), output);
      expectClose("gradient", values!.grad, grads.prediction);
      model.dispose();
    },
  );

  it("finds every case", () => {
    expect([ofElements.length, ofLabels.length]).toEqual([10, 6]);
  });
});

describe("losses of sequences as in PyTorch", () => {
  it.each(ofLabels)("%s: the op", (_, example) => {
    const { shape, data } = example.inputs.prediction;
    const g = engine.graph();
    const prediction = g.parameter(shape, Float32Array.from(data));
    const labels = g.constant(Int32Array.from(example.attrs.labels!.flat()), shape.slice(0, -1));
    const loss = g.crossEntropy(prediction, labels, optionsOf(example));
    const step = g.compile(loss);
    step.run();
    expectClose("loss", step.value(loss), example.output);
    expectClose("gradient", step.gradient(prediction), example.grads.prediction);
    g.dispose();
  });

  it.each(ofLabels)("%s: the loss of a model", async (_, example) => {
    const { shape, data } = example.inputs.prediction;
    const model = engine.compile(gradlane.sequential([given(shape)]), {
      inputShape: [1],
      loss: gradlane.crossEntropy(optionsOf(example)),
      optimizer: gradlane.sgd({ learningRate: 0 }),
      batchSize: shape[0]!,
    });
    const [values] = model.parameters;
    values!.data.set(data);
    const x = new Float32Array(shape[0]!);
    const y = Int32Array.from(example.attrs.labels!.flat());
    expectClose("loss", model.trainStep(x, y), example.output);
    expectClose("gradient", values!.grad, example.grads.prediction);
    expectClose("evaluation", (await model.evaluate({ x, y })).loss, example.output);
    model.dispose();
  });
});
