// Has a worker train with an onEpochEnd that rejects, prints what `finished` rejects with, and leaves it
// at that: the process has to end by itself.
import { trainInWorker } from "../../dist/index.js";
import { loadDigits } from "../../dist/digits.js";

const { train: data } = await loadDigits();
const error = new Error("from the page");
const onEpochEnd = () => Promise.reject(error);
const trainer = new URL("trainer.mjs", import.meta.url);
const training = trainInWorker(trainer, { data, epochs: 100_000, threads: 2, onEpochEnd });
console.log(await training.finished.catch((reason) => reason === error));
