// A network on ndarray.mjs, forward and backward by hand, learns to read handwritten digits.
// Run: node examples/embed/train.mjs   (after npm run build)
import { loadDigits } from "gradlane/digits";
import { Arena } from "./ndarray.mjs";

const [PIXELS, HIDDEN, CLASSES] = [64, 32, 10];
const [EPOCHS, BATCH, RATE] = [20, 32, 0.3];

const arena = await Arena.create();
const { train, test } = await loadDigits();

/** A row for each label, 1 in its column. */
function oneHot(labels) {
  const rows = Array.from(labels, (label) =>
    Array.from({ length: CLASSES }, (_, j) => Number(j === label)),
  );
  return arena.array(rows.flat(), labels.length, CLASSES);
}

const x = arena.array(train.x, train.y.length, PIXELS);
const targets = oneHot(train.y);
const W1 = arena.uniform(PIXELS, HIDDEN, 0.2, 1, 0);
const W2 = arena.uniform(HIDDEN, CLASSES, 0.2, 1, 1);
const [b1, b2] = [arena.zeros(1, HIDDEN), arena.zeros(1, CLASSES)];

function forward(input) {
  const h = input.matmul(W1).add(b1).relu();
  return { h, p: h.matmul(W2).add(b2).softmax() };
}

/** One step down the gradient of the mean cross-entropy. */
function step(input, target) {
  const { h, p } = forward(input);
  // Softmax and cross-entropy together have the gradient p - t.
  const dz = p.sub(target);
  const dh = dz.matmul(W2.T).reluGrad(h);
  const rate = -RATE / input.shape[0];
  W2.addScaled(rate, h.T.matmul(dz));
  b2.addScaled(rate, dz.sum(0));
  W1.addScaled(rate, input.T.matmul(dh));
  b1.addScaled(rate, dh.sum(0));
}

/** The part of labels whose row is largest where it should be. */
function accuracy({ x: pixels, y }) {
  return arena.scope(() => {
    const p = forward(arena.array(pixels, y.length, PIXELS)).p.toArray();
    const right = Array.from(y).filter((label, i) => {
      const row = p.subarray(i * CLASSES, (i + 1) * CLASSES);
      return row.indexOf(Math.max(...row)) === label;
    });
    return right.length / y.length;
  });
}

for (let epoch = 1; epoch <= EPOCHS; epoch++) {
  for (let from = 0; from < train.y.length; from += BATCH) {
    const to = Math.min(from + BATCH, train.y.length);
    arena.scope(() => step(x.rows(from, to), targets.rows(from, to)));
  }
  if (epoch % 5 === 0) console.log(`epoch ${epoch}: accuracy ${accuracy(test).toFixed(4)}`);
}
