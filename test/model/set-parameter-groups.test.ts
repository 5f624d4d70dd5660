import { afterEach, describe, expect, it } from "vitest";
import { adam, adamW, dense, sequential } from "../../src/index.ts";
import { BIASES, compile, engine, grouped, models, train, weights, x, y } from "./grouped.ts";

afterEach(() => {
  for (const model of models.splice(0)) model.dispose();
});

describe("setParameterGroups", () => {
  it("changes nothing but what it names", () => {
    const model = train(compile({}));
    model.setParameterGroups([{ parameters: BIASES, weightDecay: 0 }]);
    train(model);
    model.setParameterGroups([]);
    expect(weights(train(model))).toEqual(weights(train(compile({}), 9)));
  });

  it("starts parameters that were frozen with no moments, at their first step", () => {
    const model = train(grouped([{ parameters: "dense1", frozen: true }]));
    model.setParameterGroups([]);
    const before = weights(model)["dense1.weight"]!;
    train(model, 1);
    const { data, grad } = model.parameters.find(({ name }) => name === "dense1.weight")!;
    // Adam's first step is the learning rate, whatever the gradient is, if it is not tiny.
    const steps = before.filter((_, i) => Math.abs(grad[i]!) > 1e-4);
    expect(steps.length).toBeGreaterThan(9);
    before.forEach((value, i) => {
      if (Math.abs(grad[i]!) > 1e-4) expect(Math.abs(data[i]! - value)).toBeCloseTo(1e-3, 5);
    });
  });

  it("keeps to the memory that it needs", () => {
    const model = train(compile({}));
    const usage = engine.memoryUsage.used;
    const plan = model.memoryPlan;
    for (let i = 0; i < 5; i++) {
      model.setParameterGroups([{ parameters: "dense1", frozen: true }]);
      train(model);
      expect(model.memoryPlan.gradients).toBeLessThan(plan.gradients);
      model.setParameterGroups([]);
      train(model);
    }
    expect(model.memoryPlan.gradients).toBe(plan.gradients);
    expect(engine.memoryUsage.used).toBeLessThanOrEqual(usage + 1024);
  });

  it("refuses during a fit, and for a model without an optimizer", async () => {
    const model = compile({});
    const fit = model.fit({ x, y }, { onBatchEnd: () => model.setParameterGroups([]) });
    await expect(fit).rejects.toThrow("expected no fit of this model, one is under way");
    const net = sequential([dense(3)]);
    const silent = engine.compile(net, { inputShape: [5] });
    models.push(silent);
    expect(() => silent.setParameterGroups([])).toThrow(
      "setParameterGroups: expected a model with an optimizer, it was compiled without one",
    );
  });
});

describe("files with the optimizer's state", () => {
  it("go on to the same bits, with the groups that they were written with", async () => {
    const groups = [
      { parameters: "dense1", frozen: true },
      { parameters: BIASES, weightDecay: 0 },
    ];
    const options = { optimizer: adamW({ weightDecay: 0.1 }) };
    const model = train(grouped(groups, options));
    const bytes = await model.toSafetensors({ includeOptimizer: true });
    const other = grouped(groups, { ...options, seed: 5 });
    await other.fromSafetensors(bytes, { includeOptimizer: true });
    expect(weights(train(other))).toEqual(weights(train(model)));
    const [second] = [grouped([groups[1]!], options)];
    const start = weights(second);
    await expect(second.fromSafetensors(bytes, { includeOptimizer: true })).rejects.toThrow(
      "expected an optimizer's state for this model's parameterGroups, got one for others",
    );
    expect(weights(second)).toEqual(start);
  });
});

const wrong = <T>(value: unknown): T => value as T;

describe("compile refuses", () => {
  it.each([
    ["no list", { parameters: "dense1" }, /^compile: expected parameterGroups to be a list/],
    ["no parameters", [{ frozen: true }], /parameterGroups\[0\]: expected parameters to be a name/],
    ["an empty list", [{ parameters: [] }], /expected parameters to be a name, .*, got \[\]$/],
    ["a number", [{ parameters: 1 }], /expected parameters to be a name, .*, got 1$/],
    [
      "an unknown name",
      [{ parameters: "dense1" }, { parameters: "dense3" }],
      /^compile: parameterGroups\[1\]: expected parameters among dense1.weight, .*, got "dense3"$/,
    ],
    ["a pattern of nothing", [{ parameters: /gamma/ }], /, got \/gamma\/$/],
    ["a function of nothing", [{ parameters: () => false }], /, got a function$/],
    [
      "a negative rate",
      [{ parameters: "dense1", learningRate: -1 }],
      /learningRate to be a number/,
    ],
    ["a negative decay", [{ parameters: "dense1", weightDecay: -1 }], /weightDecay to be a number/],
    ["a text for frozen", [{ parameters: "dense1", frozen: "yes" }], /frozen to be true or false/],
    [
      "another option",
      [{ parameters: "dense1", lr: 1 }],
      /expected options parameters, .*, got "lr"/,
    ],
    [
      "nothing to train",
      [{ parameters: /./, frozen: true }],
      /that leave parameters to train, got none/,
    ],
  ])("%s", (_, parameterGroups, error) => {
    const usage = engine.memoryUsage;
    expect(() => compile({ parameterGroups: wrong(parameterGroups) })).toThrow(error);
    expect(engine.memoryUsage).toEqual(usage);
    const model = compile({});
    expect(() => model.setParameterGroups(wrong(parameterGroups))).toThrow(
      new RegExp(error.source.replace("^compile", "^setParameterGroups")),
    );
    expect(weights(train(model))).toEqual(weights(train(compile({}))));
  });

  it("a number beside a schedule that starts at 0", () => {
    const optimizer = adam({ learningRate: (step) => step / 10 });
    const options = { optimizer, parameterGroups: [{ parameters: "dense1", learningRate: 1 }] };
    expect(() => compile(options)).toThrow(
      "compile: parameterGroups[0]: expected learningRate to be a schedule, as the optimizer's rate is 0 at first, got 1",
    );
  });
});
