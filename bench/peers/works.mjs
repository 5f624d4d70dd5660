// What every peer is timed on, and the numbers it works on.

const KIB = 1024;
const ELEMENTS = 64 * KIB;

const products = [
  [48, 48, 48],
  [96, 96, 96],
  [192, 192, 192],
  [384, 384, 384],
  [768, 768, 768],
  [64, 128, 784],
  [128, 512, 784],
  [1, 512, 784],
  [8, 512, 784],
].map(([m, n, k]) => ({
  ...{ name: `sgemm ${m}x${n}x${k}`, kind: "sgemm", calls: 1 },
  ...{ m, n, k, flops: 2 * m * n * k },
}));

const maps = ["exp", "tanh", "sigmoid", "gelu"].map((name) => ({
  ...{ name: `${name} ${ELEMENTS}`, kind: "map", calls: 1, function: name, n: ELEMENTS },
}));

/**
 * A network of dense layers, relu between them, trained on one batch. Training goes on and on: in
 * samples of 10 ms, between two pauses, PyTorch's two threads take 8 ms for a step of 1.2.
 */
const network = (layers, batch) => ({ kind: "step", calls: 2, sample: 60, layers, batch });

const steps = [
  network([2, 4, 1], 4),
  network([784, 128, 10], 64),
  network([784, 512, 512, 10], 128),
];

/**
 * The network of Keras's first example for MNIST without its dropout, whose random numbers no two
 * programs share: convolutions of 3x3 with 32 and 64 filters, max pooling, 128 units and 10.
 */
const convnet = (batch) => ({ kind: "convnet", calls: 2, sample: 60, batch });

/** The small batch is for peers that take minutes for the other. */
const convnets = [convnet(64), { ...convnet(4), slow: true }];

// Adam reads p, g, m and v and writes p, m and v: 28 bytes a parameter, which is what copying 3.5
// floats moves too, so the two times compare as they are.
const PARAMETERS = 1e6;
const COPIED = 3.5 * PARAMETERS;
const streams = [
  { name: `adam ${PARAMETERS}`, kind: "adam", calls: 2, n: PARAMETERS, bytes: 28 * PARAMETERS },
  { name: `copy ${COPIED}`, kind: "copy", calls: 1, n: COPIED, bytes: 8 * COPIED },
];

/** Time from import to the end of the first step, each of at most 7 samples in a new process. */
const startup = { ...network([784, 128, 10], 64), name: "startup", fresh: true, rounds: 7 };

/**
 * All works: `calls` is how many calls are checked against the float64 formula before the timing;
 * `sample` the milliseconds that a sample is to take; `flops` and `bytes` are what one call does,
 * where that is worth a figure. Those that are `slow` are for --slow alone.
 */
export const works = [
  ...products,
  ...maps,
  ...steps.map((step) => ({ name: `step ${step.layers.join("-")} (${step.batch})`, ...step })),
  ...convnets.map((net) => ({ name: `step keras-mnist (${net.batch})`, ...net })),
  ...streams,
  startup,
].map((work) => ({ sample: 10, ...work }));

/** Settings of the optimizer in every step: PyTorch's defaults. */
export const ADAM = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/**
 * Numbers in [-scale, scale) that look random, the same in native.py: the finaliser of MurmurHash3
 * over seed · 2^20 + i, of which 24 bits are kept, so that every value is a float32.
 */
export function uniform(count, seed, scale = 1) {
  return Float32Array.from({ length: count }, (_, i) => {
    let h = (seed * 2 ** 20 + i) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
    return ((h >>> 8) / 2 ** 23 - 1) * scale;
  });
}

/**
 * First weights of these shapes [..., in, out], their biases, and a batch: x [batch, features], and y,
 * which holds class indices, or 0 and 1 where the network has one output.
 */
function training(shapes, batch, features) {
  const outputs = shapes.at(-1).at(-1);
  const classes = Math.max(2, outputs);
  const parameters = shapes.flatMap((shape, i) => {
    const [size, width] = [shape.reduce((product, axis) => product * axis), shape.at(-1)];
    const limit = Math.sqrt(6 / (size / width + width));
    return [
      { shape, data: uniform(size, 10 + 2 * i, limit) },
      { shape: [width], data: uniform(width, 11 + 2 * i, 0.1) },
    ];
  });
  const x = uniform(batch * features, 8);
  const y = Int32Array.from(uniform(batch, 9), (value) => Math.floor(((value + 1) / 2) * classes));
  return { parameters, x, y, outputs };
}

/** Shapes of the weights of the convolutional network; those of convolutions begin with the kernel. */
const CONVNET = [
  [3, 3, 1, 32],
  [3, 3, 32, 64],
  [9216, 128],
  [128, 10],
];

/** Inputs of each kind of work, the same as in native.py. */
export const inputs = {
  /** A [m, k] and B [k, n], row-major. */
  sgemm: ({ m, n, k }) => ({ a: uniform(m * k, 1), b: uniform(k * n, 2) }),
  map: ({ n }) => ({ x: uniform(n, 3, 4) }),
  /** Parameters and gradients. */
  adam: ({ n }) => ({ p: uniform(n, 4), g: uniform(n, 5) }),
  copy: ({ n }) => ({ x: uniform(n, 6) }),
  step({ layers, batch }) {
    const shapes = layers.slice(1).map((width, i) => [layers[i], width]);
    return training(shapes, batch, layers[0]);
  },
  convnet: ({ batch }) => training(CONVNET, batch, 28 * 28),
};

/** Rows with a 1 where the class is; 0 and 1 as they are for one output. */
export function oneHot({ y, outputs }) {
  if (outputs === 1) return Float32Array.from(y);
  const rows = new Float32Array(y.length * outputs);
  y.forEach((label, i) => (rows[i * outputs + label] = 1));
  return rows;
}

/** Indices of at most 64 values, evenly spread: what is checked of a result. */
export function spread(length) {
  const stride = Math.max(1, Math.floor(length / 64));
  return Array.from({ length: Math.min(length, 64) }, (_, i) => i * stride);
}
