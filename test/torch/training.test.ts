import { describe, expect, it } from "vitest";
import { adam, createEngine, crossEntropy, dense, sequential, sgd } from "../../src/index.ts";
import { UNIT } from "./bounds.ts";
import { caseCount, cases, expectClose, trainingCases } from "./reference.ts";

const engine = await createEngine();

const BATCH = 8;

const optimizers = {
  "mlp-adam": adam({ learningRate: 0.02 }),
  "mlp-sgdMomentum": sgd({ learningRate: 0.05, momentum: 0.9 }),
};

describe("thirty steps of a 6-9-5-3 network as in PyTorch", () => {
  it.each(trainingCases)("$name", (example) => {
    const layers = [dense(9, { activation: "relu" }), dense(5, { activation: "tanh" }), dense(3)];
    const model = engine.compile(sequential(layers), {
      inputShape: [6],
      loss: crossEntropy(),
      optimizer: optimizers[example.name as keyof typeof optimizers],
      batchSize: BATCH,
    });
    const arrays = (weights: typeof example.weights, biases: typeof example.biases) =>
      weights.flatMap((weight, i) => [weight, biases[i]!]);
    arrays(example.weights, example.biases).forEach(({ data }, i) => {
      model.parameters[i]!.data.set(data);
    });
    const x = Float32Array.from(example.x.data);
    const labels = Int32Array.from(example.labels);
    example.losses.forEach((expected, s) => {
      const from = (s % 5) * BATCH;
      const loss = model.trainStep(
        x.subarray(from * 6, (from + BATCH) * 6),
        labels.subarray(from, from + BATCH),
      );
      expectClose(`loss of step ${s}`, loss, [expected]);
    });
    arrays(example.finalWeights, example.finalBiases).forEach((expected, i) => {
      // An element that has come near 0 keeps the roundings of the numbers that it was summed from:
      // each step may leave one unit of the array's largest.
      const largest = Math.max(...expected.data.map(Math.abs));
      const bound = (): number => example.losses.length * UNIT * largest;
      expectClose(model.parameters[i]!.name, model.parameters[i]!, expected, bound);
    });
  });
});

it("leaves no case of the file out", () => {
  const kinds = ["activation", "activation-extreme", "binary", "matmul", "layer", "reduce"];
  const ops = [...kinds, "loss"].reduce((sum, kind) => sum + cases(kind).length, 0);
  const optimizerCases = 3;
  expect(ops + optimizerCases + trainingCases.length).toBe(caseCount);
});
