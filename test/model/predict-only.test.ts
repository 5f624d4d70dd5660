import { expect, it } from "vitest";
import { adam, createEngine, crossEntropy, dense, f1, sequential } from "../../src/index.ts";
import { floats } from "../../src/verify/numbers.ts";

const engine = await createEngine();
const net = sequential([dense(7, { activation: "relu" }), dense(3)]);
const x = floats(6 * 5, 1);
const y = Int32Array.from({ length: 6 }, (_, i) => i % 3);
const whole = { inputShape: [5], loss: crossEntropy(), optimizer: adam(), batchSize: 6 };

it("a model without loss and optimizer predicts the same, in its weights' memory", async () => {
  const trained = engine.compile(net, whole);
  trained.trainStep(x, y);
  const model = engine.compile(net, { inputShape: [5], batchSize: 6 });
  await model.fromSafetensors(await trained.toSafetensors());
  const expected = [...trained.predict(x).data];
  expect([...model.predict(x).data]).toEqual(expected);
  const { parameters, gradients, state, activations } = model.memoryPlan;
  expect(parameters).toBe(trained.memoryPlan.parameters);
  expect(gradients).toBe(0);
  // What is left of the state is dropout's random numbers, on a cache line, and no buffers.
  expect(state).toBeLessThanOrEqual(128);
  expect(activations).toBeLessThan(trained.memoryPlan.activations);
  expect(model.parameters.map(({ grad }) => grad.length)).toEqual([0, 0, 0, 0]);
  trained.dispose();
  model.dispose();
  expect(() => model.parameters[0]!.grad).toThrow("it has been disposed");
});

it("refuses to train and to evaluate, and goes on", async () => {
  const model = engine.compile(net, { inputShape: [5] });
  const before = [...model.predict(x).data];
  const none = "expected a model with an optimizer, it was compiled without one";
  expect(() => model.trainStep(x, y)).toThrow(new Error(`trainStep: ${none}`));
  await expect(model.fit({ x, y })).rejects.toThrow(new Error(`fit: ${none}`));
  await expect(model.evaluate({ x, y })).rejects.toThrow(
    new Error("evaluate: expected a model with a loss, it was compiled without one"),
  );
  expect(() => model.learningRate).toThrow(new Error(`learningRate: ${none}`));
  expect(() => (model.learningRate = 1)).toThrow(new Error(`learningRate: ${none}`));
  const options = { includeOptimizer: true };
  await expect(model.toSafetensors(options)).rejects.toThrow(none);
  const bytes = await engine.compile(net, whole).toSafetensors(options);
  await expect(model.fromSafetensors(bytes, options)).rejects.toThrow(none);
  expect([...model.predict(x).data]).toEqual(before);
  // The weights of such a file are taken without its optimizer.
  await model.fromSafetensors(bytes);
  model.dispose();
});

it("a model with a loss evaluates without an optimizer", async () => {
  const trained = engine.compile(net, { ...whole, metrics: ["accuracy", f1()] });
  const model = engine.compile(net, {
    ...whole,
    metrics: ["accuracy", f1()],
    optimizer: undefined,
  });
  expect(await model.evaluate({ x, y })).toEqual(await trained.evaluate({ x, y }));
  expect(model.memoryPlan.gradients).toBe(0);
  model.dispose();
  trained.dispose();
});

it("refuses options that need what is left out", () => {
  const optimizer = adam();
  expect(() => engine.compile(net, { inputShape: [5], optimizer })).toThrow(
    new TypeError("compile: expected a loss for the optimizer to minimise, got none"),
  );
  expect(() => engine.compile(net, { inputShape: [5], metrics: ["accuracy"] })).toThrow(
    new TypeError("compile: expected a loss with metrics, which evaluate computes, got none"),
  );
  const parameterGroups = [{ parameters: "dense1", frozen: true }];
  expect(() => engine.compile(net, { inputShape: [5], parameterGroups })).toThrow(
    new TypeError("compile: expected an optimizer for parameterGroups, got none"),
  );
});
