import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import type { Graph, Layer, Loss, Node, Reduction, Targets } from "../../src/index.ts";
import { type Reference, expectClose } from "./reference.ts";

/** A loss that PyTorch 1.13 computed in float64, drawn with seed 7. */
interface LossCase {
  readonly name: string;
  readonly attrs: {
    readonly reduction: Reduction;
    readonly delta?: number;
    readonly posWeight?: Reference;
    readonly labels?: readonly number[];
    readonly labelSmoothing?: number;
  };
  readonly inputs: { readonly prediction: Reference; readonly target?: Reference };
  readonly output: Reference;
  readonly grads: { readonly prediction: Reference };
}

const { cases } = JSON.parse(
  readFileSync(new URL("losses-pytorch.json", import.meta.url), "utf8"),
) as { readonly cases: readonly LossCase[] };

const titled = cases.map((example) => {
  const { name, attrs, inputs } = example;
  const options = Object.keys(attrs).filter((key) => key !== "reduction" && key !== "labels");
  return [[name, attrs.reduction, ...options, inputs.prediction.shape].join(" "), example] as const;
});

type Name = "mse" | "mae" | "huber" | "bce" | "bceWithLogits" | "crossEntropy" | "nll" | "klDiv";

const engine = await gradlane.createEngine();

function nameOf({ name }: LossCase): Name {
  return (name === "crossEntropyProbabilities" ? "crossEntropy" : name) as Name;
}

/** The options of a case, by the names that both the ops and the losses know them under. */
function optionsOf({ attrs }: LossCase): object {
  const { reduction, delta, posWeight, labelSmoothing } = attrs;
  return {
    reduction,
    ...(delta !== undefined && { delta }),
    ...(posWeight && { posWeight: posWeight.data }),
    ...(labelSmoothing !== undefined && { labelSmoothing }),
  };
}

function targetOf({ inputs, attrs }: LossCase): Float32Array | Int32Array {
  if (inputs.target) return Float32Array.from(inputs.target.data);
  return Int32Array.from(attrs.labels!);
}

/** Runs a loss of a parameter in a graph by hand; gives its value and gradient. */
function byHand(example: LossCase, record: (g: Graph, prediction: Node, target: Node) => Node) {
  const { shape, data } = example.inputs.prediction;
  const g = engine.graph();
  const prediction = g.parameter(shape, Float32Array.from(data));
  const target = g.constant(targetOf(example), example.inputs.target?.shape ?? [shape[0]!]);
  const loss = record(g, prediction, target);
  const step = g.compile(loss);
  step.run();
  expectClose("loss", step.value(loss), example.output);
  expectClose("gradient", step.gradient(prediction), example.grads.prediction);
  g.dispose();
}

/** A layer that gives its parameter as the prediction, whatever x is. */
function given(rows: number, width: number): Layer {
  return {
    kind: "given",
    label: "given",
    record: (g) => g.parameter("values", [rows, width], gradlane.constant(0)),
  };
}

describe("losses as in PyTorch", () => {
  it.each(titled)("%s: the op", (_, example) => {
    byHand(example, (g, prediction, target) =>
      g[nameOf(example)](prediction, target, optionsOf(example)),
    );
  });

  it.each(titled)("%s: the loss of a model", (_, example) => {
    const { shape, data } = example.inputs.prediction;
    const [rows, width] = shape as [number, number];
    const makeLoss = gradlane[nameOf(example)] as (options: object) => Loss;
    const model = engine.compile(gradlane.sequential([given(rows, width)]), {
      inputShape: [1],
      loss: makeLoss(optionsOf(example)),
      optimizer: gradlane.sgd({ learningRate: 0 }),
      batchSize: rows,
    });
    const [values] = model.parameters;
    values!.data.set(data);
    const targets = targetOf(example) as Targets;
    expectClose("loss", model.trainStep(new Float32Array(rows), targets), example.output);
    expectClose("gradient", values!.grad, example.grads.prediction);
    model.dispose();
  });

  it.each(titled.filter(([, { name }]) => name === "crossEntropy" || name === "nll"))(
    "%s: class indices as rows of probabilities",
    (_, example) => {
      const { attrs, inputs } = example;
      const [rows, cols] = inputs.prediction.shape as [number, number];
      const oneHot = new Float32Array(rows * cols);
      attrs.labels!.forEach((label, i) => (oneHot[i * cols + label] = 1));
      byHand(example, (g, prediction) => {
        const target = g.constant(oneHot, [rows, cols]);
        if (nameOf(example) === "crossEntropy") {
          return g.crossEntropy(prediction, target, optionsOf(example));
        }
        // The divergence from one certain class is the negative log-likelihood of it.
        return g.klDiv(prediction, target, attrs.reduction === "mean" ? "batchmean" : "sum");
      });
    },
  );

  it("finds every case", () => {
    expect(cases.length).toBe(22);
  });
});
