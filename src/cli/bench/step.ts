import manifest from "../../../package.json" with { type: "json" };
import { adam, bceWithLogits, crossEntropy, dense, sequential, type Engine } from "../../index.ts";
import { plainNetwork, plainStep } from "./plain-step.ts";
import type { Timed } from "./timing.ts";
import type { Work, WorkGroup, Yardstick } from "./work.ts";

/** Layer sizes from the inputs to the outputs. */
type Sizes = readonly [inputs: number, ...units: number[]];

export function stepName(sizes: Sizes, batch: number): string {
  return `step ${sizes.join("-")} (${batch})`;
}

/**
 * Returns the floating-point operations of a step's matrix products; a multiply-add counts as two.
 * The products are forward, and the gradients of weights and activations; inputs need no gradient.
 */
export function stepFlops(sizes: Sizes, batch: number): number {
  const products = sizes.slice(1).map((units, layer) => 2 * batch * sizes[layer]! * units);
  const all = products.reduce((sum, product) => sum + product, 0);
  return 3 * all - products[0]!;
}

/** Returns a training step of a classifier with relu and Adam, over one batch. */
function classifierStep(engine: Engine, [inputs, ...units]: Sizes, batch: number): () => void {
  const classes = units.at(-1)!;
  const hidden = units.slice(0, -1).map((size) => dense(size, { activation: "relu" }));
  const options = { inputShape: [inputs], loss: crossEntropy(), optimizer: adam() };
  const model = engine.compile(sequential([...hidden, dense(classes)]), {
    ...options,
    batchSize: batch,
  });
  const x = Float32Array.from({ length: batch * inputs }, (_, i) => ((i * 7919) % 1000) / 1000);
  const y = Int32Array.from({ length: batch }, (_, i) => i % classes);
  return () => {
    model.trainStep(x, y);
  };
}

const WARM_UP: Sizes = [8, 8, 4];

/** Returns the work of a training step with cross-entropy and Adam. */
function classifier(sizes: Sizes, batch: number): Work {
  return {
    name: stepName(sizes, batch),
    flops: stepFlops(sizes, batch),
    prepare({ engine, threaded }) {
      const step = (engine: Engine): Timed => ({
        run: classifierStep(engine, sizes, batch),
        warmUp: classifierStep(engine, WARM_UP, 4),
      });
      if (threaded) return { ...step(threaded), yardstick: oneThread(step(engine)) };
      return { ...step(engine), yardstick: { kind: "multiply-add" } };
    },
  };
}

/** Returns the same step on one thread as a rival, which shows what more threads gain. */
function oneThread(timed: Timed): Yardstick {
  return { kind: "rival", peer: "1 thread", version: manifest.version, timed };
}

const XOR = {
  x: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1),
  y: Float32Array.of(0, 1, 1, 0),
};

/** Returns a step of exclusive or, which has hardly any arithmetic, and the same in plain loops. */
export function xorSteps(engine: Engine): { readonly own: Timed; readonly plain: Timed } {
  const net = sequential([dense(4, { activation: "tanh" }), dense(1)]);
  const options = { inputShape: [2], loss: bceWithLogits(), optimizer: adam() };
  const model = engine.compile(net, { ...options, batchSize: 4 });
  const initial = model.parameters.flatMap(({ data }) => [...data]);
  const plain = plainNetwork(2, 4, initial);
  return {
    own: stepsOf(() => model.trainStep(XOR.x, XOR.y)),
    plain: stepsOf(() => plainStep(plain, XOR.x, XOR.y)),
  };
}

/** Warms up by 16 steps in a call: V8 optimises steps this short last after some 30,000 of them. */
function stepsOf(run: () => number): Timed {
  const warmUp = (): void => {
    for (let i = 0; i < 16; i++) run();
  };
  return { run, warmUp };
}

const tiny: Work = {
  name: stepName([2, 4, 1], 4),
  prepare({ engine, threaded }) {
    const { own, plain } = xorSteps(engine);
    if (threaded) return { ...xorSteps(threaded).own, yardstick: oneThread(own) };
    const { process, navigator } = globalThis as {
      process?: NodeJS.Process;
      navigator?: Navigator;
    };
    const version = process?.versions.node ?? navigator?.userAgent ?? "unknown";
    const rival = { peer: "plain JS", version, timed: plain };
    return { ...own, yardstick: { kind: "rival", ...rival } };
  },
};

export const stepWorks: WorkGroup = {
  name: "training step",
  summary: "units of each layer (batch), with Adam",
  works: [tiny, classifier([784, 128, 10], 64), classifier([784, 512, 512, 10], 128)],
};
