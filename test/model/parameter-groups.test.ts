import { afterEach, describe, expect, it } from "vitest";
import { type Model, type ParameterGroup, adam, adamW, crossEntropy } from "../../src/index.ts";
import { dense, relu, sequential, sgd, stepDecay } from "../../src/index.ts";
import { type OptimizerName, factories } from "../../src/reference/optimizers.ts";
import { createOptimizer } from "../../src/verify/families/optimizer-steps.ts";
import { BIASES, compile, engine, grouped, models, train, weights, x, y } from "./grouped.ts";

afterEach(() => {
  for (const model of models.splice(0)) model.dispose();
});

describe("parameterGroups", () => {
  it.each(Object.keys(factories) as OptimizerName[])(
    "%s: options of the optimizer's own give the same bits",
    (name) => {
      const make = (parameterGroups: readonly ParameterGroup[]): Model => {
        const optimizer = createOptimizer(name, { weightDecay: 0.01, learningRate: 0.01 });
        return train(grouped(parameterGroups, { optimizer }));
      };
      const own = { weightDecay: 0.01, learningRate: 0.01 };
      expect(weights(make([{ parameters: BIASES, ...own }]))).toEqual(weights(make([])));
    },
  );

  it("may be a name, a pattern, a function, or a list of these", () => {
    const same = [
      "dense1",
      "dense1.weight",
      /^dense1/g,
      (name: string) => name.startsWith("dense1"),
    ];
    const frozen = same.map((parameters) => {
      const model = train(grouped([{ parameters, frozen: true }]));
      return model.parameters.filter(({ grad }) => grad.length === 0).map(({ name }) => name);
    });
    const both = ["dense1.weight", "dense1.bias"];
    expect(frozen).toEqual([both, ["dense1.weight"], both, both]);
    const list = grouped([{ parameters: ["dense2", /^batch/], frozen: true }]);
    const left = list.parameters.filter(({ grad }) => grad.length > 0).map(({ name }) => name);
    expect(left).toEqual(both);
  });

  it("the later group counts for an option that two give", () => {
    const groups = [{ parameters: /weight$/, weightDecay: 0.5, learningRate: 0.1 }];
    const later = grouped([...groups, { parameters: "dense1", weightDecay: 0 }]);
    const plain = grouped([
      { parameters: ["dense2.weight", "batchNorm1.weight"], weightDecay: 0.5, learningRate: 0.1 },
      { parameters: "dense1.weight", learningRate: 0.1 },
    ]);
    expect(weights(train(later))).toEqual(weights(train(plain)));
  });

  it("a group has its own learning rate and weight decay", () => {
    const optimizer = sgd({ learningRate: 0.5 });
    const other = grouped([{ parameters: BIASES, learningRate: 0.25 }], { optimizer });
    const before = weights(other);
    other.trainStep(x, y);
    for (const { name, data, grad } of other.parameters) {
      const rate = BIASES.test(name) ? 0.25 : 0.5;
      const expected = before[name]!.map((value, i) => Math.fround(value - rate * grad[i]!));
      expect([name, ...data]).toEqual([name, ...expected]);
    }
  });

  it("clips the gradients of all groups together", () => {
    const optimizer = adamW({ learningRate: 0.01, clipNorm: 0.1 });
    const one = train(compile({ optimizer }), 1);
    const several = train(grouped([{ parameters: BIASES, learningRate: 0.01 }], { optimizer }), 1);
    const norm = ({ parameters }: Model): number =>
      Math.sqrt(parameters.flatMap(({ grad }) => [...grad]).reduce((sum, g) => sum + g * g, 0));
    expect(norm(several)).toBeCloseTo(0.1, 6);
    expect(norm(one)).toBeCloseTo(0.1, 6);
  });

  it("a rate follows the model's in proportion, or a schedule of its own", () => {
    const schedule = stepDecay({ learningRate: 0.04, stepSize: 1, gamma: 0.5 });
    const scheduled = (learningRate: ParameterGroup["learningRate"]) =>
      grouped([{ parameters: BIASES, learningRate: learningRate! }], {
        optimizer: adam({ learningRate: schedule }),
      });
    const own = weights(train(scheduled((step) => 0.01 / 2 ** step)));
    expect(weights(train(scheduled(0.01)))).toEqual(own);
    const byHand = grouped([{ parameters: BIASES, learningRate: 0.01 }], {
      optimizer: adam({ learningRate: 0.04 }),
    });
    for (const rate of [0.04, 0.02, 0.01]) {
      byHand.learningRate = rate;
      train(byHand, 1);
    }
    expect(weights(byHand)).toEqual(own);
  });

  it("micro-batches and checks of values train groups as well", async () => {
    const groups = [
      { parameters: "dense1", frozen: true },
      { parameters: BIASES, weightDecay: 0.1 },
    ];
    const optimizer = adamW();
    const plain = train(grouped(groups, { optimizer }), 1);
    const checked = train(grouped(groups, { optimizer, checkFinite: true }), 1);
    expect(weights(checked)).toEqual(weights(plain));
    const net = sequential([dense(7), relu(), dense(3)]);
    const fits = await Promise.all(
      [6, 2].map(async (microBatchSize) => {
        const options = {
          inputShape: [5],
          loss: crossEntropy(),
          optimizer,
          parameterGroups: groups,
        };
        const model = engine.compile(net, options);
        models.push(model);
        await model.fit({ x, y }, { batchSize: 6, microBatchSize });
        return model.parameters.flatMap(({ data }) => [...data]);
      }),
    );
    fits[0]!.forEach((value, i) => {
      expect(fits[1]![i]).toBeCloseTo(value, 5);
    });
  });
});

describe("frozen parameters", () => {
  it("stay, and the others train as beside a learning rate of 0", () => {
    const net = sequential([dense(7), relu(), dense(3)]);
    const options = { inputShape: [5], loss: crossEntropy(), optimizer: adam() };
    const [frozen, still] = [{ frozen: true }, { learningRate: 0 }].map((option) => {
      const parameterGroups = [{ parameters: "dense1", ...option }];
      const model = engine.compile(net, { ...options, parameterGroups });
      models.push(model);
      const start = weights(model);
      train(model);
      expect(weights(model)["dense1.weight"]).toEqual(start["dense1.weight"]);
      expect(weights(model)["dense2.weight"]).not.toEqual(start["dense2.weight"]);
      return model;
    }) as [Model, Model];
    expect(weights(frozen)).toEqual(weights(still));
    // dense1 has 5 · 7 + 7 parameters, each array on cache lines of its own.
    const bytes = 192 + 64;
    expect(still.memoryPlan.gradients - frozen.memoryPlan.gradients).toBe(bytes);
    expect(still.memoryPlan.activations).toBeGreaterThanOrEqual(frozen.memoryPlan.activations);
  });

  it("batchNorm normalises by its running statistics, and keeps them", () => {
    const model = grouped([{ parameters: "batchNorm1", frozen: true }]);
    const start = weights(model);
    train(model);
    expect(weights(model)["batchNorm1.runningMean"]).toEqual(start["batchNorm1.runningMean"]);
    expect(weights(train(compile({})))["batchNorm1.runningMean"]).not.toEqual(
      start["batchNorm1.runningMean"],
    );
  });
});
