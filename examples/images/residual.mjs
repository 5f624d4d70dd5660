// A small residual network (He, Zhang, Ren and Sun 2016), and the images that it gets most wrong.
// Run: node examples/images/residual.mjs [FOLDER] [--epochs N]   (after npm run build)
import {
  adam,
  batchNorm,
  conv2d,
  createEngine,
  crossEntropy,
  dense,
  globalAvgPool2d,
  oneCycle,
  relu,
  sequential,
} from "gradlane";
import { asFloats, loadImages, readArguments } from "./data.mjs";
import { cost, picture, progress, sideBySide } from "./print.mjs";

const BATCH = 32;

const { folder, epochs = folder === undefined ? 8 : 3 } = readArguments();
const { train, test, shape, names, title } = await loadImages(folder);

/** A convolution whose bias is that of the batchNorm behind it. */
const conv = (filters, size, stride) => [
  conv2d(filters, size, { stride, padding: "same", useBias: false }),
  batchNorm(),
];

/**
 * A layer of our own: relu(f(x) + x). Where f halves the image and changes the number of channels, a
 * convolution of 1x1 does the same to x. For an f that keeps the shape there is residual([...]).
 */
function block(filters, stride) {
  const main = sequential([...conv(filters, 3, stride), relu(), ...conv(filters, 3, 1)]);
  const shortcut = stride === 1 ? undefined : sequential(conv(filters, 1, stride));
  return {
    kind: "block",
    label: `block(${filters}, ${stride})`, // in the summary and in errors
    record(g, x) {
      const same = shortcut ? shortcut.record(g, { x }) : x;
      return g.relu(g.add(main.record(g, { x }), same));
    },
  };
}

/** Layers as a layer of our own, which has one line in the summary. */
function together(kind, size, layers) {
  const inner = sequential(layers);
  return { kind, label: `${kind}(${size})`, record: (g, x) => inner.record(g, { x }) };
}

// The mean over all pixels has no parameters, so the weights fit images of any size.
const net = sequential([
  together("stem", 16, [...conv(16, 3, 1), relu()]),
  block(16, 1),
  block(32, 2),
  block(64, 2),
  together("head", names.length, [globalAvgPool2d(), dense(names.length)]),
]);

const engine = await createEngine();
const steps = epochs * Math.ceil(train.count / BATCH);
const model = engine.compile(net, {
  inputShape: shape,
  loss: crossEntropy(),
  optimizer: adam({ learningRate: oneCycle({ maximum: 5e-3, steps }) }),
  metrics: ["accuracy"],
  batchSize: BATCH, // for which memory is reserved
  seed: 1,
});
const [layers] = model.summary().split("\n\n"); // what follows is memory
console.log(`${title}: ${train.count} images, ${cost(model)}\n\n${layers}\n`);

await model.fit(train, {
  epochs,
  batchSize: BATCH,
  validation: test,
  onEpochEnd: (epoch) => console.log(progress(epoch)),
});

/** Returns the mistakes of which the network is most certain: the largest gaps between two scores. */
function worst(count) {
  const classes = names.length;
  const { data } = model.predict(test.x);
  const answers = Array.from({ length: test.count }, (_, i) => {
    const scores = data.subarray(i * classes, (i + 1) * classes);
    const answer = scores.indexOf(Math.max(...scores));
    return { i, answer, gap: scores[answer] - scores[test.y[i]] };
  });
  return answers.toSorted((a, b) => b.gap - a.gap).slice(0, count);
}

const { accuracy } = await model.evaluate(test);
console.log(`\naccuracy ${accuracy.toFixed(4)}. What it was most wrong about, and its answers:\n`);
const pixels = shape[0] * shape[1];
const images = asFloats(test.x);
const shown = worst(3);
const pictures = shown.map(({ i }) =>
  picture(images.subarray(i * pixels, (i + 1) * pixels), shape),
);
const titles = shown.map(({ i, answer }) => `${names[test.y[i]]} → ${names[answer]}`);
console.log(sideBySide(pictures, titles));
engine.dispose();
