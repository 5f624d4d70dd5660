import { describe, expect, it } from "vitest";
import { adam, createEngine, crossEntropy, dense, sequential, sgd } from "../../src/index.ts";
import type { Optimizer } from "../../src/index.ts";
import { floats, integers } from "../../src/verify/numbers.ts";
import { follower } from "./follower.ts";

const engine = await createEngine();

const net = sequential([dense(7, { activation: "tanh" }), dense(3)]);
const x = floats(6 * 5, 1, -2, 2);
const y = integers(6, 2, 3);

/** The same network after one step. */
function stepped(optimizer: Optimizer) {
  const options = { inputShape: [5], loss: crossEntropy(), seed: 3, batchSize: 6 };
  const model = engine.compile(net, { ...options, optimizer });
  model.trainStep(x, y);
  return model;
}

const gradients = (optimizer: Optimizer) =>
  stepped(optimizer).parameters.flatMap(({ grad }) => [...grad]);

const norm = (values: readonly number[]) =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

describe("clipNorm", () => {
  it("scales the gradients of all layers by one factor", () => {
    const raw = gradients(sgd());
    const clipped = gradients(sgd({ clipNorm: 0.1 }));
    const factor = Math.fround(0.1 / (norm(raw) + 1e-6));
    expect(norm(raw)).toBeGreaterThan(0.2);
    expect(clipped).toEqual(raw.map((g) => Math.fround(g * factor)));
  });

  it("changes nothing where the norm is smaller", () => {
    expect(gradients(sgd({ clipNorm: 100 }))).toEqual(gradients(sgd()));
  });

  it("comes before the moments, whatever they need of the rates", () => {
    const model = stepped(adam({ clipNorm: 0.1, amsgrad: true, weightDecay: 0 }));
    const twin = stepped(adam({ clipNorm: 0.2, amsgrad: true }));
    const grads = model.parameters.flatMap(({ grad }) => [...grad]);
    expect(norm(grads)).toBeCloseTo(0.1, 5);
    expect(norm(twin.parameters.flatMap(({ grad }) => [...grad]))).toBeCloseTo(0.2, 5);
  });
});

describe("clipValue", () => {
  it("cuts each gradient", () => {
    const raw = gradients(sgd());
    const limit = Math.fround(0.05);
    const cut = raw.map((g) => Math.min(limit, Math.max(-limit, g)));
    expect(raw).not.toEqual(cut);
    expect(gradients(sgd({ clipValue: 0.05 }))).toEqual(cut);
  });

  it("comes after the norm where there are both", () => {
    const both = sgd({ learningRate: 1, clipNorm: 5, clipValue: 3.5 });
    const { step, parameter } = follower(engine, both, [0, 0]);
    step([6, 8]);
    expect([...parameter.grad]).toEqual([expect.closeTo(3, 5), 3.5]);
    expect([...parameter.data]).toEqual([...parameter.grad].map((g) => -g));
  });
});

describe("limits", () => {
  it.each([0, -1, NaN, Infinity, "1", null])("%s is refused", (limit) => {
    const wrong = limit as number;
    expect(() => sgd({ clipNorm: wrong })).toThrow(
      /^sgd: expected clipNorm to be a number above 0, got /,
    );
    expect(() => adam({ clipValue: wrong })).toThrow(
      /^adam: expected clipValue to be a number above 0, got /,
    );
  });
});
