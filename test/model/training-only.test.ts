import { describe, expect, it } from "vitest";
import { batchNorm, dense, dropout, sgd } from "../../src/index.ts";
import type { Layer, Model } from "../../src/index.ts";
import { OUT, ROWS, type Record, compile, refuses, watchRegions, x, y } from "./recorded.ts";

watchRegions();

const same = (name: string, where: string, came: string): string =>
  `${name}: expected the same in training on a batch of 1 and in ${where} on a batch of 8, ${came}`;

describe("layers that are used in evaluation only", () => {
  it.each<[string, (model: Model) => unknown]>([
    ["evaluation", (model) => model.evaluate({ x, y }, { batchSize: ROWS })],
    ["evaluation", (model) => model.fit({ x, y }, { validation: { x, y } })],
    ["prediction", (model) => model.predict(x)],
  ])("are refused in %s", async (where, call) => {
    const record: Record = (g, x) => {
      const h = g.use(dense(OUT), x);
      return g.training ? h : g.use(dense(OUT), h);
    };
    const model = compile(record, { batchSize: ROWS });
    model.trainStep(x, y);
    await refuses(() => call(model), same("dense2.weight", where, "got none and [3, 3]"));
    model.trainStep(x, y);
  });
});

describe("layers that are used in training only", () => {
  const options = { batchSize: ROWS, optimizer: sgd({ learningRate: 0.1 }) };

  /** A network with a second head, before or after its own, whose output is added to the loss. */
  function twoHeads(make: () => readonly [head: Layer, main: Layer], before: boolean): Model {
    const record: Record = (g, x) => {
      const [head, main] = make();
      const addHead = (): void => {
        if (g.training) g.addLoss(g.mean(g.use(head, x)));
      };
      if (before) addHead();
      const output = g.use(main, x);
      if (!before) addHead();
      return output;
    };
    return compile(record, options);
  }

  it.each([true, false])("keep their weights when made outside, head first: %s", (before) => {
    const layers = [dense(OUT), dense(OUT)] as const;
    const model = twoHeads(() => layers, before);
    for (let i = 0; i < 3; i++) model.trainStep(x, y);
    const [weight, bias] = model.parameters.slice(before ? 2 : 0);
    const plain = compile((g, x) => g.use(dense(OUT), x), options);
    plain.parameters[0]!.data.set(weight!.data);
    plain.parameters[1]!.data.set(bias!.data);
    expect(model.predict(x).data.slice()).toEqual(plain.predict(x).data);
  });

  it.each([true, false])("are refused when nothing tells them apart: %s", async (before) => {
    const model = twoHeads(() => [dense(OUT), dense(OUT)], before);
    model.trainStep(x, y);
    const came = "got one less; make it outside of the network's function";
    await refuses(() => model.predict(x), same("dense2", "prediction", came));
    await refuses(() => model.evaluate({ x, y }), same("dense2", "evaluation", came));
  });

  it("are known by their shapes", async () => {
    const last = twoHeads(() => [dense(7), dense(OUT)], false);
    last.trainStep(x, y);
    expect(last.predict(x).shape).toEqual([ROWS, OUT]);
    const first = twoHeads(() => [dense(7), dense(OUT)], true);
    first.trainStep(x, y);
    await refuses(
      () => first.predict(x),
      same("dense1.weight", "prediction", "got [5, 7] and [5, 3]"),
    );
  });

  it("and have no parameters are nobody's business", () => {
    const model = compile((g, x) => {
      const h = g.training ? g.use(dropout(0.5), x) : x;
      return g.use(dense(OUT), h);
    }, options);
    model.trainStep(x, y);
    expect(model.predict(x).shape).toEqual([ROWS, OUT]);
  });

  it("normalise in training alone", () => {
    const model = compile((g, x) => {
      const h = g.use(dense(OUT), x);
      return g.training ? g.use(batchNorm(), h) : h;
    }, options);
    model.trainStep(x, y);
    const plain = compile((g, x) => g.use(dense(OUT), x), options);
    for (const i of [0, 1]) plain.parameters[i]!.data.set(model.parameters[i]!.data);
    expect(model.predict(x).data.slice()).toEqual(plain.predict(x).data);
  });
});
