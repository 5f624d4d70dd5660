import { expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";

it("an image has the same bits alone and in a batch, even where a weight is infinite or NaN", async () => {
  const engine = await createEngine();
  const [images, size, channels, filters] = [6, 7, 2, 4];
  const values = Float32Array.from(
    { length: images * size * size * channels },
    (_, i) => (i % 7) - 3,
  );
  const weight = Float32Array.from({ length: 5 * 5 * channels * filters }, (_, i) => (i % 5) - 2);
  weight[1] = Infinity;
  weight[90] = NaN;
  const convolve = (x: Float32Array): Float32Array => {
    const g = engine.graph();
    const y = g.conv2d(
      g.constant(x, [x.length / (size * size * channels), size, size, channels]),
      g.constant(weight, [5, 5, channels, filters]),
      undefined,
      { padding: "same" },
    );
    const step = g.compile(g.sum(y), { outputs: [y] });
    step.run();
    return (step.value(y) as { data: Float32Array }).data.slice();
  };
  const [all, one] = [convolve(values), values.length / images];
  for (let i = 0; i < images; i++) {
    const alone = convolve(values.slice(i * one, (i + 1) * one));
    expect(alone).toEqual(all.slice(i * alone.length, (i + 1) * alone.length));
  }
  expect(all.some(Number.isFinite)).toBe(true);
  engine.dispose();
});
