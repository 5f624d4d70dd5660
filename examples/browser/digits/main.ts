import type { TrainingResult } from "gradlane";
import { byId, formatCount, onTheme } from "../page.ts";
import { limitThreads } from "../threads.ts";
import { countsOf } from "./bitmap.ts";
import { Dashboard } from "./dashboard.ts";
import { Insides } from "./insides.ts";
import { BATCH_SIZE, CLASSES, EPOCHS } from "./network.ts";
import { Pad } from "./pad.ts";
import { showImage } from "./pictures.ts";
import { Predictor } from "./predictor.ts";
import { Runs } from "./runs.ts";
import { Scores } from "./scores.ts";
import { Session, type State } from "./session.ts";
import { type Choice, chosen, showFor } from "./settings.ts";

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
const insides = new Insides(predictor);
let counts = countsOf([]);
let isDrawn = false;
let isTrained = false;

const pad = new Pad(byId<HTMLCanvasElement>("pad"), (strokes) => {
  isDrawn = strokes.length > 0;
  counts = countsOf(strokes);
  showDrawing();
  insides.draw(isDrawn ? counts : undefined);
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
  showImage(byId("seen"), counts, SEEN_EDGE);
  scores.show(isDrawn ? predictor.probabilities(counts) : undefined, isTrained);
}

function showNetwork(): void {
  insides.show();
  showDrawing();
}

/** The settings of the kind that is chosen. */
function showSettings(): void {
  showFor(chosen(form).kind, form.querySelectorAll<HTMLElement>("[data-kind]"));
}

/** Takes a choice into account: at once while no network has learnt, else from the next training on. */
function change(): void {
  const choice = chosen(form);
  showSettings();
  session.pace(choice);
  if (session.state === "idle") {
    predictor.reset(choice);
    showNetwork();
  } else if (choice.kind !== predictor.settings.kind) {
    status.textContent = `Press Restart to train the ${choice.kind} network instead.`;
  }
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
  showNetwork();
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
  const choice = chosen(form);
  dashboard.start(EPOCHS[choice.kind]);
  predictor.reset(choice);
  showNetwork();
  trainButton.disabled = false;
  session.start(choice);
}

async function finish({ history, info, weights }: TrainingResult, choice: Choice): Promise<void> {
  const training = session.training!;
  await coming;
  await predictor.load(weights);
  isTrained = true;
  showNetwork();
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
form.addEventListener("change", change);
onTheme(showNetwork);
showSettings();
showNetwork();
