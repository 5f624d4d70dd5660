// A GPT that learns to write like a book, character by character.
// Run: node examples/gpt/gpt.mjs [FILE.txt] [--steps N] [--save FILE] …   (after npm run build)
import { readFile, rename, writeFile } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { createEngine } from "gradlane";
import { refuse } from "../command-line.mjs";
import { readArguments } from "./arguments.mjs";
import { RECIPE } from "./network.mjs";
import { plan, progress, quote, wrap } from "./print.mjs";
import { Trainer } from "./trainer.mjs";

/** The first chapters of a novel. */
const BOOK = new URL("moby-dick.txt", import.meta.url);

/** Characters of the samples that show how it learns. */
const SAMPLE = 76;

const { file = BOOK, resume, save, changes, every, prompt, generate, ...options } = readArguments();
const text = await readFile(file, "utf8").catch(({ message }) => refuse(message));
const engine = await createEngine(options.engine);
const trainer = resume
  ? await Trainer.resume(engine, text, await readFile(save), changes)
  : new Trainer(engine, text, { ...RECIPE, ...changes });
const style = { seed: trainer.settings.seed, ...options.style };

/** Saves to a new file, which then replaces the old one: whatever happens, one of them is whole. */
async function saveTo(path) {
  await writeFile(`${path}.new`, await trainer.save());
  await rename(`${path}.new`, path);
}

let validationLoss;

/** Prints how far it is, and what it writes by now. @param trained mean loss and time of steps */
async function report(trained) {
  validationLoss = await trainer.validationLoss();
  console.log(progress({ step: trainer.step, validationLoss, ...trained }));
  console.log(quote([...trainer.write("", { ...style, count: SAMPLE })].join("")));
  if (save !== undefined) await saveTo(save);
}

trainer.alphabet.encode(prompt); // refused now, if need be, and not after minutes of training
console.log(`${plan(trainer)}\n`);
for (const note of engine.info.notes) console.log(`note: ${note}`);

if (trainer.step === 0) await report();
while (!trainer.isDone) {
  const losses = [];
  const start = performance.now();
  do losses.push(trainer.trainStep());
  while (!trainer.isDone && trainer.step % every !== 0);
  const milliseconds = (performance.now() - start) / losses.length;
  const loss = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  await report({ loss, milliseconds });
}

validationLoss ??= await trainer.validationLoss();
const bits = validationLoss / Math.LN2;
console.log(`\n${bits.toFixed(3)} bits per character of the text that it never saw.\n`);
const sample = trainer.write(prompt, { ...style, count: generate });
console.log(wrap(prompt + [...sample].join("")));
engine.dispose();
