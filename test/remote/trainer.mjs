// What the tests have a worker train: digits, by a network of the page's choice.
import { adam, crossEntropy, dense, sequential, serveTraining } from "../../dist/index.js";
import { loadDigits } from "../../dist/digits.js";

/** Lets events come for some milliseconds after each step. */
function slow(milliseconds) {
  return { onBatchEnd: () => new Promise((resolve) => setTimeout(resolve, milliseconds)) };
}

serveTraining(async ({ units = 32, loads = false, stepMs = 0 } = {}) => ({
  network: sequential([dense(units, { activation: "relu" }), dense(10)]),
  compile: { inputShape: [64], loss: crossEntropy(), optimizer: adam(), metrics: ["accuracy"] },
  ...(loads && { data: (await loadDigits()).train }),
  ...(stepMs > 0 && { callbacks: [slow(stepMs)] }),
}));
