import { describe, expect, it } from "vitest";
import {
  adam,
  augment,
  conv2d,
  createEngine,
  crossEntropy,
  cutout,
  dense,
} from "../../src/index.ts";
import { flatten, mse, network, randomCrop, randomFlip, randomRotation } from "../../src/index.ts";
import { randomTranslation, randomZoom, sequential, sgd } from "../../src/index.ts";
import type { Layer, Model } from "../../src/index.ts";
import { bits, classLabels, floats, weightsOf } from "../engine/fixtures.ts";
import { flat } from "../support/trials.ts";

const engine = await createEngine();
const [ROWS, SHAPE] = [12, [6, 8, 3]] as const;
const data = { x: floats(ROWS * 144, 1), y: classLabels(ROWS, 4, 2) };

/** Every layer of augmentation, by what the calls look like. */
const layers: Readonly<Record<string, () => Layer>> = {
  "randomFlip()": () => randomFlip(),
  "randomFlip({ horizontal: false, vertical: true })": () =>
    randomFlip({ horizontal: false, vertical: true }),
  "randomTranslation(0.3)": () => randomTranslation(0.3),
  '{ columns: 0.5 }, { fill: "nearest" }': () =>
    randomTranslation({ columns: 0.5 }, { fill: "nearest" }),
  "randomRotation(30)": () => randomRotation(30),
  "randomZoom(0.4)": () => randomZoom(0.4),
  "randomCrop([3, 5])": () => randomCrop([3, 5]),
  "cutout(3)": () => cutout(3),
  "augment({ vertical: true, rotation: 20, zoom: 0.1, crop: [4, 4], cutout: 2 })": () =>
    augment({ vertical: true, rotation: 20, zoom: 0.1, crop: [4, 4], cutout: 2 }),
};

function compile(list: readonly Layer[], seed = 3, where = engine): Model {
  const net = sequential([...list, flatten(), dense(4)]);
  const options = {
    inputShape: SHAPE,
    loss: crossEntropy(),
    optimizer: adam(),
    batchSize: 5,
    seed,
  };
  return where.compile(net, options);
}

async function fitted(model: Model, epochs = 2): Promise<Uint32Array> {
  await model.fit(data, { epochs });
  return weightsOf(model);
}

describe.each(Object.entries(layers))("%s", (label, layer) => {
  it("prints as its call", () => {
    expect(String(layer())).toContain(label);
  });

  it("gives the same weights for the same seed, and others without it", async () => {
    const first = await fitted(compile([layer()]));
    expect(await fitted(compile([layer()]))).toEqual(first);
    expect(await fitted(compile([layer()], 3, await createEngine()))).toEqual(first);
    if (/crop/i.test(label)) return;
    expect(await fitted(compile([]))).not.toEqual(first);
  });

  it("goes on from saved weights as if it had not stopped", async () => {
    const steady = await fitted(compile([layer()]), 3);
    const first = compile([layer()]);
    await fitted(first, 1);
    const file = await first.toSafetensors({ includeOptimizer: true });
    const second = compile([layer()], 99);
    await second.fromSafetensors(file, { includeOptimizer: true });
    expect(await fitted(second, 2)).toEqual(steady);
  });

  it("changes nothing in predict and evaluate, or cuts out the middle", async () => {
    const model = engine.compile(sequential([layer()]), {
      inputShape: SHAPE,
      loss: mse(),
      optimizer: sgd(),
    });
    const { shape, data: y } = model.predict(data.x);
    const [rows, columns] = shape.slice(1) as [number, number];
    const [top, left] = [Math.floor((6 - rows) / 2), Math.floor((8 - columns) / 2)];
    const expected = Float32Array.from({ length: y.length }, (_, i) => {
      const pixel = Math.floor(i / 3);
      const [row, image] = [Math.floor(pixel / columns), Math.floor(pixel / columns / rows)];
      const at = (image * 6 + top + (row % rows)) * 8 + left + (pixel % columns);
      return data.x[3 * at + (i % 3)]!;
    });
    expect(bits(Float32Array.from(y))).toEqual(bits(expected));
    expect((await model.evaluate({ x: data.x, y: expected })).loss).toBe(0);
  });
});

describe("augmentation", () => {
  it("changes the images of each step anew, and each image in its own way", () => {
    const g = engine.graph({ seed: 1 });
    const y = g.augment(g.constant(floats(60, 1), [4, 3, 5, 1]), { translation: 0.7 });
    const step = g.compile(g.sum(y), { outputs: [y] });
    const runs = Array.from({ length: 2 }, () => {
      step.run();
      return flat(step.value(y)).slice();
    });
    expect(runs[1]).not.toEqual(runs[0]);
    g.dispose();
  });

  it("leaves alone what it is not asked to change", () => {
    const g = engine.graph();
    const x = floats(60, 1);
    const y = g.augment(g.constant(x, [4, 3, 5, 1]), {});
    const step = g.compile(g.sum(y), { outputs: [y] });
    step.run();
    expect(bits(flat(step.value(y)))).toEqual(bits(x));
    g.dispose();
  });

  it("moves by the share of each axis, rounded to whole pixels", () => {
    const g = engine.graph({ seed: 2 });
    const x = g.constant(1, [400, 10, 6, 1]);
    const y = g.augment(x, { translation: { rows: 0.26, columns: 0.5 } });
    const step = g.compile(g.sum(y), { outputs: [y] });
    step.run();
    const values = flat(step.value(y));
    const most = [0, 0];
    for (let i = 0; i < 400; i++) {
      const image = values.subarray(60 * i, 60 * (i + 1));
      const rows = Array.from({ length: 10 }, (_, r) => image.subarray(6 * r, 6 * r + 6));
      const full = rows.filter((row) => row.some((value) => value === 1));
      most[0] = Math.max(most[0]!, 10 - full.length);
      most[1] = Math.max(most[1]!, full[0]!.filter((value) => value === 0).length);
    }
    expect(most).toEqual([3, 3]);
    g.dispose();
  });

  it("takes bytes, which the model scales before", async () => {
    const bytes = { x: Uint8Array.from(data.x, (x) => 128 + 100 * x), y: data.y };
    const model = compile([randomFlip(), randomRotation(20)]);
    const { epochs } = await model.fit(bytes, { epochs: 2 });
    expect(epochs[1]!.loss).toBeLessThan(2);
  });

  it("refuses to stand behind layers that train, and says where it belongs", () => {
    expect(() => compile([conv2d(3, 1), randomFlip()])).toThrow(
      /^randomFlip\(\): expected images that need no gradient, got those of a layer that trains; put it in /,
    );
    const { used } = engine.memoryUsage;
    expect(() => compile([conv2d(3, 1), cutout(2)])).toThrow(RangeError);
    expect(engine.memoryUsage.used).toBe(used);
  });

  it("refuses what are no images, and images smaller than a crop", () => {
    const of = (layer: Layer, inputShape: number[]) => () =>
      engine.compile(sequential([layer]), { inputShape, loss: mse(), optimizer: sgd() });
    expect(of(cutout(2), [8])).toThrow(/^cutout\(2\): expected images \[batch, rows, columns, /);
    expect(of(randomCrop([5, 9]), [8, 8, 1])).toThrow(
      /^randomCrop\(\[5, 9\]\): expected images of at least 5 rows and 9 columns, got \[1, 8, 8, 1\]$/,
    );
  });

  it("is the caller's to use in a network of its own", async () => {
    const net = network((g, { x }) => {
      const seen = g.training ? g.augment(x, { horizontal: true, fill: "nearest" }) : x;
      return g.use(dense(4), g.use(flatten(), seen));
    });
    const options = { inputShape: SHAPE, loss: crossEntropy(), optimizer: adam(), batchSize: 5 };
    const own = engine.compile(net, { ...options, seed: 3 });
    expect(await fitted(own)).toEqual(await fitted(compile([randomFlip()])));
  });
});
