// What the tests have a worker train: digits, by a network of the page's choice.
import { adam, crossEntropy, dense, sequential, serveTraining } from "../../dist/index.js";
import { loadDigits } from "../../dist/digits.js";

serveTraining(async ({ units = 32, loads = false } = {}) => ({
  network: sequential([dense(units, { activation: "relu" }), dense(10)]),
  compile: { inputShape: [64], loss: crossEntropy(), optimizer: adam(), metrics: ["accuracy"] },
  ...(loads && { data: (await loadDigits()).train }),
}));
