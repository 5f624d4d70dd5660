import { readFileSync } from "node:fs";
import { describe, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import type { Layer, Reduction } from "../../src/index.ts";
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
