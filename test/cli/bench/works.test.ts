import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Ceiling } from "../../../src/cli/bench/ceiling.ts";
import { measure, type Instruments } from "../../../src/cli/bench/measure.ts";
import { stepFlops, xorSteps } from "../../../src/cli/bench/step.ts";
import { Workbench } from "../../../src/cli/bench/workbench.ts";
import { workGroups } from "../../../src/cli/bench.ts";
import { createEngine } from "../../../src/index.ts";

const names = workGroups.flatMap(({ works }) => works.map(({ name }) => name));

describe("the works", () => {
  it("have names of their own, also in files of peers", () => {
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining([
        "sgemm 192x192x192",
        "sgemm 192x192x192 NT",
        "sgemm 1x512x784 TN",
        "exp 65536",
        "reluGrad 65536",
        "adam 1000000",
        "step 2-4-1 (4)",
        "step 784-512-512-10 (128)",
        "step keras-mnist (64)",
        "conv 224x224x3-64 7x7/2 (1) dw",
        "attention 12x4x64x32 causal grad",
        "lstm 32x50x32-128",
        "gru 1x50x32-128 grad",
        "simpleRnn 16x50x256-256",
        "step lstm (32)",
        "step gru (32)",
        "step gpt (12)",
        "startup",
      ]),
    );
  });
});

describe("stepFlops", () => {
  it("counts the products forward, of weights and of activations but the inputs'", () => {
    const first = 2 * 64 * 784 * 128;
    const second = 2 * 64 * 128 * 10;
    expect(stepFlops([784, 128, 10], 64)).toBe(2 * first + 3 * second);
  });
});

/** Returns the operations of a work, in millions. */
function megaflops(wanted: string): number {
  const { flops } = workGroups.flatMap(({ works }) => works).find(({ name }) => name === wanted)!;
  return flops! / 1e6;
}

describe("operations of convolutions", () => {
  it.each([
    ["conv 28x28x1-32 3x3 (64)", 2 * 64 * 26 * 26 * 32 * 9],
    ["conv 224x224x3-64 7x7/2 (1)", 2 * 112 * 112 * 64 * 49 * 3],
    ["conv 56x56x64-128 3x3/2 (1) dx", 2 * 28 * 28 * 128 * 9 * 64],
    ["depthwise 14x14x512 3x3 (4) dw", 2 * 4 * 14 * 14 * 512 * 9],
  ])("are those of %s", (name, flops) => {
    expect(megaflops(name)).toBe(flops / 1e6);
  });

  it("of a step are all passes of its layers, but the gradient of the images", () => {
    // The forward pass has 11,992,448 multiply-adds, as the summary says; conv1 has 194,688 of them.
    expect(megaflops("step keras-mnist (64)")).toBe((2 * 64 * (3 * 11_992_448 - 194_688)) / 1e6);
  });
});

describe("operations of attention", () => {
  it("are two products forward and five backward, causal over the pairs that are seen", () => {
    const product = 2 * 12 * 4 * 64 * 64 * 32;
    expect(megaflops("attention 12x4x64x32")).toBe((2 * product) / 1e6);
    expect(megaflops("attention 12x4x64x32 grad")).toBe((5 * product) / 1e6);
    expect(megaflops("attention 12x4x64x32 causal")).toBe((2 * product * 65) / 128 / 1e6);
  });
});

describe("operations of recurrent layers", () => {
  it("are a product for each weight forward, and two backward", () => {
    const product = 2 * 32 * 50 * (32 + 128) * 128;
    expect(megaflops("lstm 32x50x32-128")).toBe((4 * product) / 1e6);
    expect(megaflops("gru 32x50x32-128 grad")).toBe((2 * 3 * product) / 1e6);
    expect(megaflops("simpleRnn 32x50x32-128")).toBe(product / 1e6);
  });

  it.each([
    // Multiply-adds forward, as the summary says, and those of the products with x.
    ["lstm", 4_097_280, 819_200],
    ["gru", 3_073_280, 614_400],
  ])("of a step of %s are all passes, but the gradient of x", (name, all, ofX) => {
    expect(megaflops(`step ${name} (32)`)).toBe((2 * 32 * (3 * all - ofX)) / 1e6);
  });
});

describe("operations of a GPT's step", () => {
  it("are three products for each weight, and seven of attention over the pairs that are seen", () => {
    const tokens = 12 * 64;
    const block = 128 * 384 + 128 * 128 + 2 * 128 * 512;
    const products = 3 * tokens * (4 * block + 128 * 65);
    const attention = 4 * 7 * 12 * 4 * ((64 * 65) / 2) * 32;
    expect(megaflops("step gpt (12)")).toBe((2 * (products + attention)) / 1e6);
  });
});

describe("the plain loops", () => {
  it("do what a step of gradlane does", async () => {
    const engine = await createEngine();
    const { own, plain } = xorSteps(engine);
    const first = [own.run(), plain.run()] as [number, number];
    let last = first;
    for (let step = 0; step < 3000; step++) last = [own.run(), plain.run()] as [number, number];
    expect(first[1]).toBeCloseTo(first[0], 6);
    expect(last[1]).toBeCloseTo(last[0], 4);
    expect(last[0]).toBeLessThan(first[0]);
    engine.dispose();
  });
});

describe("measure", () => {
  const workerUrl = new URL("../../../dist/worker.js", import.meta.url);
  let instruments: Instruments;
  beforeAll(async () => {
    const [bench, ceiling] = await Promise.all([Workbench.create(), Ceiling.create("strict")]);
    const budget = { rounds: 1, time: 1, warmUpTime: 1 };
    instruments = { bench, ceiling, peak: ceiling.loops[0]!, budget };
  });
  afterAll(() => {
    instruments.bench.dispose();
  });

  const small = workGroups
    .flatMap(({ works }) => works)
    .filter(({ flops = 0 }) => flops < 1e8)
    .map((work) => [work.name, work] as const);

  it.each(small)("times %s", async (name, work) => {
    const [own, ...rivals] = await measure(work, instruments);
    expect(own!.work).toBe(name);
    expect(own!.milliseconds).toBeGreaterThan(0);
    expect(rivals.map(({ peer }) => peer)).toEqual(name === "step 2-4-1 (4)" ? ["plain JS"] : []);
    const { flops, bytes } = work;
    const perCall = own!.milliseconds * 1e6;
    if (flops) expect((own!.gflops! * perCall) / flops).toBeCloseTo(1, 9);
    if (bytes) expect((own!.gigabytesPerSecond! * perCall) / bytes).toBeCloseTo(1, 9);
    const reached = own!.gflops ?? own!.gigabytesPerSecond;
    if (reached) expect(own!.shareOfCeiling).toBeCloseTo(reached / own!.ceiling!, 9);
  });

  it("times steps on several threads beside themselves on one", async () => {
    const bench = await Workbench.create({ threads: 2, workerUrl });
    const small = workGroups
      .flatMap(({ works }) => works)
      .filter(({ name, flops = 0 }) => name.startsWith("step") && flops < 1e8);
    expect(small.length).toBeGreaterThan(0);
    for (const step of small) {
      const [own, rival] = await measure(step, { ...instruments, bench });
      expect(own).toMatchObject({ peer: "gradlane", work: step.name });
      expect(rival).toMatchObject({ peer: "1 thread", work: step.name });
    }
    expect(bench.threaded!.info.threads).toBe(2);
    bench.dispose();
  });
});
