import { beforeAll, describe, expect, it } from "vitest";
import { type ActivationName, activationTable } from "../../src/graph/ops/activations.ts";
import { activations } from "../../src/reference/activations.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { expectWithin } from "../support/expect.ts";
import { backward, forward, itActsElementwise } from "./elementwise.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

const activationNames = Object.keys(activations) as ActivationName[];

/** Every activation with every parameter that is to be tried. */
const cases = activationNames.flatMap((name) =>
  activations[name].parameters.map((p) => [name, p] as const),
);

describe.each(cases)("%s with parameter %d", (name, p) => {
  itActsElementwise(() => arena, name, activations[name], p);
});

it("relu with a slope of 1 at 0, and leakyRelu with one below 0, are not taken from y", () => {
  expect(activationTable.relu.gradientFrom(1)).toBe("x");
  expect(activationTable.leakyRelu.gradientFrom(-0.5)).toBe("x");
});

describe("at zero", () => {
  const zeros = Float32Array.of(-0, 0, -0, 0, -0);

  it("relu has the slope it is told", () => {
    const dy = Float32Array.of(1, 2, 3, 4, 5);
    expect([...backward(arena, "relu", zeros, zeros, dy, 0)]).toEqual([0, 0, 0, 0, 0]);
    expect([...backward(arena, "relu", zeros, zeros, dy, 1)]).toEqual([...dy]);
  });

  it("functions through 0 keep its sign", () => {
    const through = activationNames.filter((name) => activations[name].value(0, 0.5) === 0);
    expect(through).toEqual(expect.arrayContaining(["leakyRelu", "softsign", "tanh"]));
    for (const name of through) {
      expect([...forward(arena, name, zeros, 0.5)], name).toEqual([...zeros]);
    }
  });

  it("relu's gradient selects: an infinite or NaN dy is not let through a slope of 0", () => {
    const dy = Float32Array.of(NaN, Infinity, -Infinity, NaN, 1);
    const x = new Float32Array(5).fill(-1);
    const y = new Float32Array(5);
    expect([...backward(arena, "relu", x, y, dy, 0)]).toEqual([0, 0, 0, 0, 0]);
  });
});

describe("far from zero", () => {
  const far = Float32Array.of(-Infinity, -3e38, -1e4, -300, 300, 1e4, 3e38, Infinity);
  const gates = ["gelu", "geluTanh", "silu", "mish", "hardSwish"] as const;

  it.each(gates)("%s is 0 or x, and its slope 0 or 1", (name) => {
    const y = forward(arena, name, far, 0);
    expect([...y]).toEqual([-0, -0, -0, -0, ...far.slice(4)]);
    const dx = backward(
      arena,
      name,
      far,
      y,
      far.map(() => 1),
      0,
    );
    expect([...dx].map(Math.abs)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
  });

  it.each([
    ["elu", 1, 1],
    ["elu", 0.3, 0.3],
    ["selu", 0, 1.0507009873554805 * 1.6732632423543772],
  ] as const)("%s with parameter %d keeps its slope down to -100", (name, p, factor) => {
    const x = Float32Array.of(-5, -10, -17, -20, -40, -85, -100);
    const y = forward(arena, name, x, p);
    const ones = x.map(() => 1);
    const dx = backward(arena, name, x, y, ones, p);
    const exact = Array.from(x, (v) => factor * Math.exp(v));
    expectWithin(dx, exact, (e) => 2e-7 * e + 2 ** -148);
    expect(dx[2]! / factor).toBeCloseTo(4.1399e-8, 11);
  });

  it("hardSwish keeps its slope where that is small", () => {
    const x = Float32Array.of(-1.5 - 2 ** -20, -1.5, -1.5 + 2 ** -20);
    const dx = backward(
      arena,
      "hardSwish",
      x,
      x,
      x.map(() => 1),
      0,
    );
    expectWithin(dx, [-(2 ** -20) / 3, 0, 2 ** -20 / 3], (e) => 2e-7 * Math.abs(e));
  });

  it("softplus is x, and its slope is e^x below 0", () => {
    const x = Float32Array.of(-100, -30, 30, 100, 3e38);
    const y = forward(arena, "softplus", x, 1);
    expect([...y.slice(2)]).toEqual([...x.slice(2)]);
    const dx = backward(
      arena,
      "softplus",
      x,
      y,
      x.map(() => 1),
      1,
    );
    expect([...dx.slice(2)]).toEqual([1, 1, 1]);
    expect(dx[0]! / Math.exp(-100)).toBeCloseTo(1, 1);
    expect(dx[1]! / Math.exp(-30)).toBeCloseTo(1, 6);
  });
});
