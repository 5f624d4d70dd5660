import { describe, expect, it } from "vitest";
import {
  adam,
  bce,
  bceWithLogits,
  binaryAccuracy,
  confusionMatrix,
  createEngine,
  dense,
  f1,
  precision,
  recall,
  rocAuc,
  sequential,
  topKAccuracy,
} from "../../src/index.ts";
import type { CompileOptions, Loss, Metric, Model } from "../../src/index.ts";
import { floats, weightsOf, wrong } from "../engine/fixtures.ts";
import { CLASSES, COUNT, classifier, data, oneHot } from "./networks.ts";

const engine = await createEngine();
const [ROWS, IN, OUT] = [40, 4, 3];
const x = floats(ROWS * IN, 1);
const y = floats(ROWS * OUT, 2).map((value) => (value > 0 ? 1 : 0));

/** Three answers of yes or no for each example. */
function binary(loss: Loss, metrics: readonly Metric[]): Model {
  const activation = loss.threshold === 0 ? "linear" : "sigmoid";
  return engine.compile(
    sequential([dense(6, { activation: "tanh" }), dense(OUT, { activation })]),
    {
      inputShape: [IN],
      loss,
      optimizer: adam({ learningRate: 0.05 }),
      metrics,
      batchSize: 16,
      seed: 2,
    },
  );
}

describe("metrics of a model", () => {
  it.each([bceWithLogits(), bce()])("get the threshold of the loss: $name", async (loss) => {
    const model = binary(loss, ["accuracy", binaryAccuracy(), f1(), precision(), recall()]);
    for (let round = 0; round < 3; round++) {
      const { epochs } = await model.fit({ x, y }, { epochs: 2, validation: { x, y } });
      const result = await model.evaluate({ x, y }, { batchSize: 7 });
      expect(result.binaryAccuracy).toBe(result.accuracy);
      const { data: predictions } = model.predict(x);
      const threshold = loss.threshold!;
      const right = predictions.filter((value, i) => value > threshold === y[i]! > 0.5).length;
      expect(result.accuracy).toBe(right / (ROWS * OUT));
      const last = epochs.at(-1)!;
      expect(last.validationBinaryAccuracy).toBe(last.validationAccuracy);
      expect(last.validationF1).toBe(result.f1);
    }
  });

  it("with a threshold of its own take that", async () => {
    const model = binary(bceWithLogits(), [binaryAccuracy({ threshold: 1e9 })]);
    const { binaryAccuracy: noes } = await model.evaluate({ x, y });
    expect(noes).toBe(y.filter((value) => value === 0).length / y.length);
  });

  it("are the metric of what predict gives, and in fit those of the validation", async () => {
    const metrics = [topKAccuracy(1), topKAccuracy(2), confusionMatrix(), rocAuc()] as const;
    const model = classifier(engine, { metrics: ["accuracy", ...metrics] });
    const rows = oneHot(data.y, CLASSES);
    const { epochs } = await model.fit(data, { epochs: 3, validation: data });
    const { data: scores, shape } = model.predict(data.x);
    const predictions = { data: scores.slice(), shape };
    const last = epochs.at(-1)!;
    for (const metric of metrics) {
      const name = `validation${metric.name[0]!.toUpperCase()}${metric.name.slice(1)}`;
      expect(last[name]).toEqual(metric.of(predictions, data.y));
    }
    expect(last.validationTop1Accuracy).toBe(last.validationAccuracy);
    const evaluation = await model.evaluate({ x: data.x, y: rows }, { batchSize: 11 });
    expect(evaluation.confusionMatrix).toEqual(last.validationConfusionMatrix);
    expect(Object.keys(last)).not.toContain("top1Accuracy");
  });

  it("start anew in every evaluation", async () => {
    const model = classifier(engine, { metrics: [confusionMatrix()] });
    const first = await model.evaluate(data);
    expect(await model.evaluate(data)).toEqual(first);
    expect(JSON.stringify(first)).toContain("confusionMatrix");
    expect(COUNT).toBe(data.y.length);
  });

  it.each(["all classes", "one class"])("count NaN in %s as wrong", async (where) => {
    const metrics = ["accuracy", topKAccuracy(1), f1({ average: "macro" })] as const;
    const model = classifier(engine, { metrics });
    const bias = model.parameters.at(-1)!.data;
    if (where === "one class") bias[CLASSES - 1] = NaN;
    else bias.fill(NaN);
    const labels = new Int32Array(COUNT);
    for (const y of [labels, oneHot(labels, CLASSES)]) {
      const { loss, ...measured } = await model.evaluate({ x: data.x, y });
      expect(loss).toBeNaN();
      expect(measured).toEqual({ accuracy: 0, top1Accuracy: 0, macroF1: 0 });
    }
    model.dispose();
  });

  it.each([bceWithLogits(), bce()])("count a NaN of $name as wrong", async (loss) => {
    const model = binary(loss, ["accuracy", binaryAccuracy(), recall()]);
    model.parameters.at(-1)!.data.fill(NaN);
    for (const target of [0, 1]) {
      const result = await model.evaluate({ x, y: y.map(() => target) });
      expect(result).toEqual({ loss: NaN, accuracy: 0, binaryAccuracy: 0, recall: 0 });
    }
    model.dispose();
  });

  it("change nothing in the training", async () => {
    const [plain, measured] = [
      classifier(engine, { metrics: [] }),
      classifier(engine, { metrics: ["accuracy", topKAccuracy(2)] }),
    ];
    for (const model of [plain, measured]) await model.fit(data, { validation: data });
    expect(weightsOf(measured)).toEqual(weightsOf(plain));
  });
});

describe("compile refuses", () => {
  it.each<[CompileOptions["metrics"], string]>([
    [["accuracy", "accuracy"], "accuracy"],
    [[f1(), f1()], "f1"],
    [[topKAccuracy(2), binaryAccuracy(), topKAccuracy(2)], "top2Accuracy"],
    [[{ ...f1(), name: "loss" }], "loss"],
    [["accuracy", { ...f1(), name: "accuracy" }], "accuracy"],
  ])("two metrics of one name, %#", (metrics, name) => {
    const { used } = engine.memoryUsage;
    expect(() => classifier(engine, { metrics: metrics! })).toThrow(
      new RangeError(`compile: expected metrics of different names, got "${name}" twice`),
    );
    expect(engine.memoryUsage.used).toBe(used);
  });

  it.each([[[f1]], [[null]], [[undefined]], [["f1"]], [f1()], [[{ name: "f1" }]]])(
    "what is no metric, %#",
    (metrics) => {
      expect(() => classifier(engine, { metrics: wrong(metrics) })).toThrow(
        /^compile: expected metrics to be a list of "accuracy" and metrics such as f1\(\), got /,
      );
    },
  );

  it("nothing of two of different names", () => {
    expect(() =>
      classifier(engine, { metrics: [topKAccuracy(1), topKAccuracy(2), f1()] }),
    ).not.toThrow();
  });
});
