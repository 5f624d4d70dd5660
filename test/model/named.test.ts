import { afterEach, describe, expect, it } from "vitest";
import {
  type Layer,
  type Model,
  type Network,
  adam,
  batchNorm,
  createEngine,
} from "../../src/index.ts";
import {
  crossEntropy,
  dense,
  named,
  network,
  relu,
  residual,
  sequential,
} from "../../src/index.ts";
import { floats } from "../../src/verify/numbers.ts";

const engine = await createEngine();
const models: Model[] = [];
afterEach(() => {
  for (const model of models.splice(0)) model.dispose();
});

function compile(net: Network, seed = 0): Model {
  const options = { inputShape: [5], loss: crossEntropy(), optimizer: adam(), seed };
  const model = engine.compile(net, options);
  models.push(model);
  return model;
}

const names = ({ parameters, buffers }: Model): string[] =>
  [...parameters, ...buffers].map(({ name }) => name);

const values = ({ parameters, buffers }: Model): Record<string, number[]> =>
  Object.fromEntries([...parameters, ...buffers].map(({ name, data }) => [name, [...data]]));

const wrong = <T>(value: unknown): T => value as T;

describe("named", () => {
  it("gives a layer's arrays its name, and leaves others theirs", () => {
    const net = sequential([
      ...[named("body", dense(7)), named("norm", batchNorm()), relu(), dense(6), dense(4)],
      named("head", dense(3)),
    ]);
    const model = compile(net);
    expect(names(model)).toEqual([
      ...["body.weight", "body.bias", "norm.weight", "norm.bias", "dense1.weight", "dense1.bias"],
      ...["dense2.weight", "dense2.bias", "head.weight", "head.bias"],
      ...["norm.runningMean", "norm.runningVariance"],
    ]);
    expect(model.summary()).toMatch(/^body {2}/m);
  });

  it("trains as the layer itself", () => {
    const x = floats(5 * 4, 1);
    const y = Int32Array.of(0, 1, 2, 1);
    const trained = [dense(3), named("head", dense(3))].map((layer) => {
      const model = compile(sequential([dense(7), relu(), layer]));
      model.trainStep(x, y);
      return Object.values(values(model));
    });
    expect(trained[1]).toEqual(trained[0]);
  });

  it("names layers within layers, and one that is used twice", () => {
    const shared = named("shared", dense(5));
    const net = network((g, { x }) => g.use(dense(3), g.use(shared, g.use(shared, x))));
    expect(names(compile(net))).toEqual([
      "shared.weight",
      "shared.bias",
      "dense1.weight",
      "dense1.bias",
    ]);
    const inner = sequential([residual([named("inner", dense(5))]), dense(3)]);
    expect(names(compile(inner))).toContain("inner.weight");
  });

  it("may be the name that another layer would have had", () => {
    const net = sequential([named("dense1", dense(4)), dense(3)]);
    expect(names(compile(net))).toEqual([
      ...["dense1.weight", "dense1.bias", "dense2.weight", "dense2.bias"],
    ]);
  });

  it("prints as the call", () => {
    expect(String(named("head", dense(3)))).toBe('named("head", dense(3))');
  });

  it("refuses a name that two layers have, or that is none", () => {
    const usage = engine.memoryUsage;
    const twice = sequential([named("a", dense(4)), named("a", dense(3))]);
    expect(() => compile(twice)).toThrow(
      /a: .*expected a name that no other layer has, got two of it/,
    );
    const later = sequential([dense(4), named("dense1", dense(3))]);
    expect(() => compile(later)).toThrow(/dense1: .*expected a name that no other layer has/);
    expect(engine.memoryUsage).toEqual(usage);
    for (const name of ["", "a.b", "moment0:a"]) {
      expect(() => named(name, dense(1))).toThrow(
        new RangeError(
          `named: expected name to be a text without dots and colons, got ${JSON.stringify(name)}`,
        ),
      );
    }
    expect(() => named(wrong(1), dense(1))).toThrow(TypeError);
    expect(() => named("a", wrong<Layer>(dense))).toThrow(/expected a layer at position 0/);
  });
});

const body = (): Layer[] => [named("body", dense(7)), named("norm", batchNorm()), relu()];
const ten = () => compile(sequential([...body(), named("head", dense(10))]), 1);
const three = () => compile(sequential([...body(), named("new", dense(3))]), 2);

describe("weights by name", () => {
  it("strict: false takes what both have, and says what they do not share", async () => {
    const [from, to] = [ten(), three()];
    const before = values(to);
    const report = await to.fromSafetensors(await from.toSafetensors(), { strict: false });
    expect(report).toEqual({
      missing: ["new.weight", "new.bias"],
      unexpected: ["head.weight", "head.bias"],
    });
    const after = values(to);
    const source = values(from);
    for (const name of names(to)) {
      expect([name, ...after[name]!]).toEqual([name, ...(source[name] ?? before[name]!)]);
    }
  });

  it("parameters reads those alone", async () => {
    const bytes = await ten().toSafetensors();
    const to = three();
    const before = values(to);
    const report = await to.fromSafetensors(bytes, { parameters: ["body", /running/] });
    expect(report.missing).toEqual([]);
    expect(report.unexpected).toEqual(["head.weight", "head.bias"]);
    expect(values(to)["body.weight"]).not.toEqual(before["body.weight"]);
    expect(values(to)["norm.weight"]).toEqual(before["norm.weight"]);
  });

  it("all of them, as ever, is the default", async () => {
    const bytes = await ten().toSafetensors();
    const to = three();
    const before = values(to);
    await expect(to.fromSafetensors(bytes)).rejects.toThrow(
      'safetensors: expected "new.weight" of shape [7, 3], got no such tensor',
    );
    expect(values(to)).toEqual(before);
    const same = ten();
    expect(await same.fromSafetensors(bytes)).toEqual({ missing: [], unexpected: [] });
  });

  it("refuses another shape, a choice of nothing, and wrong options", async () => {
    const bytes = await ten().toSafetensors();
    const narrow = compile(sequential([named("body", dense(6)), dense(3)]));
    const before = values(narrow);
    const read = (options: object) => narrow.fromSafetensors(bytes, options);
    await expect(read({ strict: false })).rejects.toThrow(
      'safetensors: expected "body.weight" of shape [5, 6], got [5, 7]',
    );
    await expect(read({ parameters: "tail" })).rejects.toThrow(
      "safetensors: expected parameters among body.weight, body.bias, dense1.weight, dense1.bias, got none of them",
    );
    await expect(read({ parameters: "dense1" })).rejects.toThrow(
      'expected "dense1.weight" of shape [6, 3], got no such tensor',
    );
    await expect(read({ strict: 1 })).rejects.toThrow(/strict to be true or false, got 1/);
    await expect(read({ parameters: 1 })).rejects.toThrow(/parameters to be a name, a pattern/);
    expect(values(narrow)).toEqual(before);
  });
});
