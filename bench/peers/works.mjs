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

/**
 * A recurrent layer over sequences, and a dense layer behind its last state. A GRU's reset gate acts on the
 * product with h, as in PyTorch and cuDNN.
 */
const recurrent = (cell) => ({
  ...{ kind: "recurrent", cell, calls: 2, sample: 60 },
  ...{ batch: 32, steps: 50, features: 32, units: 128 },
});

/**
 * nanoGPT's recipe for a CPU: GPT-2's blocks with GELU by erf, an output with the weight of the embedding,
 * no dropout, AdamW that decays all parameters, and gradients clipped by their norm. The 65 characters
 * are those of its text.
 */
const gpt = {
  ...{ name: "step gpt (12)", kind: "gpt", calls: 2, sample: 60 },
  ...{ batch: 12, layers: 4, heads: 4, width: 128, time: 64, vocabulary: 65 },
};

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
  ...["lstm", "gru"].map((cell) => ({ name: `step ${cell} (32)`, ...recurrent(cell) })),
  gpt,
  ...streams,
  startup,
].map((work) => ({ sample: 10, ...work }));

/** Settings of the optimizer in every step: PyTorch's defaults. */
export const ADAM = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** Decay of AdamW, and the limit of the norm of all gradients, as nanoGPT sets them. */
export const DECAY = 0.1;
export const CLIP_NORM = 1;

/**
 * Numbers in [-scale, scale) around a centre that look random, the same in native.py: the finaliser of MurmurHash3
 * over seed · 2^20 + i, of which 24 bits are kept, so that every value is a float32.
 */
export function uniform(count, seed, scale = 1, centre = 0) {
  return Float32Array.from({ length: count }, (_, i) => {
    let h = (seed * 2 ** 20 + i) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
    return ((h >>> 8) / 2 ** 23 - 1) * scale + centre;
  });
}

/** First parameters of these shapes, each of small numbers, or of numbers near 1 where `centre` is 1. */
function parametersOf(shapes) {
  return shapes.map((of, i) => {
    const { shape, centre = 0 } = Array.isArray(of) ? { shape: of } : of;
    const [size, width] = [shape.reduce((product, axis) => product * axis), shape.at(-1)];
    const limit = shape.length === 1 ? 0.1 : Math.sqrt(6 / (size / width + width));
    return { shape, data: uniform(size, 10 + i, limit, centre) };
  });
}

/** Indices below a number of classes. */
const indices = (count, seed, classes) =>
  Int32Array.from(uniform(count, seed), (value) => Math.floor(((value + 1) / 2) * classes));

/** Shapes of weights [..., in, out], each with that of its bias behind it. */
const withBiases = (shapes) => shapes.flatMap((shape) => [shape, shape.slice(-1)]);

/**
 * First parameters of these shapes, and a batch: x [batch, features], and y, which holds class indices, or
 * 0 and 1 where the network has one output.
 */
function training(shapes, batch, features) {
  const outputs = shapes.at(-1).at(-1);
  const y = indices(batch, 9, Math.max(2, outputs));
  return { parameters: parametersOf(shapes), x: uniform(batch * features, 8), y, outputs };
}

/** Shapes of the weights of the convolutional network; those of convolutions begin with the kernel. */
const CONVNET = [
  [3, 3, 1, 32],
  [3, 3, 32, 64],
  [9216, 128],
  [128, 10],
];

/** Gates of a recurrent layer. */
export const GATES = { lstm: 4, gru: 3 };

/** Classes that a recurrent network tells apart. */
const CLASSES = 10;

/** Shapes of a recurrent network; a GRU has a bias for the products with x, and one for those with h. */
function recurrentShapes({ cell, features, units }) {
  const columns = GATES[cell] * units;
  const bias = cell === "gru" ? [2, columns] : [columns];
  return [[features, columns], [units, columns], bias, [units, CLASSES], [CLASSES]];
}

/** Shapes of a GPT, block by block: norm, queries with keys and values, output, norm, two dense layers. */
function gptShapes({ layers, width, time, vocabulary }) {
  const norm = [{ shape: [width], centre: 1 }, [width]];
  const dense = (inputs, outputs) => withBiases([[inputs, outputs]]);
  const attention = [...norm, ...dense(width, 3 * width), ...dense(width, width)];
  const block = [...attention, ...norm, ...dense(width, 4 * width), ...dense(4 * width, width)];
  const tables = [
    [vocabulary, width],
    [time, width],
  ];
  return [...tables, ...Array.from({ length: layers }, () => block).flat(), ...norm];
}

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
    return training(withBiases(shapes), batch, layers[0]);
  },
  convnet: ({ batch }) => training(withBiases(CONVNET), batch, 28 * 28),
  recurrent(work) {
    return training(recurrentShapes(work), work.batch, work.steps * work.features);
  },
  /** Ids of characters [batch, time], and those that follow. */
  gpt(work) {
    const { batch, time, vocabulary } = work;
    const [x, y] = [8, 9].map((seed) => indices(batch * time, seed, vocabulary));
    return {
      parameters: parametersOf(gptShapes(work)),
      x: Float32Array.from(x),
      y,
      outputs: vocabulary,
    };
  },
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
