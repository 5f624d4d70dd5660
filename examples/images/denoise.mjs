// A denoising autoencoder: it learns to take noise off images that it has never seen without.
// Run: node examples/images/denoise.mjs [FOLDER] [--epochs N]   (after npm run build)
import { adam, bce, conv2d, conv2dTranspose, createEngine, oneCycle, sequential } from "gradlane";
import { generator } from "../random.mjs";
import { asFloats, loadImages, readArguments } from "./data.mjs";
import { cost, picture, progress, sideBySide } from "./print.mjs";

const BATCH = 64;

/** Share of the pixels that noise replaces. */
const NOISE = 0.4;

const { folder, epochs = folder === undefined ? 24 : 4 } = readArguments();
const { train, test, shape, title } = await loadImages(folder);
const half = { stride: 2, padding: "same", activation: "relu" };

// Two convolutions of stride 2 leave a quarter of the rows and columns, which have no room for noise.
// Two transposed ones lead back to the shape of the image, whose pixels are from 0 to 1.
const net = sequential([
  conv2d(32, 3, half),
  conv2d(64, 3, half),
  conv2dTranspose(32, 3, half),
  conv2dTranspose(1, 3, { stride: 2, padding: "same", activation: "sigmoid" }),
]);

const engine = await createEngine();
const steps = epochs * Math.ceil(train.count / BATCH);
const model = engine.compile(net, {
  inputShape: shape,
  loss: bce(), // of the pixels, each of which is the probability of ink
  optimizer: adam({ learningRate: oneCycle({ maximum: 5e-3, steps }) }),
  batchSize: BATCH, // for which memory is reserved
  seed: 1,
});
console.log(`${title}: ${train.count} images, ${cost(model)}`);

const random = generator(1);
const noisy = (pixels) => pixels.map((pixel) => (random() < NOISE ? random() : pixel));

// Every epoch has new noise, so that no noise can be learned by heart.
const clean = asFloats(train.x);
for (let epoch = 0; epoch < epochs; epoch++) {
  const {
    epochs: [only],
  } = await model.fit({ x: noisy(clean), y: clean }, { epochs: 1, batchSize: BATCH });
  if (epoch % Math.ceil(epochs / 8) === 0 || epoch === epochs - 1)
    console.log(progress({ ...only, epoch }));
}

/** Mean of the squared differences of two lists of pixels. */
const difference = (a, b) => a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length;

const before = asFloats(test.x);
const damaged = noisy(before);
const after = model.predict(damaged).data;
console.log(`\n${test.count} images that it never saw, squared error per pixel:`);
console.log(
  `noisy ${difference(damaged, before).toFixed(4)}, cleaned ${difference(after, before).toFixed(4)}\n`,
);

const pixels = shape[0] * shape[1];
for (const i of [0, 1]) {
  const one = (images) => picture(images.subarray(i * pixels, (i + 1) * pixels), shape);
  const pictures = [before, damaged, after].map(one);
  console.log(sideBySide(pictures, ["before", "noisy", "cleaned"]));
}
engine.dispose();
