// An LSTM that forecasts the next day of an hourly series: of energy, temperature, visitors.
// Run: node examples/sequences/forecast.mjs [FILE.csv] [--column NAME] [--epochs N]   (after npm run build)
import { adam, createEngine, dense, lstm, mse, oneCycle, sequential } from "gradlane";
import { readOptions, refuse, wholeNumber } from "../command-line.mjs";
import { cost } from "../images/print.mjs";
import { chart } from "./chart.mjs";
import { DAY, WEEK, loadSeries } from "./series.mjs";

/** Hours that the network sees, and hours that it forecasts. */
const [PAST, NEXT] = [2 * DAY, DAY];

/** Numbers of each hour: the series, and where in the day and in the week the hour is. */
const FEATURES = 5;

const BATCH = 32;

const { values: options, positionals } = readOptions({
  column: { type: "string" },
  epochs: { type: "string", default: "6" },
});
const epochs = wholeNumber("epochs", options.epochs);
const { values, title } = await loadSeries(positionals[0], options.column);
const least = 6 * WEEK;
if (values.length < least)
  refuse(`${title}: expected ${least} hours or more, got ${values.length}`);

// The past trains, what follows validates, and the last part is for the end. Mean and deviation are those
// of the past: later numbers are unknown while it learns.
const [trained, validated] = [0.7, 0.85].map((share) => Math.floor(share * values.length));
const past = values.subarray(0, trained);
const mean = past.reduce((sum, value) => sum + value, 0) / trained;
const variance = past.reduce((sum, value) => sum + (value - mean) ** 2, 0) / trained;
const deviation = Math.sqrt(variance) || 1;
const standard = values.map((value) => (value - mean) / deviation);

/** The place of an hour in a cycle, as a point on a circle, where the last hour is next to the first. */
const clock = (hour, cycle) => {
  const angle = (2 * Math.PI * hour) / cycle;
  return [Math.sin(angle), Math.cos(angle)];
};

/** Hours at which a forecast can begin, so that the window and its answer lie from `from` to `to`. */
const starts = (from, to) =>
  Array.from({ length: Math.max(0, to - from - PAST - NEXT + 1) }, (_, i) => from + PAST + i);

/** Examples: x [PAST, FEATURES] before each start, y [NEXT] from it on. */
function windows(places) {
  const x = new Float32Array(places.length * PAST * FEATURES);
  const y = new Float32Array(places.length * NEXT);
  places.forEach((start, i) => {
    for (let t = 0; t < PAST; t++) {
      const hour = start - PAST + t;
      x.set([standard[hour], ...clock(hour, DAY), ...clock(hour, WEEK)], (i * PAST + t) * FEATURES);
    }
    y.set(standard.subarray(start, start + NEXT), i * NEXT);
  });
  return { x, y };
}

const train = windows(starts(0, trained));
const validation = windows(starts(trained, validated));
const tests = starts(validated, values.length);
const test = windows(tests);

const engine = await createEngine();
const steps = epochs * Math.ceil(train.y.length / NEXT / BATCH);
const model = engine.compile(sequential([lstm(32), dense(NEXT)]), {
  inputShape: [PAST, FEATURES],
  loss: mse(),
  optimizer: adam({ learningRate: oneCycle({ maximum: 1e-2, steps }), clipNorm: 1 }),
  batchSize: BATCH, // for which memory is reserved
  seed: 1,
});
console.log(`${title}: ${values.length} hours, ${cost(model)}`);

const history = await model.fit(train, {
  epochs,
  batchSize: BATCH,
  validation,
  onEpochEnd({ epoch, loss, validationLoss }) {
    const losses = `loss ${loss.toFixed(4)}, validation ${validationLoss.toFixed(4)}`;
    console.log(`epoch ${epoch + 1}: ${losses}`);
  },
});
const time = history.epochs.reduce((sum, { seconds }) => sum + seconds, 0);
console.log(`trained in ${time.toFixed(1)} s`);

const forecasts = model.predict(test.x).data.map((value) => mean + deviation * value);

/** Root of the mean squared error, over all hours of all forecasts; `guess` gives that of an hour. */
function rmse(guess) {
  let sum = 0;
  tests.forEach((start, i) => {
    for (let t = 0; t < NEXT; t++) sum += (guess(start, t, i) - values[start + t]) ** 2;
  });
  return Math.sqrt(sum / (tests.length * NEXT));
}

const errors = {
  "the last value": rmse((start) => values[start - 1]),
  "the same hour yesterday": rmse((start, t) => values[start + t - DAY]),
  "the same hour last week": rmse((start, t) => values[start + t - WEEK]),
  LSTM: rmse((start, t, i) => forecasts[i * NEXT + t]),
};
console.log(`\nRMSE of ${tests.length} forecasts of ${NEXT} hours that it never saw:\n`);
const texts = Object.values(errors).map((error) => error.toFixed(3));
const width = Math.max(9, ...texts.map((text) => text.length));
Object.keys(errors).forEach((name, i) => {
  console.log(`${name.padEnd(24)}${texts[i].padStart(width)}`);
});

// The last three days, each forecast when it began.
const shown = [3, 2, 1].map((days) => tests.length - 1 - (days - 1) * DAY);
const truth = shown.flatMap((i) => [...values.subarray(tests[i], tests[i] + NEXT)]);
const guessed = shown.flatMap((i) => [...forecasts.subarray(i * NEXT, (i + 1) * NEXT)]);
console.log(`\nThe last three days: · truth, * forecast, # both\n`);
const names = shown.map((i) => `hour ${tests[i]}`);
console.log(chart(truth, guessed, names));
engine.dispose();
