import { adam, bceWithLogits, conv2d, dense, flatten } from "../../index.ts";
import { maxPool2d, sequential, type Engine } from "../../index.ts";
import { plainNetwork, plainStep } from "./plain-step.ts";
import { sequenceSteps } from "./sequence-steps.ts";
import type { Timed } from "./timing.ts";
import { oneThread, training, type Classifier } from "./training.ts";
import type { Work, WorkGroup } from "./work.ts";

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

/** Returns a network of dense layers with relu between them. */
function multilayer([inputs, ...units]: Sizes): Classifier {
  const classes = units.at(-1)!;
  const hidden = units.slice(0, -1).map((size) => dense(size, { activation: "relu" }));
  return { network: sequential([...hidden, dense(classes)]), inputShape: [inputs], classes };
}

/**
 * Returns the network of mnist_cnn.py, the first of Keras's examples for MNIST, for images with an edge of
 * some pixels, and without its dropout: other programs (bench/peers) cannot repeat its random numbers.
 */
function kerasMnist(edge: number): Classifier {
  const network = sequential([
    conv2d(32, 3, { activation: "relu" }),
    conv2d(64, 3, { activation: "relu" }),
    maxPool2d(2),
    flatten(),
    dense(128, { activation: "relu" }),
    dense(10),
  ]);
  return { network, inputShape: [edge, edge, 1], classes: 10 };
}

/**
 * Multiply-adds of kerasMnist for an image of 28x28: two passes of the first layer, which has no
 * gradient of its input, and three of the others.
 */
const KERAS_MULTIPLY_ADDS =
  2 * 26 ** 2 * 32 * 9 + 3 * (24 ** 2 * 64 * 9 * 32 + 12 ** 2 * 64 * 128 + 128 * 10);

/** Returns the work of a step of dense layers. */
function multilayerStep(sizes: Sizes, batch: number): Work {
  return training({
    name: stepName(sizes, batch),
    flops: stepFlops(sizes, batch),
    batch,
    classifier: () => multilayer(sizes),
    small: () => multilayer([8, 8, 4]),
  });
}

const keras: Work = training({
  name: "step keras-mnist (64)",
  flops: 2 * 64 * KERAS_MULTIPLY_ADDS,
  batch: 64,
  classifier: () => kerasMnist(28),
  // The smallest images of which the pool leaves something.
  small: () => kerasMnist(6),
});

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
  summary:
    "units of each layer (batch), with Adam; keras-mnist: two convolutions in front; lstm, gru: 50 steps, " +
    "32-128-10; gpt: nanoGPT's recipe for a CPU",
  works: [
    tiny,
    multilayerStep([784, 128, 10], 64),
    multilayerStep([784, 512, 512, 10], 128),
    keras,
    ...sequenceSteps,
  ],
};
