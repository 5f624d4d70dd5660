import type { TrainingResult } from "gradlane";
import { byId, formatCount, onTheme } from "../page.ts";
import { type Stroke, countsOf } from "./bitmap.ts";
import { Dashboard } from "./dashboard.ts";
import { BATCH_SIZE, CLASSES } from "./network.ts";
import { Pad } from "./pad.ts";
import { showFilters, showImage } from "./pictures.ts";
import { Predictor } from "./predictor.ts";
import { Runs } from "./runs.ts";
import { Scores } from "./scores.ts";
import { Session, type State } from "./session.ts";
import { type Choice, chosen, limitThreads } from "./settings.ts";

/** Milliseconds between looks at the weights of a network that learns. */
const WEIGHTS_EVERY = 80;

/** Edge of the picture of what the network sees, in CSS pixels. */
const SEEN_EDGE = 64;

const form = byId<HTMLFormElement>("settings");
const trainButton = byId<HTMLButtonElement>("train");
const restartButton = byId<HTMLButtonElement>("restart");
const status = byId("status");

limitThreads(form);
const predictor = await Predictor.create(chosen(form));
const dashboard = new Dashboard();
const runs = new Runs(byId("runs"));
const scores = new Scores(byId("scores"), CLASSES);
let strokes: readonly Stroke[] = [];
let isTrained = false;

const pad = new Pad(byId<HTMLCanvasElement>("pad"), (drawn) => {
  strokes = drawn;
  showDrawing();
});
const session = new Session({
  onState: showState,
  onEpochEnd: (epoch) => {
    dashboard.add(epoch);
  },
  onFinished: (result, choice) => void finish(result, choice),
  onFailed: (error) => {
    status.textContent = `Training failed: ${error instanceof Error ? error.message : String(error)}`;
  },
});

/** The drawing as the network sees it, and what it makes of it. */
function showDrawing(): void {
  const counts = countsOf(strokes);
  showImage(byId("seen"), counts, SEEN_EDGE);
  scores.show(strokes.length > 0 ? predictor.probabilities(counts) : undefined, isTrained);
}

function showWeights(): void {
  const canvas = byId<HTMLCanvasElement>("filters");
  showFilters(canvas, predictor.filters, canvas.parentElement!.clientWidth);
  showDrawing();
}

const BUTTON = {
  idle: "Train",
  training: "Pause",
  paused: "Resume",
  finished: "Train again",
  failed: "Train",
} as const satisfies Record<State, string>;

function showState(state: State): void {
  trainButton.textContent = BUTTON[state];
  restartButton.disabled = state === "idle";
  if (state === "training") {
    status.textContent = "Training…";
    requestAnimationFrame(follow);
  } else if (state === "paused") {
    status.textContent = "Paused. The weights stay as they are, to the last bit.";
  }
}

/** The weights that are on their way from the worker. */
let coming = Promise.resolve();
let askedAt = 0;

async function fetchWeights(): Promise<void> {
  const { training } = session;
  const weights = await training?.weights().catch(() => undefined);
  if (!weights || training !== session.training) return;
  await predictor.load(weights);
  isTrained = true;
  showWeights();
}

/** Keeps the page up with the training, frame by frame. */
function follow(now: number): void {
  const { training, state } = session;
  if (!training || state !== "training") return;
  dashboard.look(training.progress, now);
  if (now - askedAt >= WEIGHTS_EVERY) {
    askedAt = Infinity;
    coming = fetchWeights().finally(() => (askedAt = now));
  }
  requestAnimationFrame(follow);
}

async function restart(): Promise<void> {
  trainButton.disabled = restartButton.disabled = true;
  await session.stop();
  await coming;
  askedAt = 0;
  isTrained = false;
  dashboard.clear();
  predictor.reset(chosen(form));
  showWeights();
  trainButton.disabled = false;
  session.start(chosen(form));
}

async function finish({ history, info, weights }: TrainingResult, choice: Choice): Promise<void> {
  const training = session.training!;
  await coming;
  await predictor.load(weights);
  isTrained = true;
  showWeights();
  const { epochs } = history;
  const seconds = epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const { step } = training.progress;
  const samplesPerSecond = (step * BATCH_SIZE) / seconds;
  dashboard.end(epochs, samplesPerSecond);
  const isKnown = runs.add({
    ...choice,
    threads: info.threads,
    accuracy: epochs.at(-1)!.validationAccuracy!,
    samplesPerSecond,
    weightsSha256: await predictor.weightsSha256(),
  });
  const threads = info.threads === 1 ? "1 thread" : `${info.threads} threads`;
  status.textContent = [
    `Trained in ${seconds.toFixed(1)} s: ${formatCount(step)} steps of ${BATCH_SIZE} digits, on ${threads}.`,
    ...(isKnown ? ["The weights are those of an earlier run, to the last bit."] : []),
    ...info.notes,
  ].join(" ");
}

trainButton.addEventListener("click", () => {
  if (session.state === "training") session.pause();
  else if (session.state === "paused") session.resume();
  else void restart();
});
restartButton.addEventListener("click", () => void restart());
byId("clear").addEventListener("click", () => {
  pad.clear();
});
form.addEventListener("change", () => {
  session.pace(chosen(form));
});
onTheme(showWeights);
new ResizeObserver(showWeights).observe(byId("filters").parentElement!);
showWeights();
