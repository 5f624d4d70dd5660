/**
 * Hashes of the weights of seed 5, on every machine and in every engine. A change of the kernels
 * that changes the order of a sum, or the numbers of a seed, changes these. Then they are pinned
 * anew.
 */
export const golden = {
  toolbox: "0d31c8c0902cf0dd675e7e45b1928f6b92d03b8a13037547a04e191c101bc980",
  relu: "210467bdd7daa709816233b20e86bacdc22c5e5b8c2cee0ddec376b72cedeecd",
  smooth: "81ee279ff315446982f86aaf9844d3461ebdf321659c5b8643d1bd32973da7aa",
  sequences: "03c1ad31654681fc37df5879229129e0d03086e554014b3906e3d4e29457db09",
  images: "472aa479936948d7ea996356eeff2ad4d23b067afa02a87f35de737df4eb6cfb",
  text: "663dd1aaf9db371970ec04d76eb8ecbafe5566c9c34cd48fb69f9b0c69cad3eb",
};

/** And after 10,035 steps, 45 in an epoch. */
export const goldenLong = {
  toolbox: "6536b4f62e52386509cdfef3c9b2770fb24ae99b2ae3e47c6f2b54a9b355beb6",
  relu: "c6568e0a1b5015203660c77c82bea2d6ce9f05cd95a4a96107ef4803a567e043",
  smooth: "abf30c1aec52a4392d71c3bd7dccfb4a8a33bb35530d50ea6eb2bf306b42c6aa",
  sequences: "2d62d4955dbfe20c4edfe7f6e5164b643365412458fe6e721565a7c6a2f2ec11",
  images: "2ec055792b505db9c089074b21835c6ff7ad43314f0b4608e8da3be6858b21d5",
  // It takes 40 steps whatever the epochs of the others are.
  text: golden.text,
};

const LONG_EPOCHS = 223;

/** The SHA-256 of all that a model has learnt. */
export async function hashOf({ parameters, buffers }) {
  const arrays = [...parameters, ...buffers].map(({ data }) => data);
  const bytes = new Uint8Array(arrays.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  const digest = new Uint8Array(await globalThis.crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Networks, their optimizers, and the shapes of their inputs, made with the package as it is built or from its source. */
function networksOf(gradlane) {
  const {
    adam,
    adamW,
    batchNorm,
    bidirectional,
    conv2d,
    conv2dTranspose,
    cosineDecay,
    dense,
    dropout,
    flatten,
    glorotNormal,
    gru,
    heNormal,
    heUniform,
    l2,
    layerNorm,
    lecunNormal,
    lecunUniform,
    lstm,
    maxPool2d,
    normal,
    orthogonal,
    separableConv2d,
    sgd,
    simpleRnn,
    truncatedNormal,
    uniform,
  } = gradlane;
  // Every initialiser that draws, and every function of its own that an activation has.
  const drawn = [
    [heNormal(), "gelu"],
    [heUniform(), "silu"],
    [glorotNormal(), "mish"],
    [lecunNormal(), "softplus"],
    [lecunUniform(), "elu"],
    [orthogonal(), "selu"],
    [truncatedNormal(0, 0.2), "geluTanh"],
    [normal(0, 0.2), "tanh"],
    [uniform(-0.3, 0.3), "sigmoid"],
  ].map(([weightInitializer, activation]) => dense(13, { weightInitializer, activation }));

  const networks = {
    toolbox: [
      [
        ...drawn.slice(0, 5),
        dropout(0.2),
        batchNorm(),
        ...drawn.slice(5),
        layerNorm(),
        dense(10, { weightPenalty: l2(1e-4) }),
      ],
      adamW({ learningRate: cosineDecay({ learningRate: 0.01, steps: 135 }), clipNorm: 1 }),
    ],
    relu: [[dense(64, { activation: "relu" }), dense(10)], adam({ learningRate: 1e-3 })],
    smooth: [
      [dense(24, { activation: "tanh" }), dense(17, { activation: "sigmoid" }), dense(10)],
      sgd({ learningRate: 0.1, momentum: 0.9 }),
    ],
    // Enough pixels for two ranges of images, and every kind of convolution.
    images: [
      [
        conv2d(8, 2, { padding: 1, activation: "relu" }),
        separableConv2d(12, 3, { stride: 2, activation: "gelu" }),
        conv2d(12, 3, { groups: 3, padding: "same", dilation: 2, activation: "tanh" }),
        conv2dTranspose(4, 3, { stride: 2, padding: "same" }),
        maxPool2d(2),
        flatten(),
        dense(10),
      ],
      adam({ learningRate: 2e-3 }),
      [8, 8, 1],
    ],
    // Rows of the digits as steps, both ways, by every kind of recurrent layer.
    sequences: [
      [
        bidirectional(lstm(5, { returnSequences: true })),
        gru(6, { returnSequences: true }),
        simpleRnn(7),
        dense(10),
      ],
      adam({ learningRate: 2e-3, clipNorm: 1 }),
      [8, 8],
    ],
  };
  return networks;
}

/** Trains each of the networks on an engine; their hashes. */
export async function trainGolden(gradlane, engine, train, epochs = 3) {
  const { crossEntropy, sequential } = gradlane;
  const hashes = {};
  for (const [name, [layers, optimizer, inputShape = [64]]] of Object.entries(
    networksOf(gradlane),
  )) {
    const model = engine.compile(sequential(layers), {
      inputShape,
      loss: crossEntropy(),
      optimizer,
      seed: 5,
    });
    await model.fit(train, { epochs, batchSize: 32 });
    hashes[name] = await hashOf(model);
    model.dispose();
  }
  hashes.text = await generateGolden(gradlane, engine, train);
  return hashes;
}

/** Trains a GPT on pixels as characters, and has it draw some: the hash of its weights and of these. */
async function generateGolden(gradlane, engine, { x }) {
  const { adamW, crossEntropy, embedding, generate, layerNorm, positionEmbedding } = gradlane;
  const { sequential, transformerBlock, unembedding } = gradlane;
  const [batch, steps] = [12, 64];
  const table = embedding(17, 32);
  const block = { causal: true, normFirst: true, activation: "gelu", dropout: 0.1 };
  const blocks = [
    transformerBlock(4, 64, block),
    transformerBlock(2, 64, { ...block, rotary: true }),
  ];
  const layers = [table, positionEmbedding(steps), ...blocks, layerNorm(), unembedding(table)];
  const options = { loss: crossEntropy(), optimizer: adamW({ learningRate: 3e-3, clipNorm: 1 }) };
  const model = engine.compile(sequential(layers), { inputShape: [steps], ...options, seed: 5 });
  const pixels = Int32Array.from(x.subarray(0, 40 * batch * steps + 1), (value) => value * 16);
  for (let at = 0; at + batch * steps < pixels.length; at += batch * steps) {
    const window = (from) => pixels.slice(from, from + batch * steps);
    model.trainStep(window(at), window(at + 1));
  }
  const sampling = { count: 100, temperature: 0.9, topK: 12, topP: 0.98, seed: 7 };
  const ids = Float32Array.from(generate(model, [0, 0, 0], sampling));
  const hash = await hashOf({ parameters: model.parameters, buffers: [{ data: ids }] });
  model.dispose();
  return hash;
}

/** Trains them on an engine that is cold, then for long, and again when its code is optimised. */
export async function trainColdAndWarm(gradlane, engine, train) {
  const cold = await trainGolden(gradlane, engine, train);
  const long = await trainGolden(gradlane, engine, train, LONG_EPOCHS);
  const warm = await trainGolden(gradlane, engine, train);
  return { cold, long, warm };
}
