import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import type { Layer, Reduction } from "../../src/index.ts";
import { type Case, cases, expectClose } from "./reference.ts";

const engine = await gradlane.createEngine();

/** A layer that gives its parameter as the prediction, whatever x is. */
function given(rows: number, width: number): Layer {
  return {
    kind: "given",
    label: "given",
    record: (g) => g.parameter("values", [rows, width], gradlane.constant(0)),
  };
}

type ElementLoss = "mse" | "bce" | "bceWithLogits" | "crossEntropy";

function opName(name: string): ElementLoss {
  return name === "crossEntropyProbabilities" ? "crossEntropy" : (name as ElementLoss);
}

/** The targets that a case gives: an array of the prediction's shape, or class indices. */
function targetsOf({ inputs, attrs }: Case): Float32Array | Int32Array {
  if (inputs.target) return Float32Array.from(inputs.target.data);
  return Int32Array.from(attrs.labels as number[]);
}

describe("losses as in PyTorch", () => {
  it.each(cases("loss"))("%s, by hand", (_, example) => {
    const { shape, data } = example.inputs.prediction!;
    const g = engine.graph();
    const prediction = g.parameter(shape, Float32Array.from(data));
    const target = g.constant(targetsOf(example), example.inputs.target?.shape);
    const reduction = example.attrs.reduction as Reduction;
    const loss = g[opName(example.name)](prediction, target, reduction);
    const step = g.compile(loss);
    step.run();
    expectClose("loss", step.value(loss), example.output);
    expectClose("gradient", step.gradient(prediction), example.grads.prediction!);
  });

  it.each(cases("loss"))("%s, in a model", (_, example) => {
    const { shape, data } = example.inputs.prediction!;
    const [rows, width] = shape as [number, number];
    const reduction = example.attrs.reduction as Reduction;
    const model = engine.compile(gradlane.sequential([given(rows, width)]), {
      inputShape: [1],
      loss: gradlane[opName(example.name)]({ reduction }),
      optimizer: gradlane.sgd({ learningRate: 0 }),
      batchSize: rows,
    });
    const [values] = model.parameters;
    values!.data.set(data);
    const loss = model.trainStep(new Float32Array(rows), targetsOf(example));
    expectClose("loss", loss, example.output);
    expectClose("gradient", values!.grad, example.grads.prediction!);
    expect(values!.data).toEqual(Float32Array.from(data));
    model.dispose();
  });

  it("finds both reductions of each loss", () => {
    expect(cases("loss").length).toBe(10);
  });
});
