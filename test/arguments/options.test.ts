import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import * as G from "../../src/index.ts";
import { NO_OPTIONS, UNKNOWN, WRONG, expectRefused } from "./refusals.ts";
import { engine, plain, takers } from "./takers.ts";

describe.each(Object.entries(takers))("%s", (name, taker) => {
  const { call, options, needed = {}, who = name, isHarmless = true } = taker;
  const given = (value: unknown) => () => call(value as never);

  it("refuses what is no object of options", async () => {
    for (const value of NO_OPTIONS) await expectRefused(given(value), who, "options");
  });

  it("refuses names that nobody reads", async () => {
    for (const [other, unknown] of UNKNOWN) {
      const all = Object.defineProperties({ ...needed }, Object.getOwnPropertyDescriptors(unknown));
      await expectRefused(given(all), who, `got "${other}"`);
    }
  });

  it.each(Object.entries(options))("refuses another %s than a %s", async (option, kind) => {
    for (const value of WRONG[kind]) {
      await expectRefused(given({ ...needed, [option]: value }), who, option);
    }
  });

  it.runIf(isHarmless)("takes undefined for the default", async () => {
    const optional = Object.keys(options).filter((option) => !(option in needed));
    for (const option of optional) await call({ ...needed, [option]: undefined } as never);
    expect.assertions(0);
  });
});

describe("an object of options", () => {
  it("may be of another realm, without a prototype, a proxy, or have getters", () => {
    const foreign = runInNewContext("({ beta1: 0.5 })") as G.AdamOptions;
    const bare = Object.assign(Object.create(null) as object, { beta1: 0.5 });
    const proxy = new Proxy({ beta1: 0.5 }, {});
    const lazy = {
      get beta1() {
        return 0.5;
      },
    };
    const inherited = Object.create({ beta1: 0.5 }) as object;
    class Chosen {
      beta1 = 0.5;
    }
    const expected = G.adam({ beta1: 0.5 }).hyperparameters;
    for (const options of [foreign, bare, proxy, lazy, inherited, new Chosen()]) {
      expect(G.adam(options).hyperparameters).toEqual(expected);
    }
  });

  it("is read once, so that later changes do not matter", () => {
    let reads = 0;
    const counted = {
      get epsilon() {
        reads++;
        return 0.5;
      },
    };
    G.batchNorm(counted);
    expect(reads).toBe(1);
    const options = { epsilon: 0.5 };
    const loss = G.huber({ delta: 2 });
    const layer = G.layerNorm(options);
    options.epsilon = NaN;
    expect(() => engine.compile(G.sequential([layer]), { ...plain, loss }).dispose()).not.toThrow();
  });

  it("is no instance that hides its fields", async () => {
    await expectRefused(() => G.createEngine(engine), "createEngine", "got Engine");
  });
});

it("of a loss keep their own copy of a list", () => {
  const posWeight = [1, 2];
  const loss = G.bceWithLogits({ posWeight });
  posWeight.push(3);
  const net = G.sequential([G.dense(2)]);
  expect(() => engine.compile(net, { ...plain, loss }).dispose()).not.toThrow();
});
