import { describe, it } from "vitest";
import { arrayFormulas } from "../../src/reference/arrays.ts";
import { expectWithin } from "../support/expect.ts";
import { floats } from "../../src/verify/numbers.ts";
import { type Shape, type Trial, engine, flat, run, sizes } from "../support/trials.ts";

describe("normalisation", () => {
  const shapes: Shape[] = [
    ...sizes.filter((n) => n > 1).map((n) => [5, n]),
    [3, 4, 6],
    [2, 3, 2, 4],
    [1, 5],
    [7, 1, 3],
    [0, 3],
  ];
  const channels = (shape: Shape) => [shape.at(-1)!];
  const affine = (shape: Shape) => [shape, channels(shape), channels(shape)];
  run("layerNorm", [
    ...shapes.map((shape): Trial => ({
      shapes: affine(shape),
      attributes: [0.01],
      record: (g, [x, weight, bias]) => g.layerNorm(x!, weight, bias, 0.01),
    })),
    { shapes: [[3, 5]], record: (g, [x]) => g.layerNorm(x!) },
    { shapes: [[3, 5], [5]], record: (g, [x, weight]) => g.layerNorm(x!, weight) },
  ]);
  run("rmsNorm", [
    ...[...shapes, [5, 1]].map((shape): Trial => ({
      shapes: [shape, channels(shape)],
      attributes: [0.01],
      record: (g, [x, weight]) => g.rmsNorm(x!, weight, 0.01),
    })),
    { shapes: [[3, 5]], record: (g, [x]) => g.rmsNorm(x!) },
  ]);
  const groupings: [Shape, number][] = [
    [[2, 4, 4, 6], 2],
    [[2, 3, 6], 3],
    [[2, 5, 6], 6],
    [[2, 5, 6], 1],
    [[3, 20], 4],
    [[2, 3, 34], 2],
    [[0, 3, 4], 2],
  ];
  run("groupNorm", [
    ...groupings.map(([shape, groups]): Trial => ({
      shapes: affine(shape),
      attributes: [groups, 0.01],
      record: (g, [x, weight, bias]) => g.groupNorm(x!, groups, weight, bias, 0.01),
    })),
    { shapes: [[2, 3, 4]], attributes: [2], record: (g, [x]) => g.groupNorm(x!, 2) },
  ]);
  const batches = [
    ...sizes.filter((n) => n > 0).map((n) => [6, n]),
    [3, 4, 6],
    [2, 3, 2, 19],
    [9, 4],
  ];
  run("batchNorm", [
    ...batches.map((shape): Trial => ({
      shapes: affine(shape),
      attributes: [0.01],
      record: (g, [x, weight, bias]) => g.batchNorm(x!, weight, bias, 0.01),
    })),
    { shapes: [[4, 5]], record: (g, [x]) => g.batchNorm(x!) },
    { shapes: [[4, 5], [5]], record: (g, [x, weight]) => g.batchNorm(x!, weight) },
  ]);
  run(
    "batchMoments",
    batches.map((shape) => ({
      shapes: [shape],
      constant: [0],
      record: (g, [x]) => g.batchMoments(x!),
    })),
  );
  run("normalize", [
    ...batches.map((shape): Trial => ({
      shapes: [shape, ...Array.from({ length: 4 }, () => channels(shape))],
      attributes: [0.01],
      constant: [1, 2],
      record: (g, [x, mean, variance, weight, bias]) =>
        g.normalize(x!, mean!, variance!, weight, bias, 0.01),
    })),
    {
      shapes: [[4, 5], [5], [5]],
      constant: [1, 2],
      record: (g, [x, mean, variance]) => g.normalize(x!, mean!, variance!),
    },
  ]);
});

describe("lookup", () => {
  const ids = [3, 0, 3, 4, 3, 0];
  run(
    "embedding",
    sizes.map((width) => ({
      shapes: [[5, width]],
      attributes: [ids],
      record: (g, [table]) => g.embedding(g.constant(Float32Array.from(ids), [6]), table!),
    })),
  );
});

/** The mask that a step draws for a dropout of these numbers, read off an array of ones. */
describe("dropout", () => {
  it.each([...sizes, 100])("of %d elements has the gradient of its mask", (n) => {
    const g = engine.graph();
    const x = g.parameter([n], floats(n, 3, 1, 2));
    const y = g.dropout(x, 0.4);
    const weights = floats(n, 4);
    const step = g.compile(g.sum(g.mul(y, g.constant(weights, [n]))), { outputs: [y] });
    step.run();
    const values = floats(n, 3, 1, 2);
    const mask = Array.from(flat(step.value(y)), (v) => (v === 0 ? 0 : 1 / 0.6));
    const input = { shape: [n], data: Float64Array.from(values) };
    const expected = arrayFormulas.dropout([input], mask);
    expectWithin(flat(step.value(y)), expected.data, (v) => 1e-6 * Math.abs(v), "value");
    const slopes = Float64Array.from(weights, (w, i) => w * mask[i]!);
    expectWithin(flat(step.gradient(x)), slopes, (v) => 1e-6 * Math.abs(v), "gradient");
  });
});
