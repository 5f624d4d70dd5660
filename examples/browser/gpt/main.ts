import { byId, formatCount } from "../page.ts";
import { limitThreads } from "../threads.ts";
import { Dashboard } from "./dashboard.ts";
import type { Overview, PageMessage, State, WorkerMessage } from "./protocol.ts";
import { Samples } from "./samples.ts";
import { chosen, chosenBook } from "./settings.ts";
import { Writer } from "./writer.ts";

/** The page: a form, and what its worker tells of the training. */

const form = byId<HTMLFormElement>("settings");
const trainButton = byId<HTMLButtonElement>("train");
const restartButton = byId<HTMLButtonElement>("restart");
const status = byId("status");

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const dashboard = new Dashboard();
const samples = new Samples(byId("samples"));
const writer = new Writer((prompt, style) => {
  send({ kind: "write", prompt, style });
});

/** State of the training; undefined without one, and while one begins. */
let state: State | undefined;

function send(message: PageMessage): void {
  worker.postMessage(message);
}

const BUTTON = {
  training: "Pause",
  paused: "Resume",
  finished: "Train again",
} as const satisfies Record<State, string>;

const STATUS = {
  training: "Training…",
  paused: "Paused. Resume goes on as if it had not stopped, to the last bit.",
  finished: "Trained. Let it write.",
} as const satisfies Record<State, string>;

function showState(next: State | undefined): void {
  state = next;
  trainButton.disabled = false;
  trainButton.textContent = next ? BUTTON[next] : "Train";
  restartButton.disabled = next === undefined || next === "finished";
  for (const id of ["download", "forget"]) byId<HTMLButtonElement>(id).disabled = !next;
  status.textContent = next ? STATUS[next] : "Not trained yet.";
}

function showOverview(overview: Overview | undefined): void {
  dashboard.open(overview);
  samples.show(overview?.samples ?? []);
  writer.open(overview !== undefined);
  byId("facts").textContent = overview ? factsOf(overview) : "";
  if (!overview) showState(undefined);
}

function factsOf(overview: Overview): string {
  const { title, settings, parameters, bytes, trained, different, info } = overview;
  const { layers, heads, width, context, batch } = settings;
  return [
    `${title}: ${formatCount(trained)} characters to train on, ${different} different ones.`,
    `${layers} layers, ${heads} heads, width ${width}, context ${context}:`,
    `${formatCount(parameters)} parameters, ${(bytes / 1e6).toFixed(0)} MB,`,
    `${formatCount(batch * context)} characters a step,`,
    info.threads === 1 ? "one thread." : `${info.threads} threads.`,
    ...info.notes,
  ].join(" ");
}

/** Trains a new network from its first weights on. */
async function start(): Promise<void> {
  trainButton.disabled = restartButton.disabled = true;
  status.textContent = "Starting…";
  try {
    const book = await chosenBook(byId("book"));
    send({ kind: "start", book, ...chosen(form) });
  } catch (error) {
    showFailure(error instanceof Error ? error.message : String(error));
  }
}

function showFailure(message: string): void {
  showState(undefined);
  status.textContent = `Training failed: ${message}.`;
}

/** Gives the weights as a file, with which Node goes on: see examples/gpt. */
function download(bytes: Uint8Array<ArrayBuffer>): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  link.download = "gpt.safetensors";
  link.click();
  URL.revokeObjectURL(link.href);
}

function take(message: WorkerMessage): void {
  switch (message.kind) {
    case "opened":
      showOverview(message.overview);
      break;
    case "state":
      showState(message.state);
      break;
    case "trained":
      dashboard.train(message);
      break;
    case "reported":
      dashboard.report(message);
      samples.add(message.sample);
      break;
    case "written":
    case "refused":
      writer.take(message);
      break;
    case "exported":
      download(message.bytes);
      break;
    case "unkept":
      byId("kept").textContent = `This browser does not keep the network: ${message.message}.`;
      break;
    case "failed":
      showFailure(message.message);
  }
}

worker.addEventListener("message", ({ data }: MessageEvent<WorkerMessage>) => {
  take(data);
});
trainButton.addEventListener("click", () => {
  if (state === "training") send({ kind: "pause" });
  else if (state === "paused") send({ kind: "resume" });
  else void start();
});
restartButton.addEventListener("click", () => void start());
byId("download").addEventListener("click", () => {
  send({ kind: "export" });
});
byId("forget").addEventListener("click", () => {
  send({ kind: "forget" });
});
limitThreads(form);
send({ kind: "open", threads: chosen(form).threads });
