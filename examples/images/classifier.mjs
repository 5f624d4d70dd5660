// A convolutional network that tells images apart: clothes, or digits.
// Run: node examples/images/classifier.mjs [FOLDER] [--epochs N]   (after npm run build)
import {
  adam,
  batchNorm,
  confusionMatrix,
  conv2d,
  createEngine,
  crossEntropy,
  dense,
  dropout,
  flatten,
  maxPool2d,
  oneCycle,
  relu,
  sequential,
} from "gradlane";
import { loadImages, readArguments } from "./data.mjs";
import { confusions, cost, progress } from "./print.mjs";

const BATCH = 32;

const { folder, epochs = folder === undefined ? 8 : 3 } = readArguments();
const { train, test, shape, names, title } = await loadImages(folder);

/** Convolution, normalisation and activation. batchNorm has a bias of its own. */
const block = (filters) => [
  conv2d(filters, 3, { padding: "same", useBias: false }),
  batchNorm(),
  relu(),
];

// Each pool halves rows and columns: the deeper a layer, the more filters and the fewer pixels.
const net = sequential([
  ...block(32),
  maxPool2d(2),
  ...block(64),
  maxPool2d(2),
  flatten(),
  dropout(0.3),
  dense(names.length),
]);

const engine = await createEngine();
const steps = epochs * Math.ceil(train.count / BATCH);
const model = engine.compile(net, {
  inputShape: shape, // [28, 28, 1]: rows of 784 bytes are read as such images
  loss: crossEntropy(),
  optimizer: adam({ learningRate: oneCycle({ maximum: 3e-3, steps }) }),
  metrics: ["accuracy", confusionMatrix()],
  batchSize: BATCH, // for which memory is reserved
  seed: 1,
});
console.log(`${title}: ${train.count} images, ${cost(model)}`);

await model.fit(train, {
  epochs,
  batchSize: BATCH,
  validation: test,
  onEpochEnd: (epoch) => console.log(progress(epoch)),
});

const { accuracy, confusionMatrix: matrix } = await model.evaluate(test);
console.log(`\nTrue class by row, answer by column, for ${test.count} images it never saw:\n`);
console.log(confusions(matrix, names));
console.log(`\naccuracy ${accuracy.toFixed(4)}`);
engine.dispose();
