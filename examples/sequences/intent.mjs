// A recurrent network that tells what short sentences ask for: an alarm, music, the weather, …
// Run: node examples/sequences/intent.mjs [SENTENCE…] [--epochs N]   (after npm run build)
import { performance } from "node:perf_hooks";
import {
  adam,
  bidirectional,
  confusionMatrix,
  createEngine,
  crossEntropy,
  dense,
  dropout,
  embedding,
  gru,
  network,
  oneCycle,
} from "gradlane";
import { readOptions, refuse, wholeNumber } from "../command-line.mjs";
import { confusions, cost, progress } from "../images/print.mjs";
import { INTENTS, drawSentences, encode, marked, vocabularyOf, wordsOf } from "./sentences.mjs";

const BATCH = 32;
/** Words of a sentence at most. Shorter ones are padded. */
const STEPS = 24;

const { values, positionals: own } = readOptions({ epochs: { type: "string", default: "12" } });
const epochs = wholeNumber("epochs", values.epochs);
for (const sentence of own) {
  const count = wordsOf(sentence).length;
  const got = `${count} in "${sentence}"`;
  if (count < 1 || count > STEPS) refuse(`expected sentences of 1 to ${STEPS} words, got ${got}`);
}

const [learned, tested] = [drawSentences("train", 3000, 1), drawSentences("test", 800, 2)];
const vocabulary = vocabularyOf(learned.sentences);
const train = { x: encode(learned.sentences, vocabulary, STEPS, 0.1), y: learned.y };
const test = { x: encode(tested.sentences, vocabulary, STEPS), y: tested.y };

// Ids become vectors, which are read from both ends. Nothing past the length of a sentence counts.
const vectors = embedding(vocabulary.size + 2, 24);
const reader = bidirectional(gru(32));
const [drop, scores] = [dropout(0.3), dense(INTENTS.length)];
const net = network((g, { words, lengths }) => {
  const read = g.use(reader, g.use(vectors, words), { lengths });
  return g.use(scores, g.use(drop, read));
});

const engine = await createEngine();
const model = engine.compile(net, {
  inputShape: { words: [STEPS], lengths: [1] },
  loss: crossEntropy(),
  optimizer: adam({
    learningRate: oneCycle({ maximum: 0.01, steps: epochs * Math.ceil(train.y.length / BATCH) }),
  }),
  metrics: ["accuracy", confusionMatrix()],
  batchSize: BATCH, // for which memory is reserved
  seed: 1,
});
console.log(`${train.y.length} sentences, ${vocabulary.size} words, ${cost(model)}`);

const start = performance.now();
await model.fit(train, {
  epochs,
  batchSize: BATCH,
  validation: test,
  onEpochEnd: (epoch) => console.log(progress(epoch)),
});
const seconds = (performance.now() - start) / 1000;

const { accuracy, confusionMatrix: matrix } = await model.evaluate(test);
console.log(
  `\nTrue intent by row, answer by column, for ${test.y.length} sentences it never saw:\n`,
);
console.log(confusions(matrix, INTENTS));
console.log(`\naccuracy ${accuracy.toFixed(4)} after ${seconds.toFixed(1)} s`);

/** Returns the intents of each sentence with their probabilities, the likeliest first. */
function answers(sentences) {
  const logits = model.predict(encode(sentences, vocabulary, STEPS)).data;
  return sentences.map((_, row) => {
    const scores = logits.subarray(row * INTENTS.length, (row + 1) * INTENTS.length);
    const powers = Array.from(scores, (score) => Math.exp(score - Math.max(...scores)));
    const sum = powers.reduce((a, b) => a + b);
    const ranked = INTENTS.map((intent, i) => ({ intent, probability: powers[i] / sum }));
    return ranked.sort((a, b) => b.probability - a.probability);
  });
}

/**
 * Prints sentences, each with its two likeliest intents. Words that the network does not know are in brackets.
 * @param rights the right intents, if they are to be shown
 */
function show(title, sentences, rights = []) {
  console.log(`\n${title}\n`);
  answers(sentences).forEach((ranked, i) => {
    const texts = ranked.slice(0, 2).map(({ intent, probability }) => {
      return `${intent.padEnd(8)} ${probability.toFixed(2)}`;
    });
    if (rights.length > 0) texts.push(`right: ${rights[i]}`);
    console.log(`${marked(sentences[i], vocabulary)}\n    ${texts.join("   ")}`);
  });
}

if (own.length > 0) show("Your sentences:", own);
else {
  const first = answers(tested.sentences).map(([{ intent }]) => INTENTS.indexOf(intent));
  /** Returns the first sentence of each intent that the network takes for what it is, or for another. */
  const firstOfEach = (isRight) =>
    INTENTS.flatMap((intent, y) => {
      const sentence = tested.sentences.find((sentence, i) => {
        const isShort = marked(sentence, vocabulary).length <= 80;
        return isShort && tested.y[i] === y && (first[i] === y) === isRight;
      });
      return sentence === undefined ? [] : { sentence, intent };
    });
  const [right, wrong] = [true, false].map(firstOfEach);
  const texts = (found) => found.map(({ sentence }) => sentence);
  show("What it gets right, with probabilities; it does not know [words]:", texts(right));
  show(
    "What it gets wrong:",
    texts(wrong),
    wrong.map(({ intent }) => intent),
  );
}
engine.dispose();
