import { type Engine, createEngine } from "gradlane";
import { type Style, Trainer } from "../../gpt/trainer.mjs";
import type { Book, History, Overview, State, Threads } from "./protocol.ts";
import type { PageMessage, WorkerMessage } from "./protocol.ts";
import { forget, keep, load } from "./storage.ts";

/** The worker that trains, writes, and keeps what it has learnt in the browser's storage. */

/** Milliseconds of training between looks at what the page asks for. */
const SLICE = 100;

/** Samples of a training, and measures of its validation loss, whose windows are those of a few pages. */
const [REPORTS, WINDOWS] = [40, 128];

/** Characters of a sample, and of each piece of a text that the page asks for. */
const [SAMPLE, PIECE] = [160, 8];

/** Network that learns a text. */
interface Training extends History {
  readonly book: Book;
  readonly engine: Engine;
  readonly trainer: Trainer;
  /** Losses of the steps since the last report. */
  readonly losses: number[];
}

let training: Training | undefined;

/** The loop that trains; undefined while none does. */
let loop: symbol | undefined;

function tell(message: WorkerMessage): void {
  postMessage(message);
}

function enter(state: State): void {
  tell({ kind: "state", state });
}

function overviewOf({ book, engine, trainer, points, samples }: Training): Overview {
  const { settings, step, model, train, alphabet } = trainer;
  return {
    ...{ title: book.title, settings, step, points, samples, info: engine.info },
    parameters: model.parameters.reduce((sum, { data }) => sum + data.length, 0),
    bytes: model.memoryPlan.total,
    trained: train.length,
    different: alphabet.characters.length,
  };
}

function mean(losses: readonly number[]): number {
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

/** Puts a training in the place of the one before it. */
function replace(next: Training | undefined): void {
  training?.engine.dispose();
  training = next;
  tell({ kind: "opened", overview: next && overviewOf(next) });
}

/** Makes an engine and a trainer in it; the engine is disposed of if that fails. */
async function equip(threads: Threads, make: (engine: Engine) => Trainer | Promise<Trainer>) {
  const engine = await createEngine({ threads });
  try {
    return { engine, trainer: await make(engine) };
  } catch (error) {
    engine.dispose();
    throw error;
  }
}

async function open({ threads }: PageMessage & { kind: "open" }): Promise<void> {
  const saved = await load().catch(() => undefined);
  if (!saved) {
    replace(undefined);
    return;
  }
  const { book, checkpoint, points, samples } = saved;
  const made = await equip(threads, (engine) => Trainer.resume(engine, book.text, checkpoint));
  replace({ book, ...made, points, samples, losses: [] });
  enter(made.trainer.isDone ? "finished" : "paused");
}

async function start(message: PageMessage & { kind: "start" }): Promise<void> {
  const { book, settings, threads } = message;
  const made = await equip(threads, (engine) => new Trainer(engine, book.text, settings));
  replace({ book, ...made, points: [], samples: [], losses: [] });
  await report(training!);
  run();
}

/** Trains for a while, or until a report is due. */
async function slice(current: Training): Promise<void> {
  const { trainer, points } = current;
  const every = Math.ceil(trainer.settings.steps / REPORTS);
  const losses: number[] = [];
  const from = performance.now();
  const isDue = (): boolean => trainer.isDone || trainer.step % every === 0;
  do losses.push(trainer.trainStep());
  while (!isDue() && performance.now() - from < SLICE);
  const milliseconds = (performance.now() - from) / losses.length;
  const point = { x: trainer.step, batch: mean(losses) };
  points.push(point);
  current.losses.push(...losses);
  tell({ kind: "trained", step: trainer.step, milliseconds, point });
  if (isDue()) await report(current);
}

/** Measures and shows what the network has learnt, and keeps it. */
async function report(current: Training): Promise<void> {
  const { trainer, points, samples } = current;
  const { step } = trainer;
  const style = { count: SAMPLE, temperature: 0.8, seed: 1 };
  const losses = current.losses.splice(0);
  // A mean belongs to the middle of its steps.
  const trained = { x: step - losses.length / 2, train: mean(losses) };
  const tested = { x: step, test: await trainer.validationLoss(WINDOWS) };
  const news = losses.length > 0 ? [trained, tested] : [tested];
  const sample = { step, text: [...trainer.write("", style)].join("") };
  points.push(...news);
  samples.push(sample);
  tell({ kind: "reported", points: news, sample });
  await save(current);
}

/** Keeps a training where the browser allows it: without, the page works until it is closed. */
async function save({ book, trainer, points, samples }: Training): Promise<void> {
  const checkpoint = await trainer.save();
  await keep({ book, checkpoint, points, samples }).catch((error: unknown) => {
    tell({ kind: "unkept", message: messageOf(error) });
  });
}

/** Trains slice by slice; in between other messages have their turn. */
function run(): void {
  loop = Symbol("loop");
  enter("training");
  goOn(loop);
}

/** Goes on with a loop, unless it was ended or another one has begun. */
function goOn(own: symbol): void {
  alone(async () => {
    if (!training || loop !== own) return;
    await slice(training);
    if (!training.trainer.isDone) {
      setTimeout(goOn, 0, own);
      return;
    }
    loop = undefined;
    enter("finished");
  });
}

async function pause(): Promise<void> {
  if (!training || !loop) return;
  loop = undefined;
  await save(training);
  enter("paused");
}

/** Writes what the page asks for, in pieces, as it comes. */
function write(prompt: string, style: Style): void {
  let text = "";
  try {
    for (const character of training!.trainer.write(prompt, style)) {
      text += character;
      if (text.length % PIECE === 0) tell({ kind: "written", text, isDone: false });
    }
    tell({ kind: "written", text, isDone: true });
  } catch (error) {
    tell({ kind: "refused", message: messageOf(error) });
  }
}

async function exported(): Promise<void> {
  tell({ kind: "exported", bytes: await training!.trainer.save() });
}

async function dispose(): Promise<void> {
  loop = undefined;
  await forget();
  replace(undefined);
}

function handle(message: PageMessage): Promise<void> | void {
  switch (message.kind) {
    case "open":
      return open(message);
    case "start":
      return start(message);
    case "pause":
      return pause();
    case "resume":
      return run();
    case "write":
      return write(message.prompt, message.style);
    case "export":
      return exported();
    case "forget":
      return dispose();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

let turn = Promise.resolve();

/** Does one thing after the other: a network that trains cannot write, nor be replaced. */
function alone(work: () => Promise<void> | void): void {
  turn = turn.then(work).catch((error: unknown) => {
    loop = undefined;
    tell({ kind: "failed", message: messageOf(error) });
  });
}

addEventListener("message", ({ data }: MessageEvent<PageMessage>) => {
  alone(() => handle(data));
});
